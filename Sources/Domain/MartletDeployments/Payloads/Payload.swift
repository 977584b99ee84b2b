import MartletCore
import MartletJSON
import MartletSQL

/// What a request and its answer were.
package struct Payload: Sendable, Hashable {
    package struct Body: Sendable, Hashable {
        /// The media type; `nil` when nobody said.
        package let type: String?
        /// `nil` when they were not kept.
        package var bytes: [UInt8]?

        package init(type: String?, bytes: [UInt8]?) {
            self.type = type
            self.bytes = bytes
        }
    }

    package var request: Body
    package var answer: Body
    /// Whether something was blacked out, so that the bytes are not those whose SHA-256 is recorded.
    package var isRedacted = false

    package init(request: Body, answer: Body) {
        self.request = request
        self.answer = answer
    }

    /// Leaves out what must not be kept.
    func redacted(_ paths: [[String]]) -> Payload {
        guard !paths.isEmpty else { return self }
        var payload = self
        payload.request.bytes = Self.redacted(self.request.bytes, paths)
        payload.answer.bytes = Self.redacted(self.answer.bytes, paths)
        payload.isRedacted = true
        return payload
    }

    private static func redacted(_ bytes: [UInt8]?, _ paths: [[String]]) -> [UInt8]? {
        // Of what is no JSON nobody knows where the secrets are.
        guard let bytes,
            let document = try? JSONDocument(parsing: bytes, depthMax: Limits.jsonDepth, valuesMax: Limits.jsonValues)
        else { return nil }
        return Array(Redaction(paths: paths).text(of: document.root).utf8)
    }
}

/// Every statement that touches payloads.
enum PayloadQueries {
    static func insert(_ payloads: [(id: DecisionID, payload: Payload)]) -> SQLBatch {
        var batch = SQLBatch(
            """
            INSERT INTO decision_payload (decision_id, request, request_type, answer, answer_type, is_redacted)
            VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
            """,
            columnCount: 6,
            rowCapacity: payloads.count
        )
        for (id, payload) in payloads {
            batch.append(
                id.sqlValue,
                payload.request.bytes.map { .bytes($0) } ?? .null,
                payload.request.type.map { .text($0) } ?? .null,
                payload.answer.bytes.map { .bytes($0) } ?? .null,
                payload.answer.type.map { .text($0) } ?? .null,
                .integer(payload.isRedacted ? 1 : 0)
            )
        }
        return batch
    }

    static func find(_ id: DecisionID) -> SQL {
        """
        SELECT request, request_type, answer, answer_type, is_redacted FROM decision_payload
        WHERE decision_id = \(id)
        """
    }

    static func decode(_ row: SQLRow) -> Payload {
        var payload = Payload(
            request: .init(type: row.optionalText(1), bytes: row.optionalBytes(0)),
            answer: .init(type: row.optionalText(3), bytes: row.optionalBytes(2))
        )
        payload.isRedacted = row.bool(4)
        return payload
    }

    static func delete(of ids: SQL) -> SQL { "DELETE FROM decision_payload WHERE decision_id IN (\(ids))" }
}
