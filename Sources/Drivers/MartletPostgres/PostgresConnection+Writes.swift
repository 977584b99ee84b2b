import MartletCore
import MartletSQL

extension PostgresConnection: GroupingConnection {
    /// Takes the locks of all scopes before anything is read: READ COMMITTED looks anew for each statement, so that
    /// every one sees what the last holder of the locks has committed.
    ///
    /// Everybody takes the lock on everything first and keys in ascending order, so that nobody waits in a circle. All
    /// travels with the first statement of the first write.
    func begin(_ scopes: [WriteScope]) throws(MartletError) {
        self.setLimit(self.durationOfWrites)
        try self.openWriteSession()
        try self.send(prepared: "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
        let keys = Set(scopes.compactMap(\.key?.hash)).sorted()
        if scopes.contains(where: { $0.key == nil && $0.sharedKey == nil }) { try self.lockEverything() }
        for key in keys {
            try self.send(
                prepared: "SELECT pg_advisory_xact_lock_shared(\(Self.everything)), pg_advisory_xact_lock(\(key))"
            )
        }
        for key in Set(scopes.compactMap(\.sharedKey?.hash)).sorted() {
            try self.send(prepared: "SELECT pg_advisory_xact_lock_shared(\(key))")
        }
    }

    /// Waits until no other write runs, and lets none run until the transaction's end.
    func lockEverything() throws(MartletError) {
        try self.send(prepared: "SELECT pg_advisory_xact_lock(\(Self.everything))")
    }

    /// Apart from all keys: PostgreSQL has one space of locks for pairs of numbers and another for single ones.
    private static let everything: SQL = "1296126572, 1"

    func settle() throws(MartletError) {
        try self.receive()
    }

    /// What is still open of a lone write travels with its commit.
    func commit() throws(MartletError) {
        let session = try self.numberTransaction()
        do throws(MartletError) {
            try self.sendNumber(of: session)
            try self.send("COMMIT", keepsResult: true)
            let command = try self.receive()?.end?.command
            guard command == "COMMIT" else { throw .refusedCommit }
        } catch {
            guard error.isPassing, error.endsConnection else { throw error }
            try self.askForOutcome(of: session, error)
        }
    }

    func rollBack() {
        guard self.hasConnection else { return }
        do throws(MartletError) {
            try self.send("ROLLBACK")
            try self.receive()
        } catch {
            // A connection that cannot roll back is not to be used any more; the server rolls back when it is gone.
            self.close()
        }
    }

    func openSavepoint() throws(MartletError) { try self.send("SAVEPOINT request") }
    func rollBackToSavepoint() throws(MartletError) { try self.send("ROLLBACK TO request") }
    func releaseSavepoint() throws(MartletError) { try self.send("RELEASE request") }
}

extension MartletError {
    /// A statement of a body had failed, and the body did not pass it on.
    fileprivate static var refusedCommit: MartletError {
        MartletError(.internal, "database error", cause: PostgresMessage(text: "a failed transaction was committed"))
    }
}
