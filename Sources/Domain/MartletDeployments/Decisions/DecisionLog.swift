package import MartletCore
package import MartletSQL
import Synchronization

/// Where the gateway puts what it has decided.
package final class DecisionLog: Sendable {
    /// How many records may wait; those that come on top are counted and dropped.
    package static let capacity = 100_000
    /// As many as come between two flushes at the gateway's full speed: each write waits for the disk.
    private static let rowsPerWrite = 2_000

    private struct State {
        var waiting: [Decision] = []
        var completions: [Decision] = []
        var droppedCount = 0
        /// Records that somebody waits for, and that are not being written yet.
        var batch: DecisionBatch?
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

    /// Writes a record, and returns when it is durable.
    ///
    /// The first of several that come while others are being written does it for all of them, with one statement: when
    /// its turn comes, it takes along whatever has come.
    package func record(_ decision: Decision) async throws(MartletError) {
        let batch = DecisionBatch(decision)
        let result: Result<Void, MartletError>? = await withCheckedContinuation { (answer: DecisionBatch.Answer) in
            self.state.withLock { state in
                if let present = state.batch, present.add(decision, answer) { return }
                state.batch = batch
                answer.resume(returning: nil)
            }
        }
        if let result {
            try result.get()
        } else {
            let outcome = await self.write(batch.close, [], decision.id)
            batch.finish(outcome)
            try outcome.get()
        }
        self.note(decision)
    }

    /// Of a decision whose answer only begins, ``complete(_:)`` tells.
    private func note(_ decision: Decision) {
        if decision.answer != nil || decision.failure != nil { self.units.note(decision) }
    }

    /// Writes a record with the next ``flush()``.
    package func offer(_ decision: Decision) {
        self.note(decision)
        self.state.withLock { state in
            guard state.waiting.count < Self.capacity else { return state.droppedCount += 1 }
            state.waiting.append(decision)
        }
    }

    /// Notes with the next ``flush()`` how a decision ended that was recorded when it began.
    package func complete(_ decision: Decision) {
        self.note(decision)
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
            guard let first = decisions.first ?? completions.first else { return }
            try await self.write({ decisions }, completions, first.id).get()
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
    ///   - decisions: Says which are new; asked when it is their turn.
    ///   - completions: Those whose end is to be noted.
    ///   - id: One of them.
    private func write(
        _ decisions: @escaping @Sendable () -> [Decision],
        _ completions: [Decision],
        _ id: DecisionID
    ) async -> Result<Void, MartletError> {
        do throws(MartletError) {
            // Nobody else writes decisions of these ids, and nothing is decided by them.
            try await self.database.write(.only(WriteKey("decision", id.description))) { db throws(MartletError) in
                try db.executeLater(DecisionQueries.insert(decisions()))
                for decision in completions { try db.execute(DecisionQueries.complete(decision)) }
            }
            return .success(())
        } catch {
            return .failure(error)
        }
    }
}
