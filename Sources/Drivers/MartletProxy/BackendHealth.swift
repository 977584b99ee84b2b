package import NIOCore
import Synchronization

/// How a backend has been doing lately: one that fails again and again is left alone for a while.
package final class BackendHealth: Sendable {
    /// What a request says of its backend.
    package enum Sign: Sendable {
        case alive, failed
        /// It came to nothing for another reason.
        case none
    }

    /// How many failures in a row make an outlier.
    private static let failuresMax = 5
    private static let pause = TimeAmount.seconds(5)
    private static let pauseMax = TimeAmount.seconds(60)

    private struct State {
        var failures = 0
        /// Until when nobody asks it; from then on one request is let through at a time.
        var ejectedUntil: NIODeadline?
        var ejections: Int64 = 0
        var isTrying = false
    }

    private let state = Mutex(State())

    package init() {}

    /// Whether a request may be sent now; if so, ``note(_:at:)`` must follow.
    package func admits(at now: NIODeadline) -> Bool {
        self.state.withLock { state in
            guard let end = state.ejectedUntil else { return true }
            guard now >= end, !state.isTrying else { return false }
            state.isTrying = true
            return true
        }
    }

    /// Notes what became of a request.
    package func note(_ sign: Sign, at now: NIODeadline) {
        self.state.withLock { state in
            state.isTrying = false
            switch sign {
            case .none: break
            case .alive: if state.failures > 0 { state = State() }
            case .failed:
                // What was under way when it was ejected says nothing new.
                if let end = state.ejectedUntil, now < end { return }
                state.failures += 1
                guard state.failures >= Self.failuresMax else { return }
                state.ejections += 1
                state.ejectedUntil = now + min(Self.pause * state.ejections, Self.pauseMax)
            }
        }
    }
}
