import MartletCore
import MartletLedger
import MartletSQL

/// Which versions were in a stage, as the ledger tells it: each one that entered lies on those before it, and a
/// rollback takes those above its target away.
struct StageStack {
    private(set) var versions: [Int64] = []

    init(_ story: [LedgerReading], in stage: StageName) {
        for entry in story {
            guard let version = entry.version, Self.moves(entry) else { continue }
            guard entry.text("to") == stage.rawValue, entry.text("from") != stage.rawValue else { continue }
            if entry.action == .rollBackVersion, let position = self.versions.lastIndex(of: version) {
                self.versions.removeSubrange((position + 1)...)
            } else {
                self.versions.append(version)
            }
        }
    }

    /// The version that a rollback brings back, and the entry that last moved any version of the model.
    static func rollbackTarget(
        of name: ModelName,
        in stage: StageName,
        on db: any Connection
    ) throws(MartletError) -> (target: VersionNumber, lastMove: Int64) {
        let model = try FoundModel.find(name, on: db)
        let story = try Ledger.moves(of: model.key, on: db)
        let present = Set(try db.query(ModelVersionQueries.numbers(in: stage, of: model.key)).map { $0.integer(0) })
        var rest = StageStack(story, in: stage).versions
        // Down to the one that is there now, and below it; from the top if none is.
        if let top = rest.lastIndex(where: present.contains) { rest.removeSubrange(top...) }
        while let number = rest.popLast() {
            guard !present.contains(number) else { continue }
            guard let row = try db.queryOne(ModelVersionQueries.find(VersionNumber(number), of: name)) else { continue }
            return (ModelVersionQueries.decode(row).version.number, try self.lastMove(of: name, on: db))
        }
        throw MartletError(.conflict, "No version of '\(name)' was in '\(stage)' before the present one.")
    }

    /// The entry that last registered or moved a version of a model; -1 for none.
    static func lastMove(of name: ModelName, on db: any Connection) throws(MartletError) -> Int64 {
        let model = try FoundModel.find(name, on: db)
        return try db.queryOne(ModelVersionQueries.lastMove(of: model.key))?.optionalInteger(0) ?? -1
    }

    private static func moves(_ entry: LedgerReading) -> Bool {
        entry.action == .moveVersion || entry.action == .rollBackVersion
    }
}
