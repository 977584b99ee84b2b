import MartletCore
import MartletJSON

/// How parts of documents are named: `["inputs", "*", "name"]`.
extension JSONValue {
    private static let placesMax = 100
    private static let stepsMax = 16

    /// Where something stands in a document: names, from the outside in.
    ///
    /// - Parameter what: It, in a refusal.
    func place(_ what: String) throws(MartletError) -> [String] {
        let names = self.elements.compactMap(\.string)
        guard (1...Self.stepsMax).contains(names.count), names.count == Array(self.elements).count else {
            let given = self.source.prefix(100)
            throw .invalid("\(what) is a list of 1 to \(Self.stepsMax) names, from the outside in, and not \(given).")
        }
        return names
    }

    /// A list of such places; none where this is `null`.
    ///
    /// - Parameter setting: What it is the value of.
    func places(_ setting: String) throws(MartletError) -> [[String]] {
        if self.kind == .null { return [] }
        let places = try self.elements.map { place throws(MartletError) in
            try place.place("Each place in '\(setting)'")
        }
        guard self.kind == .array, places.count <= Self.placesMax else {
            throw .invalid("'\(setting)' is a list of up to \(Self.placesMax) places.")
        }
        return places
    }
}

extension CanonicalJSON {
    /// What ``JSONValue/places(_:)`` reads.
    init(places: [[String]]) {
        self = .array(places.map { .array($0.map(CanonicalJSON.string)) })
    }
}
