import Glibc
import MartletCore
import Subprocess
import SystemPackage

/// A process that serves a version, in a session of its own.
struct BackendProcess: Sendable {
    private static let pollInterval = Duration.milliseconds(50)

    /// A program and its arguments.
    let command: [String]
    let room: BackendRoom
    let environment: [String: String]
    let stopTimeout: Duration

    /// Runs it until it ends, and then ends what it has started. Cancelled, it is told to end, and made to when it
    /// takes too long.
    ///
    /// - Parameter onStart: Called with its id.
    /// - Returns: Why it ended.
    func run(_ onStart: @escaping @Sendable (pid_t) -> Void) async -> String {
        do {
            try self.room.prepare()
            let log = FileDescriptor(rawValue: try self.room.log.open())
            let result = try await Subprocess.run(
                self.configuration,
                input: .none,
                output: .fileDescriptor(log, closeAfterSpawningProcess: true),
                error: .combinedWithOutput
            ) { execution in
                onStart(execution.processIdentifier.value)
            }
            await self.endRest(isPatient: Task.isCancelled)
            return switch result.terminationStatus {
            case .exited(let status): "it ended with status \(status)"
            case .signaled(let signal): "it was ended by signal \(signal)"
            }
        } catch {
            await self.endRest(isPatient: false)
            return "it cannot be started: \((error as? MartletError)?.message ?? "\(error)")"
        }
    }

    private var configuration: Configuration {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [
            .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: self.stopTimeout)
        ]
        let program = self.command[0]
        return Configuration(
            executable: program.contains("/") ? .path(FilePath(program)) : .name(program),
            arguments: Arguments(Array(self.command.dropFirst())),
            environment: .custom(self.room.environment(besides: self.environment)),
            workingDirectory: FilePath(self.room.path),
            platformOptions: options
        )
    }

    /// Ends what the process has started and left behind.
    ///
    /// - Parameter isPatient: Whether it was told to end as well, and may take its time.
    private func endRest(isPatient: Bool) async {
        let deadline = ContinuousClock.now + self.stopTimeout
        while isPatient, .now < deadline, ProcessTable.exists(marked: self.room.mark) {
            // This task is cancelled, and would not sleep.
            await Task { try? await Task.sleep(for: Self.pollInterval) }.value
        }
        ProcessTable.kill(marked: self.room.mark)
        self.room.clear()
    }
}
