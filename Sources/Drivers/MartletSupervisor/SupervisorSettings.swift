/// How versions are run on this machine. Nothing of it comes from a client.
package struct SupervisorSettings: Sendable {
    /// What is run for a version.
    package var command: CommandTemplate
    /// Where it may be told to listen, on 127.0.0.1; outside of what the system gives to connections by itself.
    package var ports: ClosedRange<Int>
    /// What is asked for to learn whether it is ready: any status from 200 to 299.
    package var healthPath: String
    /// How long it may take until it is ready.
    package var startTimeout: Duration
    /// How long it may take to end after SIGTERM.
    package var stopTimeout: Duration
    /// How long it stays after nothing needs it any more.
    package var warmTime: Duration
    /// How long it then waits, at most and where that is longer than a request may take, for requests under way.
    package var drainTime: Duration
    /// How long to wait between looks whether it still answers; `nil` to have none.
    package var healthPeriod: Duration?
    /// How much memory it and what it starts may use; `nil` for any.
    package var memoryBytesMax: Int64?
    /// What each of its processes may use otherwise.
    package var limits: ProcessLimits
    /// A program with leading arguments that takes limits (`--open-files N --niceness N`) and then, after `--`, a
    /// command that it becomes; `nil` to set none.
    package var launcher: [String]?
    /// The variables of the server's environment that it gets besides the usual ones.
    package var environment: [String]
    /// The longest log that is kept, once as it is and once as it was.
    package var logBytesMax: Int64

    package init(
        command: CommandTemplate = .mlflow,
        ports: ClosedRange<Int> = 20_000...29_999,
        healthPath: String = "/ping",
        startTimeout: Duration = .seconds(120),
        stopTimeout: Duration = .seconds(20),
        warmTime: Duration = .seconds(600),
        drainTime: Duration = .seconds(300),
        healthPeriod: Duration? = .seconds(10),
        memoryBytesMax: Int64? = nil,
        limits: ProcessLimits = ProcessLimits(openFilesMax: 4_096, niceness: 0),
        launcher: [String]? = nil,
        environment: [String] = [],
        logBytesMax: Int64 = 8 << 20
    ) {
        self.command = command
        self.ports = ports
        self.healthPath = healthPath
        self.startTimeout = startTimeout
        self.stopTimeout = stopTimeout
        self.warmTime = warmTime
        self.drainTime = drainTime
        self.healthPeriod = healthPeriod
        self.memoryBytesMax = memoryBytesMax
        self.limits = limits
        self.launcher = launcher
        self.environment = environment
        self.logBytesMax = logBytesMax
    }
}

extension SupervisorSettings {
    /// Has a command run with the limits.
    func launched(_ command: [String]) -> [String] {
        guard let launcher else { return command }
        let (files, niceness) = (self.limits.openFilesMax, self.limits.nicenessBelowThisProcess)
        return launcher + ["--open-files", "\(files)", "--niceness", "\(niceness)", "--"] + command
    }
}
