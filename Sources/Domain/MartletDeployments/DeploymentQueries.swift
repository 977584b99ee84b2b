import MartletJSON
import MartletCore
import MartletRegistry
import MartletRouting
import MartletSQL

/// Every statement that touches the tables of deployments.
enum DeploymentQueries {
    private static let columns: SQL = "d.deployment_key, d.name, d.salt, d.revision, d.created_ms"

    static func find(_ name: DeploymentName) -> SQL {
        "SELECT \(self.columns) FROM deployment d WHERE d.name = \(name) AND d.deleted_ms IS NULL"
    }

    static func list(after name: String, limit: Int) -> SQL {
        """
        SELECT \(self.columns) FROM deployment d WHERE d.name > \(name) AND d.deleted_ms IS NULL
        ORDER BY d.name LIMIT \(limit)
        """
    }

    static func decode(_ row: SQLRow) -> FoundDeployment {
        FoundDeployment(
            key: row.integer(0),
            name: DeploymentName(trusted: row.text(1)),
            salt: row.text(2),
            revision: row.integer(3),
            createdAt: Timestamp(milliseconds: row.integer(4))
        )
    }

    static func insert(_ name: DeploymentName, salt: String, at now: Timestamp) -> SQL {
        """
        INSERT INTO deployment (name, salt, revision, change, created_ms) VALUES (\(name), \(salt), 0, 0, \(now))
        RETURNING deployment_key
        """
    }

    /// Counts a change; to be executed before the change itself.
    static let countChange: SQL = "UPDATE deployment_head SET change = change + 1 WHERE head_key = 1"

    static func setRevision(_ number: Int64, of key: Int64) -> SQL {
        """
        UPDATE deployment SET revision = \(number), change = (SELECT change FROM deployment_head)
        WHERE deployment_key = \(key)
        """
    }

    static func delete(_ key: Int64, at now: Timestamp) -> SQL {
        """
        UPDATE deployment SET deleted_ms = \(now), change = (SELECT change FROM deployment_head)
        WHERE deployment_key = \(key)
        """
    }

    static let lastChange: SQL = "SELECT change FROM deployment_head WHERE head_key = 1"

    /// What has changed since somebody looked, with two more columns: when it was deleted, and which change it was.
    static func changed(since change: Int64, limit: Int) -> SQL {
        """
        SELECT \(self.columns), d.deleted_ms, d.change FROM deployment d WHERE d.change > \(change)
        ORDER BY d.change LIMIT \(limit)
        """
    }

    /// The revisions in force of what is there and changed last in `changes`, and their arms.
    static func inForce(changedIn changes: ClosedRange<Int64>) -> [SQL] {
        self.inForce("change BETWEEN \(changes.lowerBound) AND \(changes.upperBound)")
    }

    /// The revisions in force of a page by name, and their arms.
    static func inForce(from first: DeploymentName, through last: DeploymentName) -> [SQL] {
        self.inForce("name BETWEEN \(first) AND \(last)")
    }

    private static func inForce(_ condition: SQL) -> [SQL] {
        let chosen: SQL = "SELECT deployment_key, revision FROM deployment WHERE \(condition) AND deleted_ms IS NULL"
        return [
            "SELECT \(self.revisionColumns) FROM deployment_revision WHERE (deployment_key, number) IN (\(chosen))",
            """
            SELECT \(self.armColumns), deployment_key FROM deployment_arm
            WHERE (deployment_key, revision) IN (\(chosen)) ORDER BY deployment_key, position
            """,
        ]
    }

    static func find(key: Int64) -> SQL {
        "SELECT \(self.columns) FROM deployment d WHERE d.deployment_key = \(key)"
    }

    /// The settings in force, also of what is deleted, by key.
    static func settings(after key: Int64, limit: Int) -> SQL {
        """
        SELECT d.deployment_key, v.settings FROM deployment d
        JOIN deployment_revision v ON v.deployment_key = d.deployment_key AND v.number = d.revision
        WHERE d.deployment_key > \(key) ORDER BY d.deployment_key LIMIT \(limit)
        """
    }

    /// Where a version takes part in what is in force.
    static func use(ofVersion key: Int64) -> SQL {
        "\(self.use) WHERE a.version_key = \(key) LIMIT 1"
    }

    /// Where any of a model's versions takes part in what is in force.
    static func use(ofModel key: Int64) -> SQL {
        "\(self.use) JOIN model_version v ON v.version_key = a.version_key WHERE v.model_key = \(key) LIMIT 1"
    }

    private static let use: SQL = """
        SELECT d.name FROM deployment d JOIN deployment_arm a
        ON a.deployment_key = d.deployment_key AND a.revision = d.revision AND d.deleted_ms IS NULL
        """
}

/// Revisions.
extension DeploymentQueries {
    fileprivate static let revisionColumns: SQL =
        "deployment_key, number, cause, settings, actor, reason, created_ms, entry_index, restores"

    static func insert(_ revision: Revision, of key: Int64) -> SQL {
        """
        INSERT INTO deployment_revision (\(self.revisionColumns))
        VALUES (
            \(key), \(revision.number), \(revision.cause.rawValue), \(revision.settings.json.text),
            \(revision.act.actor.rawValue), \(revision.act.reason), \(revision.at), \(revision.entry),
            \(revision.restores)
        )
        """
    }

    static func revision(_ number: Int64, of key: Int64) -> SQL {
        """
        SELECT \(self.revisionColumns) FROM deployment_revision
        WHERE deployment_key = \(key) AND number = \(number)
        """
    }

    /// The newest first.
    static func revisions(of key: Int64, before number: Int64, limit: Int) -> SQL {
        """
        SELECT \(self.revisionColumns) FROM deployment_revision
        WHERE deployment_key = \(key) AND number < \(number) ORDER BY number DESC LIMIT \(limit)
        """
    }

    /// The numbers of revisions that are rollbacks, and of those that they brought back.
    static func rollbacks(of key: Int64, from number: Int64) -> SQL {
        """
        SELECT number, restores FROM deployment_revision
        WHERE deployment_key = \(key) AND number >= \(number) AND restores IS NOT NULL
        """
    }

    static func decodeRevision(_ row: SQLRow, _ arms: [Arm]) throws(MartletError) -> Revision {
        guard let cause = Revision.Cause(rawValue: row.text(2)) else {
            throw MartletError(.integrity, "a revision has a cause that this program does not know")
        }
        return Revision(
            number: row.integer(1),
            cause: cause,
            arms: arms,
            settings: try DeploymentSettings(stored: row.text(3)),
            act: Act(by: ActorName(trusted: row.text(4)), reason: row.optionalText(5)),
            at: Timestamp(milliseconds: row.integer(6)),
            entry: row.integer(7),
            restores: row.optionalInteger(8)
        )
    }
}

/// Arms.
extension DeploymentQueries {
    static func insert(_ arms: [Arm], of key: Int64, revision: Int64) -> SQLBatch {
        var batch = SQLBatch(
            """
            INSERT INTO deployment_arm (
                deployment_key, revision, position, name, role, share, version_key, model, version, semantic_version,
                digest, url
            ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            constants: [.integer(key), .integer(revision)],
            columnCount: 10,
            rowCapacity: arms.count
        )
        for (position, arm) in arms.enumerated() {
            let version = arm.version
            batch.append(
                .integer(Int64(position)),
                .text(arm.name.rawValue),
                .text(arm.role.rawValue),
                .integer(Int64(arm.share.partsPerMillion)),
                .integer(version.key),
                .text(version.model.rawValue),
                .integer(version.number.rawValue),
                version.semanticVersion.map { .text($0.description) } ?? .null,
                version.digest.sqlValue,
                arm.backend.stored.map { .text($0) } ?? .null
            )
        }
        return batch
    }

    fileprivate static let armColumns: SQL =
        "revision, name, role, share, version_key, model, version, semantic_version, digest, url"

    /// The arms of some consecutive revisions, the newest first, each in their order.
    static func arms(of key: Int64, revisions: ClosedRange<Int64>) -> SQL {
        """
        SELECT \(self.armColumns)
        FROM deployment_arm WHERE deployment_key = \(key)
            AND revision BETWEEN \(revisions.lowerBound) AND \(revisions.upperBound)
        ORDER BY revision DESC, position
        """
    }

    static func decodeArm(_ row: SQLRow) throws(MartletError) -> Arm {
        guard let role = Arm.Role(rawValue: row.text(2)) else {
            throw MartletError(.integrity, "an arm has a role that this program does not know")
        }
        return Arm(
            name: ArmName(trusted: row.text(1)),
            role: role,
            share: try Share(partsPerMillion: row.integer(3)),
            version: ServedVersion(
                key: row.integer(4),
                model: try ModelName(validating: row.text(5)),
                number: VersionNumber(row.integer(6)),
                semanticVersion: try row.optionalText(7).map { text throws(MartletError) in
                    try SemanticVersion(validating: text)
                },
                digest: BlobDigest(bytes: row.bytes(8))
            ),
            backend: Backend(stored: row.optionalText(9))
        )
    }
}
