import MartletCore
import MartletSQL
import MartletSearch

/// Every statement that touches `model_version` and `model_version_tag`.
enum ModelVersionQueries {
    /// The columns that ``decode(_:)`` reads.
    private static let columns: SQL = """
        v.version_key, v.model_key, m.name, v.number, v.source, v.artifact_uri, v.run_id, v.logged_model_id, \
        v.run_link, v.description, v.stage, v.created_ms, v.updated_ms, v.author, v.parent, v.major, v.minor, v.patch, \
        v.number_reasons, v.digest, v.tree, v.unsealed_reason, v.file_count, v.byte_count, v.captured, v.stage_name, \
        v.revision, v.hold_reason, v.deleted_ms, v.purged_ms
        """

    /// The versions of models that nobody has deleted.
    private static let ofShownModels: SQL = """
        FROM model_version v JOIN registered_model m ON m.model_key = v.model_key
        WHERE m.deleted_ms IS NULL
        """

    /// The versions that nobody has deleted, neither alone nor with their model.
    private static let shown: SQL = "\(Self.ofShownModels) AND v.deleted_ms IS NULL"

    /// Returns the new key.
    ///
    /// - Parameter original: The key of the version that this is a copy of.
    static func insert(_ version: ModelVersion, into modelKey: Int64, copyOf original: Int64?) -> SQL {
        let number = version.semanticVersion
        let seal = version.seal
        return """
            INSERT INTO model_version (
                model_key, number, source, artifact_uri, run_id, logged_model_id, run_link, description, stage,
                created_ms, updated_ms, author, parent, major, minor, patch, number_reasons, digest, tree,
                unsealed_reason, file_count, byte_count, captured, stage_name, revision, copied_from
            ) VALUES (
                \(modelKey), \(version.number), \(version.source), \(version.artifactURI),
                \(version.runID?.rawValue ?? ""), \(version.loggedModelID?.rawValue ?? ""), \(version.runLink),
                \(version.description), \(version.stage.rawValue), \(version.createdAt), \(version.updatedAt),
                \(version.author.rawValue), \(version.parent), \(number?.major), \(number?.minor), \(number?.patch),
                \(version.numberReasons.joined(separator: "\n")), \(seal?.digest), \(seal?.tree),
                \(seal?.unsealedReason), \(seal?.fileCount ?? 0), \(seal?.byteCount ?? 0),
                \(seal?.capturedText ?? ""), \(version.stageName), \(version.revision), \(original)
            ) RETURNING version_key
            """
    }

    static func find(_ number: VersionNumber, of name: ModelName) -> SQL {
        "SELECT \(self.columns) \(self.shown) AND m.name = \(name) AND v.number = \(number)"
    }

    static func find(_ alias: AliasName, of name: ModelName) -> SQL {
        """
        SELECT \(self.columns) \(self.shown) AND m.name = \(name)
            AND v.version_key = (
                SELECT a.version_key FROM model_alias a WHERE a.model_key = m.model_key AND a.alias = \(alias)
            )
        """
    }

    static func newest(of name: ModelName) -> SQL {
        // Found by its key: to sort a join PostgreSQL would read every version of the model.
        """
        SELECT \(self.columns) \(self.shown) AND m.name = \(name)
            AND v.version_key = (
                SELECT n.version_key FROM model_version n
                WHERE n.model_key = m.model_key AND n.deleted_ms IS NULL ORDER BY n.number DESC LIMIT 1
            )
        """
    }

    static func find(_ digest: BlobDigest, of name: ModelName) -> SQL {
        "SELECT \(self.columns) \(self.shown) AND v.digest = \(digest) AND m.name = \(name)"
    }

    static func find(_ digest: BlobDigest) -> SQL {
        "SELECT \(self.columns) \(self.shown) AND v.digest = \(digest)"
    }

    /// The version that another one is a copy of.
    static func original(of versionKey: Int64) -> SQL {
        """
        SELECT \(self.columns) \(self.shown)
            AND v.version_key = (SELECT c.copied_from FROM model_version c WHERE c.version_key = \(versionKey))
        """
    }

    static func find(key: Int64) -> SQL {
        "SELECT \(self.columns) \(self.shown) AND v.version_key = \(key)"
    }

    /// Finds a version that may be deleted, alone or with its model.
    static func findEvenDeleted(_ number: VersionNumber, of modelKey: Int64) -> SQL {
        """
        SELECT \(self.columns) FROM model_version v JOIN registered_model m ON m.model_key = v.model_key
        WHERE v.model_key = \(modelKey) AND v.number = \(number)
        """
    }

    /// The highest semantic version of a range.
    static func newest(in range: VersionRange, of name: ModelName) -> SQL {
        """
        SELECT \(self.columns) \(self.shown) AND m.name = \(name)
            AND v.major IS NOT NULL AND \(NumberingQueries.condition(range))
        ORDER BY v.major DESC, v.minor DESC, v.patch DESC LIMIT 1
        """
    }

    /// The version that came last into a stage of the model's own.
    static func newest(in stage: StageName, of name: ModelName) -> SQL {
        """
        SELECT \(self.columns) \(self.shown) AND v.stage_name = \(stage) AND m.name = \(name)
        ORDER BY v.revision DESC, v.number DESC LIMIT 1
        """
    }

    /// The newest version of each model in each of `stages`: one index probe for each pair, however many
    /// versions there are.
    static func latest(of modelKeys: [Int64], in stages: [Stage]) -> SQL {
        """
        WITH wanted (stage) AS (VALUES \(stages.map { "(\($0.rawValue))" as SQL }.joined(by: ", ")))
        SELECT \(self.columns) FROM registered_model m CROSS JOIN wanted w
        JOIN model_version v ON v.version_key = (
            SELECT l.version_key FROM model_version l
            WHERE l.model_key = m.model_key AND l.stage = w.stage AND l.deleted_ms IS NULL
            ORDER BY l.number DESC LIMIT 1
        )
        WHERE m.model_key \(isAnyOf: modelKeys) ORDER BY v.model_key, v.number
        """
    }

    static func search(_ query: ModelVersionQuery) throws(MartletError) -> SQL {
        let conditions =
            [query.visibility.condition(on: "v.deleted_ms")] + query.conditions.map { $0.sql }
            + (query.hidesPrompts ? [ModelVersionQuery.isNoPrompt] : [])
            + (try query.keyset.conditions(after: query.position))
        let demands = conditions.map { " AND \($0)" as SQL }.joined(by: "")
        return """
            SELECT \(self.columns)\(query.keyset.columns) \(self.ofShownModels)\(demands)
            ORDER BY \(query.keyset.order) LIMIT \(query.limit + 1)
            """
    }

    /// Reads a version without its tags and aliases.
    static func decode(_ row: SQLRow) -> FoundVersion {
        guard let stage = Stage(rawValue: row.text(10)) else {
            preconditionFailure("a version is stored with a stage that the code does not know")
        }
        let runID = row.text(6)
        let loggedModelID = row.text(7)
        let version = ModelVersion(
            name: ModelName(trusted: row.text(2)),
            number: VersionNumber(row.integer(3)),
            source: row.text(4),
            artifactURI: row.text(5),
            runID: runID.isEmpty ? nil : RunID(trusted: runID),
            loggedModelID: loggedModelID.isEmpty ? nil : LoggedModelID(trusted: loggedModelID),
            runLink: row.text(8),
            description: row.optionalText(9),
            author: ActorName(trusted: row.text(13)),
            parent: row.optionalInteger(14).map(VersionNumber.init),
            semanticVersion: row.isNull(15)
                ? nil : SemanticVersion(row.integer(15), row.integer(16), row.integer(17)),
            numberReasons: row.text(18).split(separator: "\n").map(String.init),
            seal: self.decodeSeal(row),
            stage: stage,
            stageName: StageName(trusted: row.text(25)),
            revision: row.integer(26),
            holdReason: row.optionalText(27),
            createdAt: Timestamp(milliseconds: row.integer(11)),
            updatedAt: Timestamp(milliseconds: row.integer(12)),
            deletedAt: row.optionalInteger(28).map(Timestamp.init(milliseconds:)),
            purgedAt: row.optionalInteger(29).map(Timestamp.init(milliseconds:)),
            tags: [],
            aliases: []
        )
        return FoundVersion(key: row.integer(0), modelKey: row.integer(1), version: version)
    }

    private static func decodeSeal(_ row: SQLRow) -> VersionSeal? {
        guard !row.isNull(19) else { return nil }
        return VersionSeal(
            digest: BlobDigest(bytes: row.bytes(19)),
            tree: row.isNull(20) ? nil : BlobDigest(bytes: row.bytes(20)),
            unsealedReason: row.optionalText(21),
            fileCount: row.integer(22),
            byteCount: row.integer(23),
            captured: VersionSeal.captured(row.text(24))
        )
    }
}

extension ModelVersionQueries {
    static func describe(_ versionKey: Int64, as description: String?, at now: Timestamp) -> SQL {
        """
        UPDATE model_version SET description = \(description), updated_ms = \(now)
        WHERE version_key = \(versionKey)
        """
    }

    /// Some of the versions that have a digest and whose content was not purged, in the order of their keys.
    static func sealed(after versionKey: Int64, limit: Int) -> SQL {
        """
        SELECT \(self.columns) FROM model_version v JOIN registered_model m ON m.model_key = v.model_key
        WHERE v.version_key > \(versionKey) AND v.digest IS NOT NULL AND v.purged_ms IS NULL
        ORDER BY v.version_key LIMIT \(limit)
        """
    }

    static func seal(_ versionKey: Int64, _ seal: VersionSeal, _ artifactURI: String, at now: Timestamp) -> SQL {
        """
        UPDATE model_version SET digest = \(seal.digest), tree = \(seal.tree), unsealed_reason = NULL,
            file_count = \(seal.fileCount), byte_count = \(seal.byteCount), captured = \(seal.capturedText),
            artifact_uri = \(artifactURI), updated_ms = \(now)
        WHERE version_key = \(versionKey)
        """
    }

    /// - Parameter revision: The entry of the ledger that tells of the move.
    static func move(_ versionKey: Int64, to state: StageMachine.State, revision: Int64, at now: Timestamp) -> SQL {
        """
        UPDATE model_version SET stage = \(state.stage.rawValue), stage_name = \(state.name),
            revision = \(revision), updated_ms = \(now)
        WHERE version_key = \(versionKey)
        """
    }

    /// Notes which entry of the ledger last moved a version.
    static func setRevision(_ index: Int64, of versionKey: Int64) -> SQL {
        "UPDATE model_version SET revision = \(index) WHERE version_key = \(versionKey)"
    }

    /// All versions of a model in a stage that nobody has deleted, the newest first.
    static func all(in stage: Stage, of modelKey: Int64) -> SQL {
        """
        SELECT \(self.columns) \(self.shown) AND v.model_key = \(modelKey) AND v.stage = \(stage.rawValue)
        ORDER BY v.number DESC
        """
    }

    /// The stages that a model's versions are in, by its own name and by MLflow's.
    static func stagesInUse(by modelKey: Int64) -> SQL {
        "SELECT DISTINCT stage_name, stage FROM model_version WHERE model_key = \(modelKey) AND purged_ms IS NULL"
    }

    /// All versions of a model that the ledger does not know, deleted ones too, in the order of their numbers.
    static func unrecorded(of modelKey: Int64) -> SQL {
        """
        SELECT \(self.columns) FROM model_version v JOIN registered_model m ON m.model_key = v.model_key
        WHERE v.model_key = \(modelKey) AND v.revision < 0 ORDER BY v.number
        """
    }

    static func numbers(in stage: StageName, of modelKey: Int64) -> SQL {
        """
        SELECT number FROM model_version
        WHERE model_key = \(modelKey) AND stage_name = \(stage) AND deleted_ms IS NULL
        """
    }

    /// The entry of the ledger that last registered or moved a version.
    static func lastMove(of modelKey: Int64) -> SQL {
        "SELECT max(revision) FROM model_version WHERE model_key = \(modelKey)"
    }

    /// The versions of a model that nobody has deleted, the newest first.
    static func all(of modelKey: Int64, limit: Int) -> SQL {
        "SELECT \(self.columns) \(self.shown) AND v.model_key = \(modelKey) ORDER BY v.number DESC LIMIT \(limit)"
    }

    static func restore(_ versionKey: Int64, at now: Timestamp) -> SQL {
        "UPDATE model_version SET deleted_ms = NULL, updated_ms = \(now) WHERE version_key = \(versionKey)"
    }

    static func delete(_ versionKey: Int64, at now: Timestamp) -> SQL {
        "UPDATE model_version SET deleted_ms = \(now) WHERE version_key = \(versionKey)"
    }
}
