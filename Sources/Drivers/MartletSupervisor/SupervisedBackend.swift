import Logging
import MartletBackends
import MartletCore
import Synchronization

/// One version that runs: a process, and after its end another one, for as long as somebody needs it.
final class SupervisedBackend: Sendable {
    /// How often is looked whether it answers, and whether it is still needed.
    private static let glance = Duration.milliseconds(100)
    private static let inspection = Duration.seconds(1)

    private struct Condition {
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
        /// Until when it stays though nothing needs it.
        var warmUntil: ContinuousClock.Instant
    }

    let version: RunnableVersion
    private let settings: SupervisorSettings
    private let surroundings: BackendSurroundings
    private let condition: Mutex<Condition>

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
    func need() {
        self.condition.withLock { $0.isNeeded = true }
    }

    /// Says that nothing in force needs it; the first time that it is said counts.
    func release(warmFor time: Duration) {
        self.condition.withLock { condition in
            if condition.isNeeded { condition.warmUntil = .now + time }
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

    func report(in room: BackendRoom?, lines: Int) -> BackendReport {
        let condition = self.condition.withLock { $0 }
        return BackendReport(
            version: self.version,
            state: condition.state,
            isNeeded: condition.isNeeded,
            process: condition.process,
            url: condition.url,
            restarts: max(0, condition.starts - 1),
            memoryBytes: condition.process.flatMap { _ in room.map { ProcessTable.memoryBytes(marked: $0.mark) } },
            trouble: condition.trouble,
            lines: room?.log.lastLines(lines) ?? []
        )
    }
}

/// The life of one process.
extension SupervisedBackend {
    private enum End: Sendable {
        /// The process ended by itself, or never began.
        case ended(String)
        /// It was told to, for this reason.
        case told(String?)
    }

    private func live(in room: BackendRoom, _ variables: [String: String]) async {
        guard let port = self.surroundings.ports.take() else {
            return self.noteEnd(.ended("no port of \(self.settings.ports) is free"))
        }
        defer { self.surroundings.ports.give(port) }
        self.condition.withLock { ($0.state, $0.starts) = (.starting, $0.starts + 1) }
        let end = await withTaskGroup(of: End.self) { group in
            group.addTask { await self.execute(in: room, port, variables) }
            group.addTask { .told(await self.watch(in: room, port)) }
            let first = await group.next() ?? .told(nil)
            // Whichever is left: the process is told to end, or nobody watches any more.
            group.cancelAll()
            await group.waitForAll()
            return first
        }
        self.noteEnd(end)
    }

    /// Runs the process until it ends, and all that it has started.
    private func execute(in room: BackendRoom, _ port: Int, _ variables: [String: String]) async -> End {
        let process = BackendProcess(
            command: self.settings.launched(self.settings.command.filled(for: self.version, port: port)),
            room: room,
            environment: variables,
            stopTimeout: self.settings.stopTimeout
        )
        let reason = await process.run { id in self.condition.withLock { $0.process = id } }
        self.condition.withLock { ($0.process, $0.url) = (nil, nil) }
        return .ended(reason)
    }

    /// Watches the process until it must end; returns why, or nothing when it only is not needed any more.
    private func watch(in room: BackendRoom, _ port: Int) async -> String? {
        let url = "http://127.0.0.1:\(port)"
        if let trouble = await self.troubleStarting(url, port, room) { return trouble }
        guard !Task.isCancelled, !self.isOver else { return self.noteStop() }
        self.condition.withLock { condition in
            (condition.state, condition.url, condition.readySince) = (.ready, url, .now)
            condition.trouble = nil
        }
        self.surroundings.logger.info(
            "a backend is ready",
            metadata: ["version": "\(self.version.label)", "url": "\(url)"]
        )
        var inspected = ContinuousClock.now
        while await self.glance() {
            guard .now - inspected >= Self.inspection else { continue }
            inspected = .now
            room.log.trim()
            if let trouble = self.excess(in: room) { return trouble }
        }
        return self.noteStop()
    }

    /// Waits until it answers, or is not needed any more.
    private func troubleStarting(_ url: String, _ port: Int, _ room: BackendRoom) async -> String? {
        let deadline = ContinuousClock.now + self.settings.startTimeout
        repeat {
            if case .success(200..<300) = await self.surroundings.probe.status(of: url + self.settings.healthPath) {
                return ProcessTable.owns(port: port, marked: room.mark)
                    ? nil : "another process listens on its port \(port)"
            }
            if let trouble = self.excess(in: room) { return trouble }
            if ContinuousClock.now >= deadline {
                return "it was not ready after \(self.settings.startTimeout.components.seconds) s"
            }
        } while await self.glance()
        return nil
    }

    private func excess(in room: BackendRoom) -> String? {
        guard let max = self.settings.memoryBytesMax else { return nil }
        let used = ProcessTable.memoryBytes(marked: room.mark)
        return used > max ? "it used \(used) bytes of memory, more than \(max)" : nil
    }

    /// Waits a moment; returns whether it is still to run.
    private func glance() async -> Bool {
        // Only cancellation ends it early, and that is looked at next.
        try? await Task.sleep(for: Self.glance)
        return !Task.isCancelled && !self.isOver
    }

    private func noteStop() -> String? {
        self.condition.withLock { ($0.state, $0.url) = (.stopping, nil) }
        return nil
    }

    private func noteEnd(_ end: End) {
        let reason: String? =
            switch end {
            case .ended(let reason): reason
            case .told(let reason): reason
            }
        let isWanted = !Task.isCancelled && !self.isOver
        let failures = self.condition.withLock { condition in
            let life = condition.readySince.map { ContinuousClock.now - $0 }
            (condition.readySince, condition.url, condition.process) = (nil, nil, nil)
            condition.trouble = reason ?? condition.trouble
            condition.pauseEnd = ContinuousClock.now + condition.policy.ended(after: life)
            condition.state = condition.policy.isLooping ? .failing : .waiting
            return condition.policy.failures
        }
        guard let reason, isWanted else { return }
        self.surroundings.logger.warning(
            "a backend has ended, and is started again",
            metadata: ["version": "\(self.version.label)", "reason": "\(reason)", "failures": "\(failures)"]
        )
    }

    /// Waits until it may be started again.
    private func pause() async {
        while self.condition.withLock({ ($0.pauseEnd ?? .now) > .now }), await self.glance() {}
    }
}

/// What all backends of a supervisor share.
struct BackendSurroundings: Sendable {
    let ports: PortPool
    let probe: HTTPBackendProbe
    let logger: Logger
}
