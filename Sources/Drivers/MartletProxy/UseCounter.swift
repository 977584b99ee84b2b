import MartletBackends
import Synchronization

/// Counts what becomes of the requests that one event loop sends to a backend.
///
/// One for each event loop, so that threads do not wait for each other; anybody may read it.
final class UseCounter: Sendable {
    private let begun = Atomic(0)
    private let ended = Atomic(0)
    private let streamsBegun = Atomic(0)
    private let streamsEnded = Atomic(0)
    private let heard = Atomic(0)

    func begin() { self.begun.add(1, ordering: .relaxed) }

    func end() { self.ended.add(1, ordering: .releasing) }

    func beginStream() { self.streamsBegun.add(1, ordering: .relaxed) }

    func endStream() { self.streamsEnded.add(1, ordering: .releasing) }

    func hear() { self.heard.add(1, ordering: .relaxed) }

    /// Adds what it has counted. What ends while that is read may be counted as under way, never the other way round.
    func add(to use: inout BackendUse) {
        let (ended, streamsEnded) = (
            self.ended.load(ordering: .acquiring), self.streamsEnded.load(ordering: .acquiring)
        )
        let begun = self.begun.load(ordering: .relaxed)
        use.begun += begun
        use.underWay += begun - ended
        use.streaming += self.streamsBegun.load(ordering: .relaxed) - streamsEnded
        use.heard += self.heard.load(ordering: .relaxed)
    }
}
