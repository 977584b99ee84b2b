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
        self = conditions
    }
}

extension DeploymentSettings {
    /// - Throws: `invalidArgument` for conditions on features that are not counted.
    func requireMeasured() throws(MartletError) {
        for condition in self.conditions {
            guard case .stabilityIndex(let feature) = condition.measure, self.drift?.places[feature] == nil else {
                continue
            }
            throw .invalid(
                "'\(condition.text)' is never known: the setting 'drift' does not say where '\(feature)' is."
            )
        }
    }
}
