package import MartletCore
package import MartletSQL
import Synchronization

/// Where the gateway puts what it has decided.
package final class DecisionLog: Sendable {
    /// How many records may wait; those that come on top are counted and dropped.
    package static let capacity = 100_000
    private static let rowsPerWrite = 500

    private struct State {
        var waiting: [Decision] = []
        var completions: [Decision] = []
        var droppedCount = 0
    }

    private let database: any Database
    private let state = Mutex(State())

    package init(database: any Database) {
        self.database = database
    }

    /// How many records have been dropped since the start.
    package var droppedCount: Int { self.state.withLock { $0.droppedCount } }

    /// Writes a record, and returns when it is durable. Those that come meanwhile share the next commit.
    package func record(_ decision: Decision) async throws(MartletError) {
        // Nobody else writes a decision of that id, and nothing is decided by it.
        try await self.database.write(.only(WriteKey("decision", decision.id.description))) { db throws(MartletError) in
            try db.executeLater(DecisionQueries.insert([decision]))
        }
    }

    /// Writes a record with the next ``flush()``.
    package func offer(_ decision: Decision) {
        self.state.withLock { state in
            guard state.waiting.count < Self.capacity else { return state.droppedCount += 1 }
            state.waiting.append(decision)
        }
    }

    /// Notes with the next ``flush()`` how a decision ended that was recorded when it began.
    package func complete(_ decision: Decision) {
        self.state.withLock { state in
            guard state.completions.count < Self.capacity else { return state.droppedCount += 1 }
            state.completions.append(decision)
        }
    }

    /// Writes everything that waits. What cannot be written waits for the next time.
    package func flush() async throws(MartletError) {
        while true {
            let (decisions, completions) = self.state.withLock { state in
                (Array(state.waiting.prefix(Self.rowsPerWrite)), Array(state.completions.prefix(Self.rowsPerWrite)))
            }
            guard let first = decisions.first ?? completions.first else { return }
            let scope = WriteScope.only(WriteKey("decision", first.id.description))
            try await self.database.write(scope) { db throws(MartletError) in
                try db.execute(DecisionQueries.insert(decisions))
                for decision in completions { try db.execute(DecisionQueries.complete(decision)) }
            }
            self.state.withLock { state in
                state.waiting.removeFirst(decisions.count)
                state.completions.removeFirst(completions.count)
            }
        }
    }
}
