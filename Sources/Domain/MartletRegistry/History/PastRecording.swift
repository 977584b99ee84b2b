package import MartletCore
import MartletJSON
import MartletLedger
package import MartletSQL

/// Enters into the ledger what there was before there was one, so that states, rollbacks and retention know of it.
///
/// The entries bear the time at which they are written: what was when before that, nobody has signed.
package struct PastRecording: Sendable {
    private static let act = Act(by: .martlet, reason: "recorded when the ledger began")

    private let database: any Database
    private let surroundings: Surroundings

    package init(database: any Database, surroundings: Surroundings) {
        self.database = database
        self.surroundings = surroundings
    }

    /// Records every model that is not recorded yet, each in one transaction, and returns how many that were.
    ///
    /// To be called at every start: what a crash leaves undone is done by the next.
    package func run() async throws(MartletError) -> Int {
        // Nearly always there is none, and then nobody is kept from writing.
        let isLeft = try await self.database.read { db throws(MartletError) in
            try db.queryOne(PastQueries.nextModel) != nil
        }
        guard isLeft else { return 0 }
        var count = 0
        while try await self.recordNext() { count += 1 }
        return count
    }

    /// Returns whether there was one.
    private func recordNext() async throws(MartletError) -> Bool {
        let now = self.surroundings.now()
        return try await self.database.write { db throws(MartletError) in
            guard let row = try db.queryOne(PastQueries.nextModel) else { return false }
            try Self.record(row, at: now, on: db)
            try db.execute(PastQueries.forget(row.integer(0)))
            return true
        }
    }

    private static func record(_ row: SQLRow, at now: Timestamp, on db: any Connection) throws(MartletError) {
        let model = FoundModel(key: row.integer(0), name: ModelName(trusted: row.text(1)))
        if try Ledger.history(of: model.key, limit: 1, on: db).isEmpty {
            let tags = try db.query(RegisteredModelQueries.tags(of: [model.key])).map { row in
                CanonicalJSON.Member(row.text(1), row.text(2))
            }
            let details = [CanonicalJSON.Member("description", row.optionalText(2)), .init("tags", .object(tags))]
            try Ledger.append(LedgerEvent(.createModel, of: model, by: self.act, at: now, details: details), on: db)
        }
        for row in try db.query(ModelVersionQueries.unrecorded(of: model.key)) {
            try self.record(ModelVersionQueries.decode(row), at: now, on: db)
        }
        guard !row.isNull(3) else { return }
        try Ledger.append(LedgerEvent(.deleteModel, of: model, by: self.act, at: now), on: db)
    }

    private static func record(_ found: FoundVersion, at now: Timestamp, on db: any Connection) throws(MartletError) {
        let present = try ModelVersionLoader.load([found], withAliases: true, from: db)[0]
        var first = present
        (first.stage, first.stageName) = (.candidate, StageName(.candidate))
        let registered = FoundVersion(key: found.key, modelKey: found.modelKey, version: first)
        func append(
            _ action: LedgerAction,
            _ details: [CanonicalJSON.Member] = []
        ) throws(MartletError) -> Int64 {
            try Ledger.append(LedgerEvent(action, of: registered, by: self.act, at: now, details: details), on: db)
        }
        var revision = try append(.registerVersion, VersionWriting.details(first))
        if present.stageName != first.stageName {
            let state = StageMachine.State(present.stageName, present.stage)
            revision = try append(.moveVersion, StageChange.details(from: registered, to: state))
        }
        try db.execute(ModelVersionQueries.setRevision(revision, of: found.key))
        for alias in present.aliases {
            _ = try append(.setAlias, [.init("alias", alias.rawValue), .init("previousVersion", .null)])
        }
        if present.deletedAt != nil { _ = try append(.deleteVersion) }
    }
}

/// Every statement that touches `unrecorded_model`.
private enum PastQueries {
    static let nextModel: SQL = """
        SELECT m.model_key, m.name, m.description, m.deleted_ms
        FROM unrecorded_model u JOIN registered_model m ON m.model_key = u.model_key ORDER BY u.model_key LIMIT 1
        """

    static func forget(_ modelKey: Int64) -> SQL {
        "DELETE FROM unrecorded_model WHERE model_key = \(modelKey)"
    }
}
