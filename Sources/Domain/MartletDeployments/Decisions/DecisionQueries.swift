import MartletCore
import MartletRouting
import MartletSQL

/// Statements on decisions; ``DecisionSelection`` has those that select them for display.
enum DecisionQueries {
    static let columns: SQL = """
        id, deployment_key, revision, arm, at_ms, subject, shadow_of, request_sha256, status, failure, answer_sha256,
        latency_us, agreement
        """

    /// One that is there already is fine: somebody did not learn that it had been written.
    static func insert(_ decisions: some Collection<Decision>) -> SQLBatch {
        var batch = SQLBatch(
            """
            INSERT INTO decision (
                id, deployment_key, revision, arm, at_ms, subject, shadow_of, request_sha256, status, failure,
                answer_sha256, latency_us, agreement
            ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
            """,
            columnCount: 13,
            rowCapacity: decisions.count
        )
        for decision in decisions {
            batch.append(
                decision.id.sqlValue,
                .integer(decision.deploymentKey),
                .integer(decision.revision),
                .integer(Int64(decision.arm)),
                .integer(decision.at.milliseconds),
                decision.subject.map { .bytes($0.bytes) } ?? .null,
                decision.shadowOf?.sqlValue ?? .null,
                decision.request.sqlValue,
                .integer(Int64(decision.status)),
                decision.failure.map { .text($0.rawValue) } ?? .null,
                decision.answer?.sqlValue ?? .null,
                .integer(decision.latencyMicroseconds),
                decision.agreement.map { .text($0.rawValue) } ?? .null
            )
        }
        return batch
    }

    /// Says how a decision ended that was written when it began.
    static func complete(_ decision: Decision) -> SQL {
        """
        UPDATE decision SET request_sha256 = \(decision.request), failure = \(decision.failure?.rawValue),
            answer_sha256 = \(decision.answer), latency_us = \(decision.latencyMicroseconds)
        WHERE id = \(decision.id)
        """
    }

    static func find(_ id: DecisionID) -> SQL {
        "SELECT \(self.columns) FROM decision WHERE id = \(id)"
    }

    /// The oldest one from a moment on.
    static func first(from moment: Timestamp) -> SQL {
        "SELECT \(self.columns) FROM decision WHERE id >= \(DecisionID(first: moment)) ORDER BY id LIMIT 1"
    }

    /// Those of all deployments, in the order of their ids.
    static func all(from start: DecisionID, until end: DecisionID, limit: Int) -> SQL {
        """
        SELECT \(self.columns) FROM decision WHERE id >= \(start) AND id < \(end) ORDER BY id LIMIT \(limit)
        """
    }

    /// Those of one deployment.
    static func all(of deploymentKey: Int64, from start: DecisionID, until end: DecisionID, limit: Int) -> SQL {
        """
        SELECT \(self.columns) FROM decision
        WHERE id >= \(start) AND id < \(end) AND deployment_key = \(deploymentKey) ORDER BY id LIMIT \(limit)
        """
    }

    /// The ids of some of those, for ``delete(_:)`` and its like.
    static func ids(of deploymentKey: Int64, from start: DecisionID, until end: DecisionID, limit: Int) -> SQL {
        """
        SELECT id FROM decision WHERE id >= \(start) AND id < \(end) AND deployment_key = \(deploymentKey)
        ORDER BY id LIMIT \(limit)
        """
    }

    static func delete(_ ids: SQL) -> SQL { "DELETE FROM decision WHERE id IN (\(ids))" }

    /// The newest decision about a subject whose answer somebody got.
    static func newest(about subject: SubjectHash, of deploymentKey: Int64) -> SQL {
        """
        SELECT \(self.columns) FROM decision
        WHERE deployment_key = \(deploymentKey) AND subject = \(SQLValue.bytes(subject.bytes)) AND shadow_of IS NULL
        ORDER BY id DESC LIMIT 1
        """
    }

    /// What shadows made of requests.
    ///
    /// - Parameter comparison: What the id of the request's own decision must meet, as in `= ?`.
    static func shadows(ofDecision comparison: SQL) -> SQL {
        "SELECT \(self.columns) FROM decision WHERE shadow_of \(comparison) ORDER BY id"
    }

    static func decode(_ row: SQLRow) -> Decision {
        Decision(
            id: DecisionID(stored: row.bytes(0)),
            deploymentKey: row.integer(1),
            revision: row.integer(2),
            arm: Int(row.integer(3)),
            at: Timestamp(milliseconds: row.integer(4)),
            subject: row.optionalBytes(5).flatMap { SubjectHash(bytes: $0) },
            shadowOf: row.optionalBytes(6).map { DecisionID(stored: $0) },
            request: BlobDigest(bytes: row.bytes(7)),
            status: Int(row.integer(8)),
            failure: row.optionalText(9).flatMap { Decision.Failure(rawValue: $0) },
            answer: row.optionalBytes(10).map { BlobDigest(bytes: $0) },
            agreement: row.optionalText(12).flatMap { Agreement(rawValue: $0) },
            latencyMicroseconds: row.integer(11)
        )
    }
}
