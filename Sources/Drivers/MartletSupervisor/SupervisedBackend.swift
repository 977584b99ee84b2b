import Logging
import MartletBackends
import MartletCore
import Synchronization

/// One version that runs: a process, and after its end another one, for as long as somebody needs it.
final class SupervisedBackend: Sendable {
    /// How often we look whether it answers, and whether it is still needed.
    static let pollInterval = Duration.milliseconds(100)

    /// How it is doing.
    struct Condition {
        var state = BackendReport.State.starting
        var process: Int32?
        var url: String?
        /// How many processes there were.
        var starts = 0
        var trouble: String?
        var policy = RestartPolicy()
        /// Until when the next start waits.
        var pauseEnd: ContinuousClock.Instant?
        var readySince: ContinuousClock.Instant?
        var isNeeded = false
        /// The longest time that a request may take until its answer begins.
        var requestTime = Duration.zero
        /// Until when it stays though nothing needs it.
        var warmUntil: ContinuousClock.Instant
    }

    let version: RunnableVersion
    let settings: SupervisorSettings
    let surroundings: BackendSurroundings
    let condition: Mutex<Condition>

    init(
        _ version: RunnableVersion,
        settings: SupervisorSettings,
        surroundings: BackendSurroundings,
        warmUntil: ContinuousClock.Instant
    ) {
        self.version = version
        self.settings = settings
        self.surroundings = surroundings
        self.condition = Mutex(Condition(warmUntil: warmUntil))
    }

    /// Where it answers; `nil` while it does not.
    var url: String? { self.condition.withLock { $0.url } }

    /// Runs it until nothing needs it, or this task is cancelled.
    func run(in room: BackendRoom, with variables: [String: String]) async {
        while !Task.isCancelled, !self.isOver {
            await self.live(in: room, variables)
            await self.pause()
        }
    }

    /// Whether nothing needs it any more, and it has been kept warm for long enough.
    var isOver: Bool { self.condition.withLock { !$0.isNeeded && $0.warmUntil <= .now } }

    /// Says that something in force needs it.
    ///
    /// - Parameter time: How long requests may take until their answer begins.
    func need(forRequestsOf time: Duration) {
        self.condition.withLock { ($0.isNeeded, $0.requestTime) = (true, time) }
    }

    /// Says that nothing in force needs it; the first time that it is said counts.
    func release() {
        self.condition.withLock { condition in
            if condition.isNeeded { condition.warmUntil = .now + self.settings.warmTime }
            condition.isNeeded = false
        }
    }

    /// Says that somebody wants it soon: what went wrong before is forgotten.
    func hasten(warmFor time: Duration) {
        self.condition.withLock { condition in
            condition.warmUntil = max(condition.warmUntil, .now + time)
            guard condition.url == nil, condition.process == nil else { return }
            condition.policy = RestartPolicy()
            condition.pauseEnd = nil
            condition.state = .starting
        }
    }

    /// Ends it soon though it was to be kept warm.
    func dismiss() {
        self.condition.withLock { $0.warmUntil = .now }
    }

    /// Why it will not answer soon; `nil` when it may.
    var failure: String? {
        self.condition.withLock { $0.state == .failing ? $0.trouble ?? "it ends again and again" : nil }
    }

    func report(in room: BackendRoom, lines: Int) -> BackendReport {
        let condition = self.condition.withLock { $0 }
        return BackendReport(
            version: self.version,
            state: condition.state,
            isNeeded: condition.isNeeded,
            process: condition.process,
            url: condition.url,
            requests: condition.url.map { self.surroundings.meter.use(of: $0).underWay } ?? 0,
            restarts: max(0, condition.starts - 1),
            memoryBytes: condition.process.map { _ in ProcessTable.memoryBytes(marked: room.mark) },
            trouble: condition.trouble,
            lines: room.log.lastLines(lines)
        )
    }
}

/// What all backends of a supervisor share.
struct BackendSurroundings: Sendable {
    let ports: PortPool
    let probe: HTTPBackendProbe
    let meter: any BackendMeter
    /// Says how a version is named now: its model may be called otherwise than when it was deployed.
    let presentName: @Sendable (RunnableVersion) async throws(MartletError) -> RunnableVersion
    let logger: Logger
}
