package import MartletCore
import MartletJSON
import MartletLedger
import MartletSQL

extension ModelVersionService {
    /// Gives a candidate another semantic version; the one that it had is never used again.
    ///
    /// - Throws: `conflict` for a version that is no candidate any more; `alreadyExists` for a number that was used.
    package func renumber(
        _ selector: VersionSelector,
        of name: ModelName,
        to semanticVersion: SemanticVersion,
        by act: Act
    ) async throws(MartletError) -> ModelVersion {
        let now = self.surroundings.now()
        return try await self.database.write { db throws(MartletError) in
            let found = try FoundVersion.find(selector, of: name, on: db)
            try Self.renumber(found, to: semanticVersion, by: act, at: now, on: db)
            // Where the author chose by a tag, the tag goes on to say what is true.
            if try db.queryOne(ModelVersionQueries.tag(SemanticNumbering.tag, of: found.key)) != nil {
                let tag = Tag(key: SemanticNumbering.tag, value: semanticVersion.description)
                try Self.setTag(tag, on: found, by: act, at: now, on: db)
            }
            return try Self.load(try FoundVersion.find(found.version.number, of: name, on: db), from: db)
        }
    }

    static func renumber(
        _ found: FoundVersion,
        to new: SemanticVersion,
        by act: Act,
        at now: Timestamp,
        on db: any Connection
    ) throws(MartletError) {
        let version = found.version
        guard version.semanticVersion != new else { return }
        guard try found.isFresh(on: db) else {
            throw MartletError(
                .conflict,
                "Version \(version.number) of '\(version.name)' is no candidate any more, or was none for a while: it "
                    + "keeps its semantic version."
            )
        }
        try SemanticNumbering.requireFree(new, of: found.modelKey, on: db)
        if let old = version.semanticVersion { try db.execute(NumberingQueries.spend(old, of: found.modelKey)) }
        let reason = "chosen by \(act.actor)" + (act.reason.map { ": \($0)" } ?? "")
        try db.execute(NumberingQueries.renumber(found.key, new, because: reason, at: now))
        let details = [
            CanonicalJSON.Member("semanticVersion", new.description),
            .init("previousSemanticVersion", version.semanticVersion?.description),
        ]
        try Ledger.append(LedgerEvent(.renumberVersion, of: found, by: act, at: now, details: details), on: db)
    }
}
