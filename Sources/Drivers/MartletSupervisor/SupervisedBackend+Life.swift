import Logging
import MartletBackends
import MartletCore
import Synchronization

/// The life of one process, from its start until nobody watches it any more.
extension SupervisedBackend {
    private static let inspection = Duration.seconds(1)
    /// How many of them there are for each that also looks for processes that have left the others.
    private static let inspectionsOfAll = 16

    private enum End: Sendable {
        /// The process ended by itself, or never began.
        case ended(String)
        /// It was told to, for this reason.
        case told(String?)
    }

    /// Runs one process, and notes how it ended.
    func live(in room: BackendRoom, _ variables: [String: String]) async {
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
        let version: RunnableVersion
        do throws(MartletError) { version = try await self.surroundings.presentName(self.version) } catch {
            return .ended("nobody knows what it is called now: \(error.message)")
        }
        let command: [String]
        do throws(MartletError) { command = try self.settings.command.filled(for: version, port: port) } catch {
            return .ended(error.message)
        }
        let process = BackendProcess(
            command: self.settings.launched(command),
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
        guard !Task.isCancelled, !self.isOver else {
            self.noteStop()
            return nil
        }
        self.condition.withLock { condition in
            (condition.state, condition.url, condition.readySince) = (.ready, url, .now)
            condition.trouble = nil
        }
        self.surroundings.logger.info(
            "a backend is ready",
            metadata: ["version": "\(self.version.label)", "url": "\(url)"]
        )
        let trouble = await withTaskGroup(of: String?.self) { group in
            group.addTask { await self.inspect(url, room) }
            if let period = self.settings.healthPeriod {
                group.addTask { await self.listen(to: url, every: period) }
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        self.noteStop()
        if trouble == nil { await self.drain(url, room) }
        return trouble
    }

    /// Looks after what it uses for as long as it is to answer; returns what is wrong.
    private func inspect(_ url: String, _ room: BackendRoom) async -> String? {
        var inspected = ContinuousClock.now
        var count = 0
        while await self.waitThenCheck() || self.isDraining(url) {
            guard .now - inspected >= Self.inspection else { continue }
            inspected = .now
            count += 1
            room.log.trim()
            if let trouble = self.excess(in: room, isThorough: count % Self.inspectionsOfAll == 0) { return trouble }
        }
        return nil
    }

    /// Asks now and then whether it is still there; returns when it is not, or this task is cancelled.
    private func listen(to url: String, every period: Duration) async -> String? {
        var pulse = Pulse(self.surroundings.meter.use(of: url), at: .now)
        while true {
            do { try await Task.sleep(for: period) } catch { return nil }
            let isAnswered = await self.surroundings.probe.answers(url + self.settings.healthPath)
            let (use, time) = (self.surroundings.meter.use(of: url), self.condition.withLock { $0.requestTime })
            guard let silence = pulse.note(isAnswered: isAnswered, use, requestTime: time, at: .now), !Task.isCancelled
            else { continue }
            return "it has answered nothing for \(silence.components.seconds) s, \(self.settings.healthPath) neither"
        }
    }

    /// Whether nothing needs it, but for requests that are under way.
    private func isDraining(_ url: String) -> Bool {
        !Task.isCancelled && .now < self.drainEnd && self.surroundings.meter.use(of: url).underWay > 0
    }

    private var drainEnd: ContinuousClock.Instant {
        self.condition.withLock { $0.warmUntil + max(self.settings.drainTime, $0.requestTime) }
    }

    /// Lets requests end whose senders have got its address in the last moment, when there are no more to come.
    private func drain(_ url: String, _ room: BackendRoom) async {
        repeat {
            room.log.trim()
            // As in `waitThenCheck()`.
            try? await Task.sleep(for: Self.pollInterval)
        } while self.isDraining(url)
    }

    /// Waits until it answers, or is not needed any more.
    private func troubleStarting(_ url: String, _ port: Int, _ room: BackendRoom) async -> String? {
        let deadline = ContinuousClock.now + self.settings.startTimeout
        repeat {
            room.log.trim()
            if case .success(200..<300) = await self.surroundings.probe.status(of: url + self.settings.healthPath) {
                return ProcessTable.owns(port: port, marked: room.mark)
                    ? nil : "another process listens on its port \(port)"
            }
            if let trouble = self.excess(in: room, isThorough: false) { return trouble }
            if ContinuousClock.now >= deadline {
                return "it was not ready after \(self.settings.startTimeout.components.seconds) s"
            }
        } while await self.waitThenCheck()
        return nil
    }

    /// - Parameter isThorough: Whether all processes of the system are looked at.
    private func excess(in room: BackendRoom, isThorough: Bool) -> String? {
        guard let max = self.settings.memoryBytesMax, let process = self.condition.withLock({ $0.process }) else {
            return nil
        }
        let family = isThorough ? nil : ProcessTable.memoryBytes(below: process)
        let used = family ?? ProcessTable.memoryBytes(marked: room.mark)
        return used > max ? "it used \(used) bytes of memory, more than \(max)" : nil
    }

    /// Waits a moment; returns whether it is still to run.
    private func waitThenCheck() async -> Bool {
        // Only cancellation ends it early, and that is looked at next.
        try? await Task.sleep(for: Self.pollInterval)
        return !Task.isCancelled && !self.isOver
    }

    private func noteStop() {
        self.condition.withLock { ($0.state, $0.url) = (.stopping, nil) }
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
    func pause() async {
        while self.condition.withLock({ ($0.pauseEnd ?? .now) > .now }), await self.waitThenCheck() {}
    }
}
