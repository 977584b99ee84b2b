package import MartletCore
package import MartletRegistry
package import MartletRouting

/// One of the versions that a deployment's requests go to.
package struct Arm: Sendable, Hashable {
    /// What it is there for. The words are stored, and never change.
    package enum Role: String, Sendable, CaseIterable {
        /// The version that is in charge; there is exactly one.
        case primary
        /// A version that is on its way to be the primary one.
        case canary
        /// A version that is compared with the primary one.
        case challenger
        /// A version that is sent copies of requests, and whose answers nobody gets.
        case shadow

        /// Whether its answers go to clients, so that its share counts.
        package var answers: Bool { self != .shadow }
    }

    /// By which a subject stays on it; unique in a revision.
    package var name: ArmName
    package var role: Role
    /// Of the requests; of a shadow, how many it gets copies of.
    package var share: Share
    package let version: ServedVersion
    package var backend: Backend
}

/// A version as a revision remembers it, whatever becomes of its model's name, aliases and stages.
package struct ServedVersion: Sendable, Hashable {
    package let key: Int64
    /// What the model was called.
    package let model: ModelName
    package let number: VersionNumber
    package let semanticVersion: SemanticVersion?
    /// Of the manifest.
    package let digest: BlobDigest

    /// As in `iris@2.4.1`, or `iris/3` for a version without a semantic one.
    package var label: String {
        self.semanticVersion.map { "\(self.model)@\($0)" } ?? "\(self.model)/\(self.number)"
    }
}

extension ServedVersion {
    init(_ version: ServableVersion) {
        self.init(
            key: version.key,
            model: version.model,
            number: version.number,
            semanticVersion: version.semanticVersion,
            digest: version.digest
        )
    }
}
