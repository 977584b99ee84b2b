import MartletCore
import MartletJSON

extension [Condition] {
    private static var countMax: Int { 20 }

    /// Reads a list of sentences.
    init(_ json: JSONValue) throws(MartletError) {
        let conditions = try json.elements.map { item throws(MartletError) in
            try Condition(validating: item.string ?? "")
        }
        guard conditions.count <= Self.countMax else {
            throw .invalid("A deployment has at most \(Self.countMax) conditions.")
        }
        guard Set(conditions.map(\.text)).count == conditions.count else {
            throw .invalid("Two conditions are the same.")
        }
        for condition in conditions { try condition.requireMeasurable() }
        self = conditions
    }
}

extension Condition {
    /// - Throws: `unsupported` for what nothing here measures.
    fileprivate func requireMeasurable() throws(MartletError) {
        guard case .stabilityIndex = self.measure else { return }
        throw MartletError(.unsupported, "The condition '\(self.text)' is impossible: this server measures no drift.")
    }
}
