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

    /// That a request may be sent.
    package struct Admission: Sendable {
        /// How often the backend had been ejected or readmitted by then.
        fileprivate let turn: Int
        /// Whether it is the only one that tries an ejected backend.
        fileprivate let isTrial: Bool
    }

    /// How many failures in a row make an outlier.
    private static let failuresMax = 5
    private static let pause = TimeAmount.seconds(5)
    private static let pauseMax = TimeAmount.seconds(60)

    private struct State {
        var turn = 0
        var failures = 0
        /// Until when nobody asks it; from then on one request is let through at a time.
        var ejectedUntil: NIODeadline?
        var ejections: Int64 = 0
        var isTrying = false

        mutating func readmit() {
            self = State(turn: self.turn + 1)
        }

        mutating func eject(at now: NIODeadline) {
            self.turn += 1
            self.ejections += 1
            self.ejectedUntil = now + min(BackendHealth.pause * self.ejections, BackendHealth.pauseMax)
        }
    }

    private let state = Mutex(State())

    package init() {}

    /// Returns `nil` while nothing may be sent; otherwise ``note(_:of:at:)`` must follow.
    package func admit(at now: NIODeadline) -> Admission? {
        self.state.withLock { state in
            guard let end = state.ejectedUntil else { return Admission(turn: state.turn, isTrial: false) }
            guard now >= end, !state.isTrying else { return nil }
            state.isTrying = true
            return Admission(turn: state.turn, isTrial: true)
        }
    }

    /// Notes what became of a request.
    package func note(_ sign: Sign, of admission: Admission, at now: NIODeadline) {
        self.state.withLock { state in
            // That what was under way then fails as well says nothing new.
            guard admission.turn == state.turn else {
                if sign == .alive, state.failures > 0 { state.readmit() }
                return
            }
            if admission.isTrial { state.isTrying = false }
            switch sign {
            case .none: break
            case .alive: if state.failures > 0 { state.readmit() }
            case .failed:
                state.failures += 1
                if state.failures >= Self.failuresMax { state.eject(at: now) }
            }
        }
    }

    /// Forgets what it did before.
    package func readmit() {
        self.state.withLock { $0.readmit() }
    }
}
