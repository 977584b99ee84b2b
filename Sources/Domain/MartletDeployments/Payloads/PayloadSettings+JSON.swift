import MartletCore
import MartletJSON
import MartletRouting

/// How they are written: `{"partsPerMillion": 10000, "redact": [["user", "email"], ["inputs", "*", "name"]]}`.
extension PayloadSettings {
    init(_ json: JSONValue) throws(MartletError) {
        let known: Set = ["partsPerMillion", "redact"]
        guard json.kind == .object, json.members.allSatisfy({ known.contains($0.name.string ?? "") }),
            let parts = json["partsPerMillion"]?.integer
        else { throw .invalid("'payloads' has 'partsPerMillion', a whole number, and may have 'redact'.") }
        self.share = try Share(partsPerMillion: parts)
        if let redactions = json["redact"] { self.redactions = try redactions.places("redact") }
    }

    var json: CanonicalJSON {
        .object([
            .init("partsPerMillion", CanonicalJSON(Int64(self.share.partsPerMillion))),
            .init("redact", CanonicalJSON(places: self.redactions)),
        ])
    }
}
