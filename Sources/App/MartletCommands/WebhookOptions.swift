import ArgumentParser

/// How webhooks are called, as options.
struct WebhookOptions: ParsableArguments {
    @Option(help: Setting.webhookAllowedTargets.help)
    var webhookAllowedTargets: String?

    @Option(help: Setting.webhookAttempts.help)
    var webhookAttempts: Int?

    @Option(help: Setting.webhookTimeoutSeconds.help)
    var webhookTimeoutSeconds: Int?

    @Option(help: Setting.webhookAuthorityFile.help)
    var webhookAuthorityFile: String?

    var values: [Setting: String?] {
        [
            .webhookAllowedTargets: self.webhookAllowedTargets,
            .webhookAttempts: self.webhookAttempts.map(String.init),
            .webhookTimeoutSeconds: self.webhookTimeoutSeconds.map(String.init),
            .webhookAuthorityFile: self.webhookAuthorityFile,
        ]
    }
}
