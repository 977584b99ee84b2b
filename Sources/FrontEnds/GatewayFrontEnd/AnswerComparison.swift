import MartletDeployments

/// Compares answers one after the other: however long and however many they are, that takes one thread at a time.
actor AnswerComparison {
    func agreement(
        of shadow: ComparedAnswer,
        with returned: ComparedAnswer?,
        by settings: DeploymentSettings
    ) -> Agreement {
        Agreement(of: shadow, with: returned, by: settings)
    }
}
