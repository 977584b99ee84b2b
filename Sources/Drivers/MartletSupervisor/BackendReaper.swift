import Glibc
import Subprocess
import SystemPackage

/// A process that outlives a server which was killed, for as long as it takes to end what that one ran.
package enum BackendReaper {
    /// Between two of them, if one is ended by somebody else.
    private static let pause = Duration.seconds(1)

    /// Keeps such a process until this task is cancelled.
    ///
    /// - Parameter command: What calls ``stand(for:)``.
    package static func keep(_ command: [String]) async {
        while !Task.isCancelled {
            await self.keepOne(command)
            // Only cancellation ends it early.
            try? await Task.sleep(for: self.pause)
        }
    }

    private static func keepOne(_ command: [String]) async {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { return }
        defer { close(ends[1]) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var options = PlatformOptions()
        options.createSession = true
        // What went wrong shows in that there is none, and is tried again.
        _ = try? await Subprocess.run(
            Configuration(
                executable: .path(FilePath(command[0])),
                arguments: Arguments(Array(command.dropFirst())),
                environment: .custom([:] as [Environment.Key: String]),
                workingDirectory: "/",
                platformOptions: options
            ),
            input: .fileDescriptor(FileDescriptor(rawValue: ends[0]), closeAfterSpawningProcess: true),
            output: .discarded,
            error: .discarded
        )
    }

    /// Waits for the end of the standard input, which is the end of the server, and ends all processes of a mark.
    package static func stand(for mark: String) {
        // A server that is told to end ends this one, too, when it has ended the others.
        for signal in [SIGTERM, SIGINT, SIGHUP] { Glibc.signal(signal, SIG_IGN) }
        var byte: UInt8 = 0
        while read(STDIN_FILENO, &byte, 1) > 0 || errno == EINTR {}
        _ = ProcessTable.kill(marked: mark)
    }
}
