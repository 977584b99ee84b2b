import MartletCore
import MartletJSON
import MartletRouting

/// How they are written: `{"partsPerMillion": 10000, "redact": [["user", "email"], ["inputs", "*", "name"]]}`.
extension PayloadSettings {
    private static let redactionsMax = 100

    init(_ json: JSONValue) throws(MartletError) {
        let known: Set = ["partsPerMillion", "redact"]
        guard json.kind == .object, json.members.allSatisfy({ known.contains($0.name.string ?? "") }),
            let parts = json["partsPerMillion"]?.integer
        else { throw .invalid("'payloads' has 'partsPerMillion', a whole number, and may have 'redact'.") }
        self.share = try Share(partsPerMillion: parts)
        guard let redactions = json["redact"], redactions.kind != .null else { return }
        self.redactions = try redactions.elements.map { path throws(MartletError) in
            try path.place("What is redacted")
        }
        guard redactions.kind == .array, self.redactions.count <= Self.redactionsMax else {
            throw .invalid("'redact' is a list of up to \(Self.redactionsMax) places.")
        }
    }

    var json: CanonicalJSON {
        .object([
            .init("partsPerMillion", CanonicalJSON(Int64(self.share.partsPerMillion))),
            .init("redact", .array(self.redactions.map { .array($0.map(CanonicalJSON.string)) })),
        ])
    }
}
