package import MartletCore
package import MartletJSON
package import MartletProofs

/// A change as the ledger holds it.
package struct LedgerEntry: Sendable {
    /// Counted from 0.
    package let index: Int64
    /// Of ``body``, as it was when the entry was written.
    package let leaf: MerkleHash
    /// The bytes that were hashed, as text.
    package let body: String

    /// What the body says.
    ///
    /// - Throws: `integrity` when it is not what an entry looks like.
    package func reading() throws(MartletError) -> LedgerReading {
        guard let document = try? JSONDocument(parsing: Array(self.body.utf8), depthMax: Limits.jsonDepth),
            let reading = LedgerReading(document.root)
        else { throw MartletError(.integrity, "entry \(self.index) of the ledger cannot be read") }
        return reading
    }
}

/// What an entry says.
package struct LedgerReading: Sendable {
    package let index: Int64
    package let at: Timestamp
    package let actor: String
    /// `nil` for one that a newer program wrote.
    package let action: LedgerAction?
    package let actionName: String
    /// Empty where it was none.
    package let model: String
    package let version: Int64?
    package let deployment: String?
    package let reason: String?
    /// The whole entry.
    package let json: JSONValue

    init?(_ json: JSONValue) {
        guard let index = json["index"]?.integer, let at = json["at"]?.string, let actor = json["actor"]?.string,
            let action = json["action"]?.string, let moment = try? Timestamp(text: at)
        else { return nil }
        self.index = index
        self.at = moment
        self.actor = actor
        self.action = LedgerAction(rawValue: action)
        self.actionName = action
        self.model = json["model"]?.string ?? ""
        self.version = json["version"]?.integer
        self.deployment = json["deployment"]?.string
        self.reason = json["reason"]?.string
        self.json = json
    }

    /// The text of a detail; `nil` when there is none.
    package func text(_ name: String) -> String? { self.json[name]?.string }

    /// Everything that entries of other kinds do not have, as text.
    package var details: [(name: String, value: String)] {
        self.json.members.compactMap { name, value in
            guard let name = name.string, !Self.ownNames.contains(name) else { return nil }
            return (name, value.string ?? value.source)
        }
    }

    private static let ownNames: Set = [
        "action", "actor", "at", "deployment", "deploymentId", "index", "model", "modelId", "previous", "reason",
        "version",
    ]
}
