package import MartletCore
package import MartletSQL
import Synchronization

/// Where the gateway puts what it has decided.
package final class DecisionLog: Sendable {
    /// How many records may wait; those that come on top are counted and dropped.
    package static let capacity = 100_000
    private static let rowsPerWrite = 500

    private typealias Answer = CheckedContinuation<Result<Void, MartletError>, Never>

    private struct State {
        var waiting: [Decision] = []
        var completions: [Decision] = []
        var droppedCount = 0
        /// Records that somebody waits for.
        var urgent: [(decision: Decision, answer: Answer)] = []
        /// Whether a task writes the urgent ones.
        var isWritingUrgent = false
    }

    private let database: any Database
    private let units: ExperimentUnitLog
    private let state = Mutex(State())

    /// - Parameter units: What is told of decisions that have ended.
    package init(database: any Database, units: ExperimentUnitLog) {
        self.database = database
        self.units = units
    }

    /// How many records have been dropped since the start.
    package var droppedCount: Int { self.state.withLock { $0.droppedCount } }

    /// Writes a record, and returns when it is durable. Those that come while a commit is under way share the next one,
    /// and one statement.
    package func record(_ decision: Decision) async throws(MartletError) {
        let result: Result<Void, MartletError> = await withCheckedContinuation { answer in
            let isFirst = self.state.withLock { state in
                state.urgent.append((decision, answer))
                defer { state.isWritingUrgent = true }
                return !state.isWritingUrgent
            }
            if isFirst { Task { await self.writeUrgent() } }
        }
        try result.get()
        // Of one whose answer only begins, ``complete(_:)`` tells.
        if decision.answer != nil || decision.failure != nil { self.units.note(decision) }
    }

    /// Writes batch after batch until nobody waits.
    private func writeUrgent() async {
        while let batch = self.nextUrgent() {
            let result = await self.write(batch.map(\.decision), [])
            for (_, answer) in batch { answer.resume(returning: result) }
        }
    }

    private func nextUrgent() -> [(decision: Decision, answer: Answer)]? {
        self.state.withLock { state in
            guard !state.urgent.isEmpty else {
                state.isWritingUrgent = false
                return nil
            }
            let batch = Array(state.urgent.prefix(Self.rowsPerWrite))
            state.urgent.removeFirst(batch.count)
            return batch
        }
    }

    /// Writes a record with the next ``flush()``.
    package func offer(_ decision: Decision) {
        self.units.note(decision)
        self.state.withLock { state in
            guard state.waiting.count < Self.capacity else { return state.droppedCount += 1 }
            state.waiting.append(decision)
        }
    }

    /// Notes with the next ``flush()`` how a decision ended that was recorded when it began.
    package func complete(_ decision: Decision) {
        self.units.note(decision)
        self.state.withLock { state in
            guard state.completions.count < Self.capacity else { return state.droppedCount += 1 }
            state.completions.append(decision)
        }
    }

    /// Writes everything that waits. What cannot be written waits for the next time.
    ///
    /// - Parameter start: What was decided before is dropped: the records of that time may be sealed.
    package func flush(from start: Timestamp) async throws(MartletError) {
        self.dropAll(before: start)
        while true {
            let (decisions, completions) = self.state.withLock { state in
                (Array(state.waiting.prefix(Self.rowsPerWrite)), Array(state.completions.prefix(Self.rowsPerWrite)))
            }
            guard !(decisions.isEmpty && completions.isEmpty) else { return }
            try await self.write(decisions, completions).get()
            self.state.withLock { state in
                state.waiting.removeFirst(decisions.count)
                state.completions.removeFirst(completions.count)
            }
        }
    }

    private func dropAll(before start: Timestamp) {
        self.state.withLock { state in
            let count = state.waiting.count + state.completions.count
            state.waiting.removeAll { $0.at < start }
            state.completions.removeAll { $0.at < start }
            state.droppedCount += count - state.waiting.count - state.completions.count
        }
    }

    /// - Parameters:
    ///   - decisions: New ones.
    ///   - completions: Those whose end is to be noted.
    private func write(_ decisions: [Decision], _ completions: [Decision]) async -> Result<Void, MartletError> {
        guard let first = decisions.first ?? completions.first else { return .success(()) }
        do throws(MartletError) {
            // Nobody else writes decisions of these ids, and nothing is decided by them.
            try await self.database.write(.only(WriteKey("decision", first.id.description))) {
                db throws(MartletError) in
                try db.executeLater(DecisionQueries.insert(decisions))
                for decision in completions { try db.execute(DecisionQueries.complete(decision)) }
            }
            return .success(())
        } catch {
            return .failure(error)
        }
    }
}
