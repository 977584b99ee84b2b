import MartletCore
import MartletSQL

/// How it is known what became of a commit whose answer was lost.
///
/// Every connection that writes has a row with the number of its last transaction, which each transaction writes there
/// as a part of itself. So the row is right after a crash and on a standby that has taken over, whatever they have
/// kept. Whoever asks closes the row, so that a transaction that is still on its way can never commit.
extension PostgresConnection {
    /// Where a transaction can be looked for afterwards.
    struct WriteSession {
        fileprivate let id: String
        fileprivate var lastNumber: Int64 = 0
    }

    /// Gives a new connection its row, in a transaction of its own: the row must outlive those that count in it.
    func openWriteSession() throws(MartletError) {
        guard self.writeSession == nil else { return }
        if try self.query("SELECT 1 WHERE to_regclass('write_session') IS NOT NULL").isEmpty {
            try self.createWriteSessions()
        }
        // Rows of connections that have not written for so long are of no use to anybody.
        try self.send("DELETE FROM write_session WHERE used_at < now() - interval '30 days'")
        try self.send("INSERT INTO write_session DEFAULT VALUES RETURNING id::text", keepsResult: true)
        guard let row = try self.receive()?.rows.first else { throw .databaseIsSilent }
        self.writeSession = WriteSession(id: row.text(0))
    }

    /// Not by a migration: those are writes already, and the other database needs no such table.
    private func createWriteSessions() throws(MartletError) {
        try self.send("BEGIN")
        try self.lockEverything()
        // `id` is the only indexed column, so that a number writes no index. What is closed takes no other number.
        try self.send(
            """
            CREATE TABLE IF NOT EXISTS write_session (
                id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
                last_number bigint NOT NULL DEFAULT 0,
                closed_at_number bigint CHECK (closed_at_number = last_number),
                used_at timestamptz NOT NULL DEFAULT now()
            ) WITH (fillfactor = 10)
            """
        )
        try self.send("COMMIT")
        try self.receive()
    }

    /// Gives the present transaction its number.
    ///
    /// - Throws: That the connection is lost, before anything was committed.
    func numberTransaction() throws(MartletError) -> WriteSession {
        guard var session = self.writeSession else { throw .connectionLost("the connection is closed") }
        session.lastNumber += 1
        self.writeSession = session
        return session
    }

    /// Has the present transaction write its number; sent with its commit.
    func sendNumber(of session: WriteSession) throws(MartletError) {
        let statement: SQL = """
            UPDATE write_session SET last_number = \(session.lastNumber), used_at = now()
            WHERE id = \(session.id)::text::uuid
            """
        try self.send(prepared: statement)
    }

    /// How long is asked for an outcome though its write has waited for as long as it may.
    private static let outcomePatienceMin = Duration.seconds(2)

    /// Returns when the last transaction of a lost session was committed after all.
    ///
    /// - Throws: A passing error when it was not, nor will be, and may be run again; otherwise that nobody knows.
    func askForOutcome(of session: WriteSession, _ loss: MartletError) throws(MartletError) {
        var retries = Retries(until: max(self.patienceEnd, .now.advanced(by: Self.outcomePatienceMin)))
        repeat {
            // The connection may break again, or wait in vain for a server process that has not noticed its end.
            guard let last = try? self.close(session, until: retries.deadline) else { continue }
            if last == session.lastNumber { return }
            throw last < 0 ? .outcomeUnknown(loss) : loss
        } while retries.wait()
        throw .outcomeUnknown(loss)
    }

    /// Returns the number of the last transaction, after which there will be no more; -1 when nobody knows.
    private func close(
        _ session: WriteSession,
        until deadline: ContinuousClock.Instant
    ) throws(MartletError) -> Int64 {
        try self.open(until: deadline)
        let statement: SQL = """
            UPDATE write_session SET closed_at_number = last_number
            WHERE id = \(session.id)::text::uuid RETURNING last_number
            """
        return try self.queryOne(statement)?.integer(0) ?? -1
    }
}
