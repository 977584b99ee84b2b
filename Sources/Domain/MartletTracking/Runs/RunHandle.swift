import MartletCore
import MartletSQL

/// An active run inside a transaction that is about to change it.
struct RunHandle {
    let id: RunID
    let key: Int64
    let experimentID: ExperimentID

    /// Finds a run, active or deleted.
    ///
    /// - Throws: `notFound` in the words that every client of ours knows.
    static func find(_ id: RunID, on db: any Connection) throws(MartletError) -> (handle: RunHandle, isDeleted: Bool) {
        guard let row = try db.queryOne(RunQueries.findHandle(id)) else { throw .runNotFound(id) }
        let handle = RunHandle(id: id, key: row.integer(0), experimentID: ExperimentID(row.integer(1)))
        return (handle, !row.isNull(2))
    }

    /// Finds a run that may be written to.
    static func findActive(_ id: RunID, on db: any Connection) throws(MartletError) -> RunHandle {
        let (handle, isDeleted) = try self.find(id, on: db)
        guard !isDeleted else {
            throw .invalid("The run \(id) must be in the 'active' state. Current state is deleted.")
        }
        return handle
    }
}

extension WriteKey {
    /// A run with all that was logged of it. Its experiment is changed by writes of everything only.
    static func run(_ id: RunID) -> WriteKey { WriteKey("run", id.rawValue) }
}

extension MartletError {
    static func runNotFound(_ id: RunID) -> MartletError {
        MartletError(.notFound, "Run with id=\(id) not found")
    }
}
