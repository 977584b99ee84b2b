import MartletCore
import MartletJSON
import MartletRouting

/// How they are written: `{"partsPerMillion": 10000, "redact": [["user", "email"], ["inputs", "*", "name"]]}`.
extension PayloadSettings {
    /// - Parameter present: What stays of what is not named: whoever wants more to be kept does not want to see what
    ///   was blacked out.
    init(_ json: JSONValue, changing present: PayloadSettings?) throws(MartletError) {
        let known: Set = ["partsPerMillion", "redact"]
        guard json.kind == .object, json.members.allSatisfy({ known.contains($0.name.string ?? "") }),
            let parts = json["partsPerMillion"]?.integer ?? present.map({ Int64($0.share.partsPerMillion) })
        else { throw .invalid("'payloads' has 'partsPerMillion', a whole number, and may have 'redact'.") }
        self.share = try Share(partsPerMillion: parts)
        self.redactions = try json["redact"]?.places("redact") ?? present?.redactions ?? []
    }

    var json: CanonicalJSON {
        .object([
            .init("partsPerMillion", CanonicalJSON(Int64(self.share.partsPerMillion))),
            .init("redact", CanonicalJSON(places: self.redactions)),
        ])
    }
}
