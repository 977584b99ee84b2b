package import MartletCore
package import MartletJournal
package import MartletSQL
import Synchronization

/// Where the gateway puts what it has decided.
///
/// A record that somebody waits for is durable in the journal first, where the database is this server's own, and comes
/// into the database with the others. Where other servers share the database, it is written there at once: they could
/// not read the journal, and the machine may be gone tomorrow.
package final class DecisionLog: Sendable {
    /// How many records may wait; those that come on top are counted and dropped, or refused where somebody waits.
    package static let capacity = 100_000
    /// As many as come between two flushes at the gateway's full speed: each write waits for the disk.
    private static let rowsPerWrite = 2_000

    private struct State {
        /// Offered.
        var waiting: [Decision] = []
        /// In the journal.
        var journaled: [Decision] = []
        var completions: [Decision] = []
        var droppedCount = 0
        /// Records that somebody waits for, and that are not being written yet.
        var batch: DecisionBatch?

        var isEmpty: Bool { self.waiting.isEmpty && self.journaled.isEmpty && self.completions.isEmpty }
    }

    private let database: any Database
    private let journal: Journal?
    private let units: ExperimentUnitLog
    private let state = Mutex(State())
    private let flushing = AsyncMutex()

    /// - Parameters:
    ///   - journal: Where records are until they are in the database; `nil` where others share that.
    ///   - units: What is told of decisions that have ended.
    package init(database: any Database, journal: Journal?, units: ExperimentUnitLog) {
        self.database = database
        self.journal = journal
        self.units = units
    }

    /// How many records have been dropped since the start.
    package var droppedCount: Int { self.state.withLock { $0.droppedCount } }

    /// Brings what an earlier process has left in the journal into the database; to be called before anything else.
    package func recover() async throws(MartletError) {
        guard let journal, !journal.leftovers.isEmpty else { return }
        var decisions: [Decision] = []
        for record in journal.leftovers { decisions.append(try Decision(journaled: record)) }
        self.state.withLock { [decisions] in $0.journaled = decisions }
        try await self.flush()
        try journal.forgetLeftovers()
    }

    /// Makes a record durable, and says when it is, or why it is not; on any thread.
    package func record(_ decision: Decision, then answer: @escaping @Sendable (MartletError?) -> Void) {
        let answer: DecisionBatch.Answer = { failure in
            if failure == nil { self.note(decision) }
            answer(failure)
        }
        guard let journal else { return self.add(decision, answer) }
        guard self.state.withLock({ $0.journaled.count < Self.capacity }) else {
            return answer(MartletError(.unavailable, "too many records wait for the database"))
        }
        journal.append(decision.journaled) { failure in
            if failure == nil { self.state.withLock { $0.journaled.append(decision) } }
            answer(failure)
        }
    }

    /// Adds a record to those that are written next.
    ///
    /// The first of several that come while others are being written begins a batch for all of them: when its turn
    /// comes, it takes along whatever has come.
    private func add(_ decision: Decision, _ answer: @escaping DecisionBatch.Answer) {
        let begun: DecisionBatch? = self.state.withLock { state in
            if let batch = state.batch, batch.add(decision, answer) { return nil }
            let batch = DecisionBatch(decision, answer)
            state.batch = batch
            return batch
        }
        guard let begun else { return }
        Task {
            do throws(MartletError) {
                try await self.database.write(.decision(decision.id)) { db throws(MartletError) in
                    try db.executeLater(DecisionQueries.insert(begun.close()))
                }
                begun.finish(nil)
            } catch {
                begun.finish(error)
            }
        }
    }

    /// Of a decision whose answer only begins, ``complete(_:)`` tells.
    private func note(_ decision: Decision) {
        if decision.answer != nil || decision.failure != nil { self.units.note(decision) }
    }

    /// Writes a record with the next ``flush(from:)``.
    package func offer(_ decision: Decision) {
        self.note(decision)
        self.state.withLock { state in
            guard state.waiting.count < Self.capacity else { return state.droppedCount += 1 }
            state.waiting.append(decision)
        }
    }

    /// Notes with the next ``flush(from:)`` how a decision ended that was recorded when it began.
    package func complete(_ decision: Decision) {
        self.note(decision)
        self.state.withLock { state in
            guard state.completions.count < Self.capacity else { return state.droppedCount += 1 }
            state.completions.append(decision)
        }
    }
}

/// Writing what waits.
extension DecisionLog {
    /// Writes everything that waits by now. What cannot be written waits for the next time.
    ///
    /// - Parameter start: What was offered and decided before is dropped: the records of that time may be sealed.
    package func flush(from start: Timestamp? = nil) async throws(MartletError) {
        if self.state.withLock(\.isEmpty) { return }
        try await self.flushing.withLock { () async throws(MartletError) in
            if let start { self.dropAll(before: start) }
            try await self.writeJournaled()
            try await self.take(\.waiting) { decisions, db throws(MartletError) in
                try db.executeLater(DecisionQueries.insert(decisions))
            }
            try await self.take(\.completions) { decisions, db throws(MartletError) in
                for decision in decisions { try db.execute(DecisionQueries.complete(decision)) }
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

    private func writeJournaled() async throws(MartletError) {
        guard let journal, !self.state.withLock(\.journaled.isEmpty) else { return }
        // All that is in the file that it leaves waits here now.
        await journal.turn()
        try await self.take(\.journaled) { decisions, db throws(MartletError) in
            try db.executeLater(DecisionQueries.insert(decisions))
        }
        try journal.free()
    }

    /// Has what waits in one place written, but not what comes meanwhile.
    private func take(
        _ place: WritableKeyPath<State, [Decision]>,
        _ write: @escaping @Sendable ([Decision], any Connection) throws(MartletError) -> Void
    ) async throws(MartletError) {
        let all = self.state.withLock { $0[keyPath: place] }
        for start in stride(from: 0, to: all.count, by: Self.rowsPerWrite) {
            let some = Array(all[start...].prefix(Self.rowsPerWrite))
            try await self.database.write(.decision(all[start].id)) { db throws(MartletError) in try write(some, db) }
            self.state.withLock { $0[keyPath: place].removeFirst(some.count) }
        }
    }
}

extension WriteScope {
    /// Nobody else writes a decision of that id, and nothing is decided by it.
    fileprivate static func decision(_ id: DecisionID) -> WriteScope {
        .only(WriteKey("decision", id.description))
    }
}
