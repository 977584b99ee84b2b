package import MartletCore

extension Database {
    /// Runs a statement until it finds less than it might, each time in a transaction of its own: however much there is
    /// to do, nobody waits for long meanwhile.
    ///
    /// - Parameter statement: Changes at most as many rows as it is told, of those that it has not changed yet.
    package func executeInSteps(
        _ scope: WriteScope = .everything,
        _ statement: (_ rowsMax: Int) -> SQL
    ) async throws(MartletError) {
        let rowsMax = 1_000
        let sql = statement(rowsMax)
        while try await self.write(scope, { db throws(MartletError) in try db.execute(sql) }) == rowsMax {}
    }
}
