/// The processes that a server runs for versions.
public struct BackendList: Codable, Sendable {
    /// Whether the server runs any.
    public var supervised: Bool
    public var backends: [BackendRecord]

    package init(supervised: Bool, backends: [BackendRecord]) {
        self.supervised = supervised
        self.backends = backends
    }
}

/// How one process is doing.
public struct BackendRecord: Codable, Sendable {
    public var model: String
    public var version: Int64
    /// As in `iris@2.4.1`.
    public var label: String
    /// `starting`, `ready`, `waiting` (it has ended and is started again soon), `failing` (it has ended again and
    /// again) or `stopping`.
    public var state: String
    /// Whether something in force needs it; if not, it is only kept warm.
    public var needed: Bool
    public var process: Int64?
    /// Where it answers, seen from the server's machine.
    public var url: String?
    /// How many requests of this server are under way to it.
    public var requests: Int64
    /// How often it was started again.
    public var restarts: Int64
    /// Of it and all that it has started.
    public var memoryBytes: Int64?
    /// Why it ended last, or does not answer.
    public var trouble: String?
    /// The last it said, the oldest line first.
    public var lines: [String]

    package init(
        model: String,
        version: Int64,
        label: String,
        state: String,
        needed: Bool,
        process: Int64?,
        url: String?,
        requests: Int64,
        restarts: Int64,
        memoryBytes: Int64?,
        trouble: String?,
        lines: [String]
    ) {
        self.model = model
        self.version = version
        self.label = label
        self.state = state
        self.needed = needed
        self.process = process
        self.url = url
        self.requests = requests
        self.restarts = restarts
        self.memoryBytes = memoryBytes
        self.trouble = trouble
        self.lines = lines
    }
}
