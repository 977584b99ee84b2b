import MartletCore
import MartletArtifacts
package import MartletRegistry
package import MartletRouting
import MartletSQL

/// An arm that somebody asks for, by whatever name they know its version.
package struct ArmDraft: Sendable {
    package let model: ModelName
    package let version: VersionSelector
    /// The version that the name meant when that was settled; `nil` where it is still to be found.
    let versionKey: Int64?
    package let role: Arm.Role
    package let share: Share
    /// `nil` for the version's own.
    package let name: ArmName?
    package let backend: Backend

    package init(
        _ version: VersionSelector,
        of model: ModelName,
        settledAs versionKey: Int64? = nil,
        as role: Arm.Role = .primary,
        share: Share = .all,
        name: ArmName? = nil,
        backend: Backend = .supervised
    ) {
        self.model = model
        self.version = version
        self.versionKey = versionKey
        self.role = role
        self.share = share
        self.name = name
        self.backend = backend
    }

    fileprivate func servable(on db: any Connection) throws(MartletError) -> ServableVersion {
        if let versionKey { return try .find(key: versionKey, on: db) }
        return try .find(self.version, of: self.model, on: db)
    }

    /// What it was asked for by.
    var asked: String { "\(self.model)@\(self.version)" }
}

/// An arm whose version was found.
struct ResolvedArm: Sendable {
    let arm: Arm
    let files: [SealedTree.File]

    init(_ draft: ArmDraft, on db: any Connection) throws(MartletError) {
        let servable = try draft.servable(on: db)
        let version = ServedVersion(servable)
        let standardName = try ArmName(validating: version.label)
        self.arm = Arm(
            name: draft.name ?? standardName,
            role: draft.role,
            share: draft.share,
            version: version,
            backend: draft.backend
        )
        self.files = try servable.files(on: db)
    }
}
