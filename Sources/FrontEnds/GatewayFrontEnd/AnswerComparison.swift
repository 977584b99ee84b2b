import Crypto
import MartletCore
import MartletDeployments

/// Compares answers one after the other: however long and however many they are, that takes one thread at a time.
actor AnswerComparison {
    /// Two whole answers are compared by their bytes and values, others by their digests.
    func agreement(
        of shadow: ComparedAnswer,
        with returned: ComparedAnswer?,
        by settings: DeploymentSettings
    ) -> Agreement {
        guard let returned else { return Agreement(of: shadow, with: nil, by: settings) }
        if case .whole = shadow.body, case .whole = returned.body {
            return Agreement(of: shadow, with: returned, by: settings)
        }
        return Agreement(of: shadow.digested, with: returned.digested, by: settings)
    }
}

extension ComparedAnswer {
    /// Without the bytes.
    fileprivate var digested: ComparedAnswer {
        guard case .whole(let bytes) = self.body else { return self }
        return self.with(.digest(BlobDigest(SHA256.hash(data: bytes))))
    }
}
