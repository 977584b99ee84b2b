package import MartletCore

/// Runs versions as processes of this machine, one for each, and keeps them running.
///
/// What it runs them by is its own settings' business, never a client's. May be used by any number of tasks at once.
/// Nothing here waits for a process but ``prepare(_:)``, and that a bounded time.
package protocol BackendSupervisor: Sendable {
    /// Says which versions shall run from now on. One that is no longer among them stays warm for a while, and then for
    /// as long as requests to it are under way, within bounds.
    ///
    /// - Parameter versions: With how long a request to each may take until its answer begins, in milliseconds.
    func keep(_ versions: [RunnableVersion: Int64])

    /// Runs a version, if it does not run yet, and returns when it answers. Unless it is to be kept by then, it is
    /// stopped after a while.
    ///
    /// - Throws: `unavailable` when it does not answer in time or ends again and again, with the last it said;
    ///   `conflict` when its model has a name that no process can be given.
    func prepare(_ version: RunnableVersion) async throws(MartletError)

    /// Returns the URL below which a version answers; `nil` while it does not.
    func url(of versionKey: Int64) -> String?

    /// Says how everything is that runs, or should.
    ///
    /// - Parameter lines: How much of what each has said lately.
    func reports(lines: Int) -> [BackendReport]
}

/// How one process is doing.
package struct BackendReport: Sendable {
    /// The words are told to clients, and never change.
    package enum State: String, Sendable {
        /// It is there, and does not answer yet.
        case starting
        /// Requests go to it.
        case ready
        /// It has ended, and is started again soon.
        case waiting
        /// It has ended again and again, and is started again ever more rarely.
        case failing
        /// It was told to end.
        case stopping
    }

    package let version: RunnableVersion
    package let state: State
    /// Whether something in force needs it; if not, it is only kept warm.
    package let isNeeded: Bool
    package let process: Int32?
    package let url: String?
    /// How many requests of this server are under way to it.
    package let requests: Int
    /// How often it was started again.
    package let restarts: Int
    /// Of it and all that it has started, as the system counts each page of each process.
    package let memoryBytes: Int64?
    /// Why it ended last, or does not answer.
    package let trouble: String?
    /// The last it said, the oldest line first.
    package let lines: [String]

    package init(
        version: RunnableVersion,
        state: State,
        isNeeded: Bool,
        process: Int32?,
        url: String?,
        requests: Int,
        restarts: Int,
        memoryBytes: Int64?,
        trouble: String?,
        lines: [String]
    ) {
        self.version = version
        self.state = state
        self.isNeeded = isNeeded
        self.process = process
        self.url = url
        self.requests = requests
        self.restarts = restarts
        self.memoryBytes = memoryBytes
        self.trouble = trouble
        self.lines = lines
    }
}
