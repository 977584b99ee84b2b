package import MartletCore
package import MartletSQL
import Synchronization

/// Where the gateway puts requests and answers that are to be kept.
///
/// Only what was redacted is ever written; until then it is in memory alone.
package final class PayloadLog: Sendable {
    /// The longest body that is kept.
    package static let bodyBytesMax = 256 << 10
    private static let waitingMax = 1_000
    private static let waitingBytesMax = 32 << 20
    private static let rowsPerWrite = 100

    private struct Waiting {
        let id: DecisionID
        let payload: Payload
        let redactions: [[String]]
    }

    private struct State {
        var waiting: [Waiting] = []
        var byteCount = 0
        var droppedCount = 0
    }

    private let database: any Database
    private let state = Mutex(State())

    package init(database: any Database) {
        self.database = database
    }

    /// How many have been dropped since the start, because too many waited.
    package var droppedCount: Int { self.state.withLock { $0.droppedCount } }

    /// Notes what a decision's request and answer were, if its deployment wants that and chance does.
    ///
    /// - Parameters:
    ///   - chance: By which that is decided: the same one, or of a copy the original.
    ///   - payload: Asked for only if it is wanted.
    package func offer(
        _ id: DecisionID,
        by chance: DecisionID,
        of route: Route,
        _ payload: () -> Payload
    ) {
        guard let settings = route.settings.payloads, chance.isIn(settings.share) else { return }
        let waiting = Waiting(id: id, payload: payload(), redactions: settings.redactions)
        self.state.withLock { state in
            let byteCount = state.byteCount + waiting.payload.byteCount
            guard state.waiting.count < Self.waitingMax, byteCount <= Self.waitingBytesMax else {
                return state.droppedCount += 1
            }
            state.byteCount = byteCount
            state.waiting.append(waiting)
        }
    }

    /// Writes all that waits. What cannot be written waits for the next time. Not to be called twice at once.
    package func flush() async throws(MartletError) {
        while true {
            let some = self.state.withLock { Array($0.waiting.prefix(Self.rowsPerWrite)) }
            guard let first = some.first else { return }
            let rows = some.map { ($0.id, $0.payload.redacted($0.redactions)) }
            try await self.database.write(.only(WriteKey("payload", first.id.description))) { db throws(MartletError) in
                try db.execute(PayloadQueries.insert(rows))
            }
            self.state.withLock { state in
                state.waiting.removeFirst(some.count)
                state.byteCount -= some.reduce(0) { $0 + $1.payload.byteCount }
            }
        }
    }
}

extension Payload {
    fileprivate var byteCount: Int { (self.request.bytes?.count ?? 0) + (self.answer.bytes?.count ?? 0) }
}
