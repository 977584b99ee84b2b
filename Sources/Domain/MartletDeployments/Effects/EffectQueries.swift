import MartletCore
import MartletSQL

/// Every statement about who serves, and since when by which revision.
enum EffectQueries {
    /// A server that has said nothing for longer is gone.
    private static let presenceMilliseconds: Int64 = 10_000
    private static let memoryMilliseconds: Int64 = 24 * 3_600_000

    /// The moment, by a clock that all servers share: the database's, where there are several.
    private static func clock(_ now: Timestamp) -> SQL {
        .dialect(sqlite: "\(now)", postgres: "(extract(epoch FROM clock_timestamp()) * 1000)::bigint")
    }

    static func beat(_ server: String, at now: Timestamp) -> SQL {
        """
        INSERT INTO serving_server (server_id, started_ms, seen_ms)
        VALUES (\(server), \(self.clock(now)), \(self.clock(now)))
        ON CONFLICT (server_id) DO UPDATE SET seen_ms = excluded.seen_ms
        """
    }

    static func leave(_ server: String) -> SQL {
        "DELETE FROM serving_server WHERE server_id = \(server)"
    }

    static func forgetOld(at now: Timestamp) -> SQL {
        "DELETE FROM serving_server WHERE seen_ms < \(self.clock(now)) - \(self.memoryMilliseconds)"
    }

    /// The first time that it is said counts, but for how long it took.
    static func note(_ revision: Int64, of key: Int64, by server: String, took: Int64?, at now: Timestamp) -> SQL {
        """
        INSERT INTO deployment_effect (deployment_key, revision, server_id, effective_ms, took_ms)
        VALUES (\(key), \(revision), \(server), \(self.clock(now)), \(took))
        ON CONFLICT (deployment_key, revision, server_id)
        DO UPDATE SET took_ms = coalesce(deployment_effect.took_ms, excluded.took_ms)
        """
    }

    /// How long it took where it was asked for and where it took longest, and on how many servers.
    static func effects(of key: Int64, revisions: ClosedRange<Int64>) -> SQL {
        """
        SELECT e.revision, max(e.took_ms), max(e.effective_ms) - max(o.effective_ms), count(*)
        FROM deployment_effect e JOIN deployment_effect o
            ON o.deployment_key = e.deployment_key AND o.revision = e.revision AND o.took_ms IS NOT NULL
        WHERE e.deployment_key = \(key)
            AND e.revision BETWEEN \(revisions.lowerBound) AND \(revisions.upperBound)
        GROUP BY e.revision
        """
    }

    /// Leaves out the first column.
    static func decode(_ row: SQLRow, missing: Int64 = 0) -> RevisionEffect {
        let here = row.integer(1)
        return RevisionEffect(
            hereMilliseconds: here,
            everywhereMilliseconds: here + max(0, row.integer(2)),
            servers: Int(row.integer(3)),
            missing: Int(missing)
        )
    }

    /// How many servers are there, and were when a revision was put in force, that do not go by it yet.
    static func missing(_ revision: Int64, of key: Int64, at now: Timestamp) -> SQL {
        """
        SELECT count(*) FROM serving_server s JOIN deployment_effect o
            ON o.deployment_key = \(key) AND o.revision = \(revision) AND o.took_ms IS NOT NULL
        WHERE s.seen_ms > \(self.clock(now)) - \(self.presenceMilliseconds) AND s.started_ms <= o.effective_ms
            AND NOT EXISTS (
                SELECT 1 FROM deployment_effect e
                WHERE e.deployment_key = \(key) AND e.revision = \(revision) AND e.server_id = s.server_id
            )
        """
    }
}
