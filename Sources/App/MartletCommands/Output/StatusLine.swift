import Glibc
import Synchronization

/// One line on the standard error stream that changes; only on a terminal.
final class StatusLine: Sendable {
    private static let pause = Duration.milliseconds(100)

    private let isTerminal: Bool
    private let state = Mutex(State())

    private struct State {
        var lastShown: ContinuousClock.Instant?
        var isVisible = false
    }

    init(isSilent: Bool = false) {
        self.isTerminal = !isSilent && isatty(STDERR_FILENO) == 1
    }

    /// Shows a text, unless one was shown just now.
    func show(_ text: @autoclosure () -> String) {
        guard self.isTerminal else { return }
        self.state.withLock { state in
            let now = ContinuousClock.now
            if let last = state.lastShown, now - last < Self.pause { return }
            state.lastShown = now
            state.isVisible = true
            ErrorOutput.write("\r\u{1B}[K" + text())
        }
    }

    /// Removes the line.
    func clear() {
        self.state.withLock { state in
            if state.isVisible { ErrorOutput.write("\r\u{1B}[K") }
            state = State()
        }
    }
}
