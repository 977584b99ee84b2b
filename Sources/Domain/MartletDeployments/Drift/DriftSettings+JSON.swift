import MartletCore
import MartletJSON
import MartletRouting

/// How they are written: `{"partsPerMillion": 10000, "features": {"age": ["inputs", "*", "age"]}, "scores": {…}}`.
extension DriftSettings {
    private static let placesMax = 200

    init(_ json: JSONValue) throws(MartletError) {
        let known: Set = ["partsPerMillion", "features", "scores"]
        guard json.kind == .object, json.members.allSatisfy({ known.contains($0.name.string ?? "") }) else {
            throw .invalid("'drift' has 'partsPerMillion', 'features' and 'scores'.")
        }
        self.share =
            try json["partsPerMillion"].map { json throws(MartletError) in
                guard let parts = json.integer else { throw .invalid("'partsPerMillion' is a whole number.") }
                return try Share(partsPerMillion: parts)
            } ?? .all
        self.places = [:]
        for (member, side) in [("features", Place.Side.request), ("scores", .answer)] {
            guard let places = json[member], places.kind != .null else { continue }
            for (name, path) in places.members {
                guard self.places.updateValue(try Place(path, side), forKey: name.string ?? "") == nil else {
                    throw .invalid("'drift' has \(name.source) twice.")
                }
            }
        }
        guard (1...Self.placesMax).contains(self.places.count) else {
            throw .invalid("'drift' names 1 to \(Self.placesMax) features and scores.")
        }
    }

    var json: CanonicalJSON {
        .object([
            .init("features", self.json(.request)), .init("scores", self.json(.answer)),
            .init("partsPerMillion", CanonicalJSON(Int64(self.share.partsPerMillion))),
        ])
    }

    private func json(_ side: Place.Side) -> CanonicalJSON {
        .object(
            self.places.filter { $0.value.side == side }.map { name, place in
                .init(name, .array(place.path.map(CanonicalJSON.string)))
            }
        )
    }
}

extension DriftSettings.Place {
    fileprivate init(_ json: JSONValue, _ side: Side) throws(MartletError) {
        self.init(side: side, path: try json.place("Where a feature stands"))
    }

    /// Returns the values at this place, the first of very many; a single `nil` where it leads nowhere.
    func values(in root: JSONValue) -> [JSONValue?] {
        var values: [JSONValue?] = [root]
        for step in self.path {
            var next: [JSONValue?] = []
            for value in values where next.count < Self.valuesMax {
                let found = value.map { Self.follow(step, from: $0) } ?? [nil]
                next += found.prefix(Self.valuesMax - next.count)
            }
            values = next
        }
        return values
    }

    /// Of one feature in one request.
    private static let valuesMax = 1_000

    private static func follow(_ step: String, from value: JSONValue) -> [JSONValue?] {
        switch value.kind {
        case .object: return [value[step]]
        case .array:
            if step == "*" { return Array(value.elements) }
            guard let index = Int(step), index >= 0 else { return [nil] }
            return [value.elements.dropFirst(index).first { _ in true }]
        default: return [nil]
        }
    }
}
