import MartletCore
import MartletSQL
import MartletStatistics

/// What an arm's requests came to on one server in the time up to a moment.
struct TrafficRow: Sendable {
    let key: ArmKey
    let at: Timestamp
    /// As the histogram counts them.
    let requests: Int64
    let refusals: Int64
    let failures: Int64
    let agreements: Int64
    let differences: Int64
    /// Of the histogram, which is much shorter so.
    let latency: [UInt8]

    init(key: ArmKey, at moment: Timestamp, sums: TrafficSums) {
        self.key = key
        self.at = moment
        self.requests = sums.requests
        self.refusals = sums.refusals
        self.failures = sums.failures
        self.agreements = sums.agreements
        self.differences = sums.differences
        self.latency = sums.latency.bytes
    }
}

/// Every statement that touches `traffic`.
enum TrafficQueries {
    private static let columns: SQL = "revision, arm, refusals, failures, agreements, differences, latency"

    /// One that is there already is fine: somebody did not learn that it had been written.
    static func insert(_ rows: [TrafficRow], of server: String) -> SQLBatch {
        var batch = SQLBatch(
            """
            INSERT INTO traffic (
                server, deployment_key, at_ms, revision, arm, refusals, failures, agreements, differences, latency
            ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
            """,
            constants: [.text(server)],
            columnCount: 9,
            rowCapacity: rows.count
        )
        for row in rows {
            batch.append(
                .integer(row.key.deploymentKey),
                .integer(row.at.milliseconds),
                .integer(row.key.revision),
                .integer(Int64(row.key.arm)),
                .integer(row.refusals),
                .integer(row.failures),
                .integer(row.agreements),
                .integer(row.differences),
                .bytes(row.latency)
            )
        }
        return batch
    }

    /// The first moment that anything is known of; NULL where nothing is.
    static func oldest(of deploymentKey: Int64) -> SQL {
        "SELECT min(at_ms) FROM traffic WHERE deployment_key = \(deploymentKey)"
    }

    /// Rows of the times that end after `start` and not after `end`.
    static func rows(of deploymentKey: Int64, after start: Timestamp, until end: Timestamp) -> SQL {
        """
        SELECT \(self.columns) FROM traffic
        WHERE deployment_key = \(deploymentKey) AND at_ms > \(start) AND at_ms <= \(end)
        """
    }

    /// The same of one revision.
    static func rows(of deploymentKey: Int64, revision: Int64, after start: Timestamp) -> SQL {
        """
        SELECT \(self.columns) FROM traffic
        WHERE deployment_key = \(deploymentKey) AND at_ms > \(start) AND revision = \(revision)
        """
    }

    static func decode(_ row: SQLRow, of deploymentKey: Int64) throws(MartletError) -> (key: ArmKey, sums: TrafficSums)
    {
        let key = ArmKey(deploymentKey: deploymentKey, revision: row.integer(0), arm: Int(row.integer(1)))
        let sums = TrafficSums(
            refusals: row.integer(2),
            failures: row.integer(3),
            agreements: row.integer(4),
            differences: row.integer(5),
            latency: try LatencyHistogram(bytes: row.bytes(6))
        )
        return (key, sums)
    }
}

/// How rows become fewer.
extension TrafficQueries {
    /// The deployment and the moment of the oldest row that some server has written itself.
    static func oldestFresh(until end: Timestamp) -> SQL {
        """
        SELECT deployment_key, at_ms FROM traffic WHERE server <> '' AND at_ms <= \(end) ORDER BY at_ms LIMIT 1
        """
    }

    /// Takes away, and returns, what servers have written of a deployment and some time.
    static func takeFresh(of deploymentKey: Int64, after start: Timestamp, until end: Timestamp) -> SQL {
        """
        DELETE FROM traffic
        WHERE deployment_key = \(deploymentKey) AND at_ms > \(start) AND at_ms <= \(end) AND server <> ''
        RETURNING \(self.columns)
        """
    }

    static func condensed(_ key: ArmKey, at moment: Timestamp) -> SQL {
        """
        SELECT \(self.columns) FROM traffic
        WHERE deployment_key = \(key.deploymentKey) AND at_ms = \(moment) AND revision = \(key.revision)
            AND arm = \(key.arm) AND server = ''
        """
    }

    static func putCondensed(_ row: TrafficRow) -> SQL {
        """
        INSERT INTO traffic (
            deployment_key, at_ms, revision, arm, server, refusals, failures, agreements, differences, latency
        ) VALUES (
            \(row.key.deploymentKey), \(row.at), \(row.key.revision), \(row.key.arm), '', \(row.refusals),
            \(row.failures), \(row.agreements), \(row.differences), \(SQLValue.bytes(row.latency))
        )
        ON CONFLICT (deployment_key, at_ms, revision, arm, server) DO UPDATE SET
            refusals = excluded.refusals, failures = excluded.failures, agreements = excluded.agreements,
            differences = excluded.differences, latency = excluded.latency
        """
    }

    static func forget(before moment: Timestamp, limit: Int) -> SQL {
        """
        DELETE FROM traffic WHERE (deployment_key, at_ms, revision, arm, server) IN (
            SELECT deployment_key, at_ms, revision, arm, server FROM traffic
            WHERE server = '' AND at_ms < \(moment) ORDER BY at_ms LIMIT \(limit)
        )
        """
    }
}
