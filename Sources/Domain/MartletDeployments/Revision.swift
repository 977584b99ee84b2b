package import MartletCore

/// A deployment as it was made at one time, which never changes.
package struct Revision: Sendable {
    /// Why there is one. The words are stored, and never change.
    package enum Cause: String, Sendable, CaseIterable {
        case deploy
        case rollback
        case settings
        /// An experiment began; nothing else is different.
        case experiment

        /// Whether it leaves alone what a roll-out has done to the arms.
        var keepsArms: Bool { self == .settings || self == .experiment }
    }

    /// 1, 2, 3 and so on.
    package let number: Int64
    package let cause: Cause
    package let arms: [Arm]
    package let settings: DeploymentSettings
    package let act: Act
    package let at: Timestamp
    /// The place of its entry in the ledger.
    package let entry: Int64
    /// The revision that it brings back.
    package let restores: Int64?
    /// How long it took until requests were routed by it; `nil` where nobody asked, or knows.
    package var effect: RevisionEffect?

    /// The arm that is in charge.
    package var primary: Arm? { self.arms.first { $0.role == .primary } }
}

/// A named place where versions serve, as it is now.
package struct Deployment: Sendable {
    /// Names it for good.
    package let key: Int64
    package let name: DeploymentName
    /// What the choice of arms is mixed with; public, and never changed.
    package let salt: String
    package let createdAt: Timestamp
    package internal(set) var revision: Revision
}
