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
        /// Until when no other may try an ejected backend; `nil` where it was not.
        fileprivate let trialEnd: NIODeadline?
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
        /// Until when the one that was let through is waited for: it may take its time for other reasons.
        var trialEnd: NIODeadline?

        mutating func readmit() {
            self = State(turn: self.turn + 1)
        }

        mutating func eject(at now: NIODeadline) {
            self.turn += 1
            self.ejections += 1
            self.ejectedUntil = now + min(BackendHealth.pause * self.ejections, BackendHealth.pauseMax)
            self.trialEnd = nil
        }
    }

    private let state = Mutex(State())

    package init() {}

    /// Returns `nil` while nothing may be sent; otherwise ``note(_:of:at:)`` must follow.
    package func admit(at now: NIODeadline) -> Admission? {
        self.state.withLock { state in
            guard let end = state.trialEnd ?? state.ejectedUntil else {
                return Admission(turn: state.turn, trialEnd: nil)
            }
            guard now >= end else { return nil }
            state.trialEnd = now + Self.pause
            return Admission(turn: state.turn, trialEnd: state.trialEnd)
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
            if let end = admission.trialEnd, end == state.trialEnd { state.trialEnd = nil }
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
