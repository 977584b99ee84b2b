import Glibc
package import Logging
package import MartletBackends
package import MartletCore
import Synchronization

/// Runs versions as processes, and lets none of them outlive it.
package final class ProcessSupervisor: BackendSupervisor {
    /// What a process gets of the server's environment, without being named.
    private static let usualVariables = [
        "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH",
        "VIRTUAL_ENV", "PYTHONPATH",
    ]
    private static let pollInterval = Duration.milliseconds(20)

    private struct State {
        var backends: [Int64: SupervisedBackend] = [:]
        /// Those that nothing runs yet.
        var waiting: [SupervisedBackend] = []
        var wake: AsyncStream<Void>.Continuation?
        /// What the environment of each has besides that of the settings.
        var variables: [String: String] = [:]
    }

    private let settings: SupervisorSettings
    /// Of the rooms of all backends.
    private let root: String
    /// Tells this run from those of servers before it, whose processes others may still be about to end.
    private let run = UInt64.random(in: .min ... .max)
    private let surroundings: BackendSurroundings
    /// What each gets of the server's environment.
    private let inherited: [String: String]
    private let state = Mutex(State())

    /// - Parameters:
    ///   - folder: Where backends have their files; one server's alone.
    ///   - meter: Knows of the requests to them.
    ///   - presentName: Says how a version is named when a process for it is about to be started.
    package init(
        _ settings: SupervisorSettings,
        folder: String,
        probe: HTTPBackendProbe,
        meter: any BackendMeter,
        presentName: @escaping @Sendable (RunnableVersion) async throws(MartletError) -> RunnableVersion,
        logger: Logger
    ) throws(MartletError) {
        self.settings = settings
        self.root = try Self.makeFolder(folder)
        self.inherited = (Self.usualVariables + settings.environment).reduce(into: [:]) { found, name in
            found[name] = getenv(name).map { String(cString: $0) }
        }
        self.surroundings = BackendSurroundings(
            ports: PortPool(settings.ports),
            probe: probe,
            meter: meter,
            presentName: presentName,
            logger: logger
        )
    }

    /// What all its processes have in their environment, and those of no server before it.
    package var mark: String { "\(self.rootMark)\(self.run):" }

    /// What the processes of all servers with its folder have, one after the other.
    private var rootMark: String { "\(self.root):" }

    /// Kills what processes of a mark there still are: those of a server that has died.
    package static func endOrphans(of mark: String) -> Int { ProcessTable.kill(marked: mark) }

    /// Runs what is to run until this task is cancelled, and ends all of it then.
    ///
    /// - Parameter variables: What the environment of each has besides that of the settings.
    package func run(with variables: [String: String]) async {
        let orphans = Self.endOrphans(of: self.rootMark)
        if orphans > 0 {
            self.surroundings.logger.notice("ended processes of a server that died", metadata: ["count": "\(orphans)"])
        }
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.state.withLock { ($0.wake, $0.variables) = (wake, variables) }
        wake.yield()
        await withDiscardingTaskGroup { group in
            for await _ in wakes {
                for backend in self.takeWaiting() { group.addTask { await self.run(backend) } }
            }
        }
        _ = Self.endOrphans(of: self.mark)
    }

    private func takeWaiting() -> [SupervisedBackend] {
        self.state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
    }

    private func run(_ backend: SupervisedBackend) async {
        let variables = self.inherited.merging(self.state.withLock { $0.variables }) { _, own in own }
        let room = self.room(of: backend)
        repeat { await backend.run(in: room, with: variables) } while !Task.isCancelled && !self.forget(backend)
        room.clear()
    }

    /// Lets go of a backend unless somebody wants it again by now.
    private func forget(_ backend: SupervisedBackend) -> Bool {
        self.state.withLock { state in
            guard backend.isOver else { return false }
            state.backends[backend.version.key] = nil
            self.room(of: backend).remove()
            return true
        }
    }

    private func room(of backend: SupervisedBackend) -> BackendRoom {
        BackendRoom(
            of: backend.version.key,
            below: self.root,
            runMark: self.mark,
            logBytesMax: self.settings.logBytesMax
        )
    }

    private static func makeFolder(_ path: String) throws(MartletError) -> String {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST, let real = realpath(path, nil) else {
            throw MartletError(.unavailable, "cannot make the folder '\(path)': \(String(cString: strerror(errno)))")
        }
        defer { free(real) }
        return String(cString: real)
    }
}

/// What the domain asks for.
extension ProcessSupervisor {
    package func keep(_ versions: [RunnableVersion: Int64]) {
        self.state.withLock { state in
            for (version, milliseconds) in versions {
                self.backend(for: version, &state).need(forRequestsOf: .milliseconds(milliseconds))
            }
            let keys = Set(versions.keys.map(\.key))
            for (key, backend) in state.backends where !keys.contains(key) { backend.release() }
            state.wake?.yield()
        }
    }

    package func prepare(_ version: RunnableVersion) async throws(MartletError) {
        // One that answers was started with a name that was right then.
        if self.url(of: version.key) == nil { try self.settings.command.require(nameOf: version) }
        let deadline = ContinuousClock.now + self.settings.startTimeout
        let backend = self.state.withLock { state in
            let backend = self.backend(for: version, &state)
            backend.hasten(warmFor: self.settings.startTimeout + self.settings.warmTime)
            state.wake?.yield()
            return backend
        }
        while backend.url == nil {
            if let failure = backend.failure { throw self.refusal(of: backend, failure) }
            guard ContinuousClock.now < deadline else {
                throw self.refusal(of: backend, "it was not ready after \(self.settings.startTimeout)")
            }
            do { try await Task.sleep(for: Self.pollInterval) } catch {
                throw MartletError(.unavailable, "The server is shutting down.")
            }
        }
    }

    package func url(of versionKey: Int64) -> String? {
        self.state.withLock { $0.backends[versionKey] }?.url
    }

    package func reports(lines: Int) -> [BackendReport] {
        let backends = self.state.withLock { Array($0.backends.values) }.sorted { $0.version.key < $1.version.key }
        return backends.map { $0.report(in: self.room(of: $0), lines: lines) }
    }

    private func backend(for version: RunnableVersion, _ state: inout State) -> SupervisedBackend {
        if let backend = state.backends[version.key] { return backend }
        let backend = SupervisedBackend(
            version,
            settings: self.settings,
            surroundings: self.surroundings,
            warmUntil: .now + self.settings.warmTime
        )
        state.backends[version.key] = backend
        state.waiting.append(backend)
        return backend
    }

    /// Says why a version could not be made ready, and keeps it no longer.
    private func refusal(of backend: SupervisedBackend, _ reason: String) -> MartletError {
        let line = self.room(of: backend).log.lastLines(1).first.map { "; the last it said: \($0.prefix(500))" } ?? ""
        backend.dismiss()
        return MartletError(.unavailable, "\(backend.version.label) cannot be made ready: \(reason)\(line)")
    }
}
