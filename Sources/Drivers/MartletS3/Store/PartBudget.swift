package import MartletCore
import Synchronization

/// Bounds the memory of all uploads into a store: how many parts of large files there may be at once.
///
/// They are granted in the order in which they are asked for. Who waits must hold none that becomes free only when
/// somebody else does something: then nobody can wait for ever, but behind senders that have stopped.
package final class PartBudget: Sendable {
    private struct State {
        var grantedCount = 0
        var grantedCountPeak = 0
        var waiting: [(number: Int, continuation: CheckedContinuation<Bool, Never>)] = []
        var lastNumber = 0

        mutating func grant() {
            self.grantedCount += 1
            self.grantedCountPeak = max(self.grantedCountPeak, self.grantedCount)
        }
    }

    private let partsMax: Int
    private let patience: Duration
    private let state = Mutex(State())

    /// - Parameter patience: How long anybody waits.
    package init(partsMax: Int, patience: Duration) {
        self.partsMax = partsMax
        self.patience = patience
    }

    /// How many parts there are.
    package var grantedCount: Int { self.state.withLock { $0.grantedCount } }

    /// The most parts that there ever were at once.
    package var grantedCountPeak: Int { self.state.withLock { $0.grantedCountPeak } }

    /// Waits until there may be one more part.
    ///
    /// - Throws: `unavailable` when that takes too long.
    package func take() async throws(MartletError) {
        let number = self.state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        // Ends with this scope, at the latest when the part was granted.
        async let _: Void = self.expire(number)
        let isGranted = await withCheckedContinuation { continuation in
            let isFree = self.state.withLock { state in
                let isFree = state.grantedCount < self.partsMax
                if isFree { state.grant() } else { state.waiting.append((number, continuation)) }
                return isFree
            }
            if isFree { continuation.resume(returning: true) }
        }
        guard isGranted else {
            throw MartletError(.unavailable, "too many large files are being uploaded at once; try again later")
        }
    }

    /// Ends the use of a part's memory.
    package func giveBack() {
        let next = self.state.withLock { state -> CheckedContinuation<Bool, Never>? in
            if !state.waiting.isEmpty { return state.waiting.removeFirst().continuation }
            state.grantedCount -= 1
            return nil
        }
        next?.resume(returning: true)
    }

    private func expire(_ number: Int) async {
        // Throws when nobody waits any more.
        do { try await Task.sleep(for: self.patience) } catch { return }
        let expired = self.state.withLock { state in
            let index = state.waiting.firstIndex { $0.number == number }
            return index.map { state.waiting.remove(at: $0).continuation }
        }
        expired?.resume(returning: false)
    }
}
