/// Changes which versions serve, in one of these ways, or none if only settings change.
public struct DeployRequest: Codable, Sendable {
    /// These arms and no others.
    public var arms: [ArmRequest]?
    /// One arm gets all requests.
    public var release: ArmRequest?
    /// One more arm, which takes its share from the primary one.
    public var add: ArmRequest?
    /// The name of an arm whose share goes to the primary one.
    public var remove: String?
    /// The name of an arm that gets all requests from now on.
    public var promote: String?
    /// Parts per million by the names of arms; the primary one gets what is left.
    public var shares: [String: Int64]?
    /// Those that change.
    public var settings: DeploymentSettingsDocument?
    /// Whether backends must be ready before requests go to them; so it is where absent.
    public var check: Bool?
    /// Whether all bytes of new versions are read first; otherwise so it is with those of up to 2 GiB.
    public var verify: Bool?
    public var reason: String?

    public init(
        arms: [ArmRequest]? = nil,
        release: ArmRequest? = nil,
        add: ArmRequest? = nil,
        remove: String? = nil,
        promote: String? = nil,
        shares: [String: Int64]? = nil,
        settings: DeploymentSettingsDocument? = nil,
        check: Bool? = nil,
        verify: Bool? = nil,
        reason: String? = nil
    ) {
        self.arms = arms
        self.release = release
        self.add = add
        self.remove = remove
        self.promote = promote
        self.shares = shares
        self.settings = settings
        self.check = check
        self.verify = verify
        self.reason = reason
    }
}

/// An arm that is asked for.
public struct ArmRequest: Codable, Sendable {
    public var model: String
    /// Any name of a version; what it means is settled once, and the arm stays with that version.
    public var version: String
    /// `primary` where absent.
    public var role: String?
    /// All of it where absent.
    public var partsPerMillion: Int64?
    /// As in `iris@2.4.1` where absent.
    public var name: String?
    /// Where the version answers; where absent, the server runs it.
    public var url: String?

    public init(
        model: String,
        version: String,
        role: String? = nil,
        partsPerMillion: Int64? = nil,
        name: String? = nil,
        url: String? = nil
    ) {
        self.model = model
        self.version = version
        self.role = role
        self.partsPerMillion = partsPerMillion
        self.name = name
        self.url = url
    }
}

/// Brings back what served before.
public struct DeploymentRollbackRequest: Codable, Sendable {
    /// The version that shall serve alone, as in `2.3.8` or `iris@2.3.8`; where absent, what served before the version
    /// that came last.
    public var to: String?
    /// Whether that shall happen also when a backend does not answer.
    public var force: Bool?
    public var reason: String?

    public init(to: String? = nil, force: Bool? = nil, reason: String? = nil) {
        self.to = to
        self.force = force
        self.reason = reason
    }
}
