/// Lets a version take over a deployment in steps.
public struct RolloutRequest: Codable, Sendable {
    public var model: String
    /// Any name of a version; what it means is settled at once.
    public var version: String
    /// What the arm is called; as in `iris@2.4.1` where absent.
    public var name: String?
    /// Where the version answers; where absent, the server runs it.
    public var url: String?
    /// The shares that the version gets one after the other, in parts per million.
    public var steps: [Int64]
    /// How long each step lasts at least.
    public var everyMs: Int64
    /// How many requests the version must have answered in a step before the next one; 20 where absent.
    public var atLeast: Int64?
    /// When the first step is taken; at once where absent.
    public var start: String?
    /// What the deployment's conditions are from the first step on; as they are where absent.
    public var conditions: [String]?
    public var reason: String?

    public init(
        model: String,
        version: String,
        name: String? = nil,
        url: String? = nil,
        steps: [Int64],
        everyMs: Int64,
        atLeast: Int64? = nil,
        start: String? = nil,
        conditions: [String]? = nil,
        reason: String? = nil
    ) {
        self.model = model
        self.version = version
        self.name = name
        self.url = url
        self.steps = steps
        self.everyMs = everyMs
        self.atLeast = atLeast
        self.start = start
        self.conditions = conditions
        self.reason = reason
    }
}

/// A roll-out, and how far it is.
public struct RolloutRecord: Codable, Sendable {
    public var deployment: String
    /// `scheduled`, `running`, `paused`, `done` or `aborted`.
    public var state: String
    public var model: String
    public var version: Int64
    public var arm: String
    public var url: String?
    /// In parts per million.
    public var steps: [Int64]
    /// How many of the steps were taken.
    public var stepsDone: Int64
    public var everyMs: Int64
    public var atLeast: Int64
    public var conditions: [String]?
    /// What the last step has written.
    public var revision: Int64?
    /// When the next step may be taken.
    public var dueAt: String
    /// What the next step waits for, if that was asked.
    public var waitsFor: String?
    /// Why it was paused or aborted, or could not take a step that is due.
    public var remark: String?
    /// Who began it.
    public var actor: String
    public var reason: String?
    public var createdAt: String
    public var changedAt: String

    package init(
        deployment: String,
        state: String,
        model: String,
        version: Int64,
        arm: String,
        url: String?,
        steps: [Int64],
        stepsDone: Int64,
        everyMs: Int64,
        atLeast: Int64,
        conditions: [String]?,
        revision: Int64?,
        dueAt: String,
        waitsFor: String?,
        remark: String?,
        actor: String,
        reason: String?,
        createdAt: String,
        changedAt: String
    ) {
        self.deployment = deployment
        self.state = state
        self.model = model
        self.version = version
        self.arm = arm
        self.url = url
        self.steps = steps
        self.stepsDone = stepsDone
        self.everyMs = everyMs
        self.atLeast = atLeast
        self.conditions = conditions
        self.revision = revision
        self.dueAt = dueAt
        self.waitsFor = waitsFor
        self.remark = remark
        self.actor = actor
        self.reason = reason
        self.createdAt = createdAt
        self.changedAt = changedAt
    }
}
