package import MartletCore
import MartletArtifacts
import MartletJSON
import MartletLedger
package import MartletSQL

/// How versions go, and come back: deleting hides, restoring brings back, and only purging destroys.
package struct RemovalService: Sendable {
    private static let millisecondsPerYear: Int64 = 31_556_952_000

    private let database: any Database
    private let surroundings: Surroundings
    private let users: [any VersionUsers]

    /// - Parameter users: Asked before a version goes away.
    package init(database: any Database, surroundings: Surroundings, users: [any VersionUsers]) {
        self.database = database
        self.surroundings = surroundings
        self.users = users
    }

    /// Hides a version, and the aliases that point at it.
    package func delete(_ selector: VersionSelector, of name: ModelName, by act: Act) async throws(MartletError) {
        let now = self.surroundings.now()
        try await self.database.write { db throws(MartletError) in
            let found = try FoundVersion.find(selector, of: name, on: db)
            for user in self.users {
                guard let use = try user.use(ofVersion: found.key, on: db) else { continue }
                throw MartletError(.conflict, "Version \(found.version.number) of '\(name)' serves in \(use).")
            }
            try Self.hide(found, by: act, at: now, on: db)
        }
    }

    /// Returns the number of a version. A number or a semantic version finds deleted ones too.
    package func number(
        _ selector: VersionSelector,
        of name: ModelName
    ) async throws(MartletError) -> VersionNumber {
        try await self.database.read { db throws(MartletError) in
            switch selector {
            case .number(let number): return number
            case .semantic(.exact(let version)):
                let model = try FoundModel.findEvenDeleted(name, on: db)
                if let row = try db.queryOne(RemovalQueries.number(of: version, of: model.key)) {
                    return VersionNumber(row.integer(0))
                }
            default: break
            }
            return try FoundVersion.find(selector, of: name, on: db).version.number
        }
    }

    /// Brings back a version that was deleted, as it was. One that was not is fine. One whose place in production was
    /// taken in the meantime comes back archived.
    ///
    /// - Throws: `conflict` for one that was purged.
    package func restore(
        _ number: VersionNumber,
        of name: ModelName,
        by act: Act
    ) async throws(MartletError) -> ModelVersion {
        let now = self.surroundings.now()
        return try await self.database.write { db throws(MartletError) in
            _ = try FoundModel.find(name, on: db)
            let found = try FoundVersion.findEvenDeleted(number, of: name, on: db)
            guard found.version.purgedAt == nil else {
                throw MartletError(.conflict, "Version \(number) of '\(name)' was purged, and cannot come back.")
            }
            if found.version.deletedAt != nil {
                try db.execute(ModelVersionQueries.restore(found.key, at: now))
                try db.execute(RegisteredModelQueries.touch(found.modelKey, at: now))
                try Ledger.append(LedgerEvent(.restoreVersion, of: found, by: act, at: now), on: db)
                try StageMoving.giveWay(found, at: now, on: db)
            }
            return try ModelVersionService.load(try FoundVersion.find(number, of: name, on: db), from: db)
        }
    }

    /// Forbids that a version is purged, or allows it again.
    ///
    /// - Parameter isHeld: `act` must say why when it is.
    package func setHold(
        _ isHeld: Bool,
        on number: VersionNumber,
        of name: ModelName,
        by act: Act
    ) async throws(MartletError) -> ModelVersion {
        guard !isHeld || act.reason != nil else { throw .invalid("A legal hold needs a reason.") }
        let now = self.surroundings.now()
        return try await self.database.write { db throws(MartletError) in
            let found = try FoundVersion.findEvenDeleted(number, of: name, on: db)
            guard found.version.purgedAt == nil else {
                throw MartletError(.conflict, "Version \(number) of '\(name)' was purged: there is nothing to hold.")
            }
            guard isHeld || found.version.holdReason != nil else { return try Self.load(number, of: name, on: db) }
            try db.execute(RemovalQueries.setHold(isHeld ? act.reason : nil, on: found.key))
            let action = isHeld ? LedgerAction.holdVersion : .releaseVersion
            try Ledger.append(LedgerEvent(action, of: found, by: act, at: now), on: db)
            return try Self.load(number, of: name, on: db)
        }
    }

    /// Destroys a version's content for good: its files, its manifest, its tags and its description.
    ///
    /// What stays is a tombstone: its numbers, its digest, and in the ledger who purged it, when and why.
    ///
    /// - Throws: `conflict` for a version that is in use, referenced, held, or was in production too recently.
    package func purge(
        _ number: VersionNumber,
        of name: ModelName,
        by act: Act
    ) async throws(MartletError) -> ModelVersion {
        guard let reason = act.reason, !reason.allSatisfy(\.isWhitespace) else {
            throw .invalid("A purge needs a reason.")
        }
        let now = self.surroundings.now()
        return try await self.database.write { db throws(MartletError) in
            let found = try FoundVersion.findEvenDeleted(number, of: name, on: db)
            guard found.version.purgedAt == nil else { return try Self.load(number, of: name, on: db) }
            try Self.requirePurgeable(found, at: now, on: db)
            try Self.destroy(found, at: now, on: db)
            let details = [
                CanonicalJSON.Member("digest", found.version.seal?.digest.description),
                .init("semanticVersion", found.version.semanticVersion?.description),
            ]
            try Ledger.append(LedgerEvent(.purgeVersion, of: found, by: act, at: now, details: details), on: db)
            return try Self.load(number, of: name, on: db)
        }
    }
}

extension RemovalService {
    static func hide(
        _ found: FoundVersion,
        by act: Act,
        at now: Timestamp,
        on db: any Connection
    ) throws(MartletError) {
        try db.execute(ModelVersionQueries.delete(found.key, at: now))
        try db.execute(RegisteredModelQueries.touch(found.modelKey, at: now))
        try Ledger.append(LedgerEvent(.deleteVersion, of: found, by: act, at: now), on: db)
    }

    private static func load(
        _ number: VersionNumber,
        of name: ModelName,
        on db: any Connection
    ) throws(MartletError) -> ModelVersion {
        try ModelVersionService.load(try FoundVersion.findEvenDeleted(number, of: name, on: db), from: db)
    }

    private static func requirePurgeable(
        _ found: FoundVersion,
        at now: Timestamp,
        on db: any Connection
    ) throws(MartletError) {
        let version = found.version
        let what = "Version \(version.number) of '\(version.name)'"
        if let reason = version.holdReason {
            throw MartletError(.conflict, "\(what) is under legal hold: \(reason)")
        }
        guard version.stage == .candidate || version.stage == .archived else {
            throw MartletError(.conflict, "\(what) is in '\(version.stageName)'; archive it first.")
        }
        for row in try db.query(RemovalQueries.references(to: found)) {
            throw MartletError(.conflict, "\(what) is referenced by \(row.text(0)).")
        }
        let years = try Policy.find(of: found.modelKey, on: db).retentionYears
        guard let left = try self.leftProduction(found, on: db) else { return }
        let free = Timestamp(milliseconds: left.milliseconds + years * self.millisecondsPerYear)
        guard now >= free else {
            throw MartletError(
                .conflict,
                "\(what) was in production until \(left.text), and must be kept for \(years) years: until \(free.text)."
            )
        }
    }

    /// When a version last left production; `nil` when it never was there.
    private static func leftProduction(
        _ found: FoundVersion,
        on db: any Connection
    ) throws(MartletError) -> Timestamp? {
        let production = Stage.production.mlflowName
        let moves = try Ledger.moves(of: found.modelKey, version: found.version.number.rawValue, on: db)
        return moves.last { $0.text("previousMlflowStage") == production && $0.text("mlflowStage") != production }?.at
    }

    private static func destroy(_ found: FoundVersion, at now: Timestamp, on db: any Connection) throws(MartletError) {
        for statement in ManifestQueries.delete(of: found.key) + RemovalQueries.strip(found.key, at: now) {
            try db.execute(statement)
        }
        guard let tree = found.version.seal?.tree, try db.queryOne(RemovalQueries.holder(of: tree)) == nil else {
            return
        }
        try SealedTree.remove(tree, at: now, on: db)
    }
}
