package import MartletCore
package import MartletJournal
package import MartletSQL
package import NIOCore
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

    private let database: any Database
    private let files: JournalFiles?
    private let journal: Journal<JournaledDecision>?
    /// What was decided before may be sealed, so that nothing can be added to it or changed.
    private let oldest: @Sendable () -> Timestamp
    /// Not durable yet, and nobody waits for that.
    private let offered = DecisionQueue(capacity: DecisionLog.capacity)
    /// In the journal, and not in the database yet.
    private let journaled: DecisionQueue
    /// As they ended; as they began, they are in the database or on their way there.
    private let completed = DecisionQueue(capacity: DecisionLog.capacity)
    /// Records that somebody waits for, and that are not being written yet.
    private let batch = Mutex<DecisionBatch?>(nil)
    private let securing = AsyncMutex()
    private let flushing = AsyncMutex()

    /// - Parameters:
    ///   - journal: Where records are until they are in the database; `nil` where others share that.
    ///   - oldest: Since when decisions may be recorded; others are refused where somebody waits, otherwise dropped.
    package init(
        database: any Database,
        journal files: JournalFiles?,
        since oldest: @escaping @Sendable () -> Timestamp
    ) {
        let journaled = DecisionQueue(capacity: Self.capacity)
        self.database = database
        self.files = files
        self.journal = files.map { files in
            Journal(files) { group, failure in
                if failure == nil { journaled.append(group.lazy.map(\.decision)) }
                group.lazy.compactMap(\.waiter).answer(failure)
            }
        }
        self.oldest = oldest
        self.journaled = journaled
    }

    /// How many records have been dropped since the start.
    package var droppedCount: Int { self.offered.droppedCount + self.completed.droppedCount }

    /// How many records would be lost if the process ended now.
    package var waitingCount: Int { self.offered.count + self.completed.count }

    /// Brings what an earlier process has left in the journal into the database; to be called before anything else.
    package func recover() async throws(MartletError) {
        guard let files, !files.leftovers.isEmpty else { return }
        self.journaled.append(
            try files.leftovers.map { record throws(MartletError) in try Decision(journaled: record) }
        )
        try await self.flush()
        try files.forgetLeftovers()
    }

    /// Makes a record durable, and says when it is, or why it is not.
    ///
    /// - Parameters:
    ///   - loop: Where `answer` is called; `nil` for any thread.
    ///   - answer: Told nothing but the reason, if it is not.
    package func record(
        _ decision: Decision,
        on loop: (any EventLoop)?,
        then answer: @escaping @Sendable (MartletError?) -> Void
    ) {
        guard decision.at >= self.oldest() else { return answer(.lateDecision) }
        let waiter = DecisionWaiter(on: loop, answer: answer)
        guard let journal else { return self.add(decision, waiter) }
        guard self.journaled.room > 0 else {
            return answer(MartletError(.unavailable, "too many records wait for the database"))
        }
        journal.append(JournaledDecision(decision, waiter), on: loop)
    }

    /// Adds a record to those that are written next.
    ///
    /// The first of several that come while others are being written begins a batch for all of them: when its turn
    /// comes, it takes along whatever has come.
    private func add(_ decision: Decision, _ waiter: DecisionWaiter) {
        let begun: DecisionBatch? = self.batch.withLock { current in
            if let batch = current, batch.add(decision, waiter) { return nil }
            let batch = DecisionBatch(decision, waiter)
            current = batch
            return batch
        }
        guard let begun else { return }
        Task {
            do throws(MartletError) {
                let start = try await self.database.write(.appending(to: .decisions)) { db throws(MartletError) in
                    let start = try DecisionSealHead.load(on: db).open
                    try db.executeLater(DecisionQueries.insert(begun.close().filter { $0.at >= start }))
                    return start
                }
                begun.finish(writtenFrom: start)
            } catch {
                begun.finish(error)
            }
        }
    }

    /// Makes a record durable with the next ``secure()`` or ``flush()``.
    package func offer(_ decision: Decision) {
        self.offered.offer(decision)
    }

    /// Notes with the next ``flush()`` how a decision ended that was recorded when it began.
    package func complete(_ decision: Decision) {
        self.completed.offer(decision)
    }
}

/// Writing what waits.
extension DecisionLog {
    /// Makes durable what was offered by now and is not too late: in the journal, or where there is none as ``flush()``
    /// does.
    package func secure() async throws(MartletError) {
        guard let journal else { return try await self.flush() }
        try await self.securing.withLock { () async throws(MartletError) in
            let offered = self.offered.take(atMost: self.journaled.room, from: self.oldest())
            if offered.isEmpty { return }
            let failure = await withCheckedContinuation { answer in
                journal.append(JournaledDecision.all(of: offered) { answer.resume(returning: $0) })
            }
            if let failure { throw failure }
            self.offered.finish()
        }
    }

    /// Brings everything that waits by now into the database, but for what is too late and was not promised to be
    /// durable. What cannot be written waits for the next time.
    package func flush() async throws(MartletError) {
        if self.offered.isEmpty, self.journaled.isEmpty, self.completed.isEmpty { return }
        try await self.flushing.withLock { () async throws(MartletError) in
            // What has ended by now has begun before, and so is among the records that are written first.
            let completed = self.completed.take(from: self.oldest())
            try await self.writeDecisions()
            let lateCount = try await self.write(completed) { some, db throws(MartletError) in
                for decision in some { try db.execute(DecisionQueries.complete(decision)) }
            }
            self.completed.finish(dropping: lateCount)
        }
    }

    private func writeDecisions() async throws(MartletError) {
        guard let journal else {
            return try await self.insert(self.offered.take(from: self.oldest()), of: self.offered)
        }
        var failure: MartletError?
        do throws(MartletError) { try await self.secure() } catch { failure = error }
        // All that is in the file that it leaves waits here now.
        await journal.turn()
        try await self.insert(self.journaled.take(), of: self.journaled)
        try journal.free()
        if let failure { throw failure }
    }

    private func insert(_ decisions: [Decision], of queue: DecisionQueue) async throws(MartletError) {
        let lateCount = try await self.write(decisions) { some, db throws(MartletError) in
            try db.executeLater(DecisionQueries.insert(some))
        }
        queue.finish(dropping: lateCount)
    }

    /// Writes so many at once that others need not wait long. What is written before something fails is written again.
    ///
    /// - Returns: How many were too late.
    private func write(
        _ decisions: [Decision],
        _ write: @escaping @Sendable (ArraySlice<Decision>, any Connection) throws(MartletError) -> Void
    ) async throws(MartletError) -> Int {
        var lateCount = 0
        for start in stride(from: 0, to: decisions.count, by: Self.rowsPerWrite) {
            let some = decisions[start...].prefix(Self.rowsPerWrite)
            lateCount += try await self.database.write(.appending(to: .decisions)) { db throws(MartletError) in
                let inTime = try self.inTime(some, on: db)
                try write(inTime, db)
                return some.count - inTime.count
            }
        }
        return lateCount
    }

    /// Returns those that can be added still, also where this server was stopped between its look at the clock and now.
    private func inTime(
        _ decisions: ArraySlice<Decision>,
        on db: any Connection
    ) throws(MartletError) -> ArraySlice<Decision> {
        // What is in a journal is kept, and nothing is sealed before it is written.
        guard self.journal == nil else { return decisions }
        let start = try DecisionSealHead.load(on: db).open
        return decisions.allSatisfy { $0.at >= start } ? decisions : decisions.filter { $0.at >= start }[...]
    }
}
