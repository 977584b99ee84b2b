package import MartletCore
package import MartletJournal
package import MartletSQL
import Synchronization

/// Where the gateway puts what it has decided.
///
/// Where the database is this server's own, records are durable in the journal first, those that somebody waits for at
/// once and others soon, and come into the database many at a time. Where other servers share the database, they are
/// written there: nobody else could read the journal, and the machine may be gone tomorrow.
package final class DecisionLog: Sendable {
    /// How many records may wait; those that come on top are counted and dropped, or refused where somebody waits.
    package static let capacity = 100_000
    /// Nearly as many as come between two flushes at the gateway's full speed: a page of the index of subjects is
    /// written once for all of its rows in a write.
    private static let rowsPerWrite = 10_000

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

        mutating func moveToJournaled(_ count: Int) {
            self.journaled += self.waiting.prefix(count)
            self.waiting.removeFirst(count)
        }
    }

    private let database: any Database
    private let journal: Journal?
    private let units: ExperimentUnitLog
    private let state = Mutex(State())
    private let securing = AsyncMutex()
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
        journal.append([decision.journaled]) { failure in
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

    /// Makes a record durable with the next ``secure(from:)`` or ``flush(from:)``.
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
    /// Makes durable what was offered by now: in the journal, or where there is none as ``flush(from:)`` does.
    ///
    /// - Parameter start: What was decided before is dropped: the records of that time may be sealed.
    package func secure(from start: Timestamp? = nil) async throws(MartletError) {
        guard let journal else { return try await self.flush(from: start) }
        try await self.securing.withLock { () async throws(MartletError) in
            self.drop(\.waiting, before: start)
            let offered = self.state.withLock { $0.waiting.prefix(max(0, Self.capacity - $0.journaled.count)) }
            if offered.isEmpty { return }
            let failure = await withCheckedContinuation { answer in
                journal.append(offered.map(\.journaled)) { failure in
                    if failure == nil { self.state.withLock { $0.moveToJournaled(offered.count) } }
                    answer.resume(returning: failure)
                }
            }
            if let failure { throw failure }
        }
    }

    /// Brings everything that waits by now into the database. What cannot be written waits for the next time.
    ///
    /// - Parameter start: What was decided before and is not durable yet is dropped.
    package func flush(from start: Timestamp? = nil) async throws(MartletError) {
        if self.state.withLock(\.isEmpty) { return }
        try await self.flushing.withLock { () async throws(MartletError) in
            self.drop(\.completions, before: start)
            // What has ended by now has begun before, and so is among the records that are written first.
            let completions = self.state.withLock(\.completions)
            try await self.writeDecisions(from: start)
            try await self.write(completions, from: \.completions) { some, db throws(MartletError) in
                for decision in some { try db.execute(DecisionQueries.complete(decision)) }
            }
        }
    }

    private func writeDecisions(from start: Timestamp?) async throws(MartletError) {
        guard let journal else {
            self.drop(\.waiting, before: start)
            return try await self.insert(\.waiting)
        }
        var failure: MartletError?
        do throws(MartletError) { try await self.secure(from: start) } catch { failure = error }
        // All that is in the file that it leaves waits here now.
        await journal.turn()
        try await self.insert(\.journaled)
        try journal.free()
        if let failure { throw failure }
    }

    private func insert(_ place: WritableKeyPath<State, [Decision]>) async throws(MartletError) {
        let decisions = self.state.withLock { $0[keyPath: place] }
        try await self.write(decisions, from: place) { some, db throws(MartletError) in
            try db.executeLater(DecisionQueries.insert(some))
        }
    }

    /// - Parameter place: Where `decisions` are the first, and are removed when they are written.
    private func write(
        _ decisions: [Decision],
        from place: WritableKeyPath<State, [Decision]>,
        _ write: @escaping @Sendable ([Decision], any Connection) throws(MartletError) -> Void
    ) async throws(MartletError) {
        for start in stride(from: 0, to: decisions.count, by: Self.rowsPerWrite) {
            let some = Array(decisions[start...].prefix(Self.rowsPerWrite))
            try await self.database.write(.decision(some[0].id)) { db throws(MartletError) in try write(some, db) }
            self.state.withLock { $0[keyPath: place].removeFirst(some.count) }
        }
    }

    private func drop(_ place: WritableKeyPath<State, [Decision]>, before start: Timestamp?) {
        guard let start else { return }
        self.state.withLock { state in
            let count = state[keyPath: place].count
            state[keyPath: place].removeAll { $0.at < start }
            state.droppedCount += count - state[keyPath: place].count
        }
    }
}

extension WriteScope {
    /// Nobody else writes a decision of that id, and nothing is decided by it.
    fileprivate static func decision(_ id: DecisionID) -> WriteScope {
        .only(WriteKey("decision", id.description))
    }
}
