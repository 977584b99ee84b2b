import Glibc
import MartletClient
import Synchronization

/// Shows on the standard error stream how far a transfer is: one line that changes, and only on a terminal.
final class ProgressLine: Sendable {
    private static let pause = Duration.milliseconds(100)

    private let verb: String
    private let isTerminal: Bool
    private let state = Mutex(State())

    private struct State {
        var lastShown: ContinuousClock.Instant?
        var isVisible = false
    }

    /// - Parameter verb: What is done to the files, as in `sent`.
    init(_ verb: String, isSilent: Bool) {
        self.verb = verb
        self.isTerminal = !isSilent && isatty(STDERR_FILENO) == 1
    }

    /// Shows how far it is, unless it was shown just now.
    func show(_ progress: TransferProgress) {
        guard self.isTerminal else { return }
        self.state.withLock { state in
            let now = ContinuousClock.now
            if let last = state.lastShown, now - last < Self.pause { return }
            state.lastShown = now
            state.isVisible = true
            ErrorOutput.write("\r\u{1B}[K" + Self.text(progress, self.verb))
        }
    }

    /// Removes the line.
    func clear() {
        self.state.withLock { state in
            if state.isVisible { ErrorOutput.write("\r\u{1B}[K") }
            state = State()
        }
    }

    static func text(_ progress: TransferProgress, _ verb: String) -> String {
        let verb = progress.phase == .checking ? "checked" : verb
        let files = "\(progress.filesDone) of \(Amount.count(progress.filesTotal, "file")) \(verb)"
        guard progress.bytesTotal > 0 else { return files }
        let percent = progress.bytesDone * 100 / progress.bytesTotal
        return "\(files), \(Amount.bytes(progress.bytesDone)) of \(Amount.bytes(progress.bytesTotal)) (\(percent) %)"
    }
}
