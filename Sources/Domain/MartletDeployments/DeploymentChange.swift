package import MartletJSON

/// What somebody wants a deployment to become.
package struct DeploymentChange: Sendable {
    package var arms: ArmChange<ArmDraft>
    /// Those that shall change; `nil` for none.
    package var settings: JSONValue?
    /// The revision that the caller has seen: 0 for none, `nil` for whatever is in force.
    package var expected: Int64?
    /// Whether backends must be ready before requests go to them.
    package var isChecked = true
    /// Whether all bytes of new versions are read, and not only those of small ones.
    package var isVerified = false
    /// The roll-out whose next step this is.
    var stepped: Rollout?

    package init(
        _ arms: ArmChange<ArmDraft>,
        settings: JSONValue? = nil,
        expecting revision: Int64? = nil,
        isChecked: Bool = true,
        isVerified: Bool = false
    ) {
        self.arms = arms
        self.settings = settings
        self.expected = revision
        self.isChecked = isChecked
        self.isVerified = isVerified
    }
}
