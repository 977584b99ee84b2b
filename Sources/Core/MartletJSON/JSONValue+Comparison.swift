extension JSONValue {
    /// Below it numbers are compared by their difference alone: nearly 0 and 0 are never alike by their ratio.
    private static let smallestScale = 1e-3

    /// Whether two values are the same but for the order of members and for what computing makes of fractions.
    ///
    /// Numbers are alike that differ by at most `tolerance` of the larger one, or of 0.001 where both are smaller. Two
    /// that are both written without fraction and exponent must be the same: of a class or an id, the next one is
    /// another. Of members with the same name, the last one counts.
    package func isAlike(_ other: JSONValue, tolerance: Double) -> Bool {
        switch (self.kind, other.kind) {
        case (.object, .object): self.hasMembers(like: other, tolerance)
        case (.array, .array): self.elements.elementsEqual(other.elements) { $0.isAlike($1, tolerance: tolerance) }
        case (.string, .string): self.utf8 == other.utf8
        case (.integer, .integer): self.isSameInteger(as: other)
        case (.integer, .real), (.real, .integer), (.real, .real): self.isNumber(near: other, tolerance)
        default: self.kind == other.kind
        }
    }

    private func hasMembers(like other: JSONValue, _ tolerance: Double) -> Bool {
        let (members, others) = (self.membersByName, other.membersByName)
        guard members.count == others.count else { return false }
        return members.allSatisfy { name, value in
            others[name].map { value.isAlike($0, tolerance: tolerance) } ?? false
        }
    }

    private var membersByName: [[UInt8]: JSONValue] {
        Dictionary(self.members.lazy.map { ($0.name.utf8, $0.value) }, uniquingKeysWith: { $1 })
    }

    /// Of a string. Strings themselves take different code points for equal where Unicode does.
    private var utf8: [UInt8] { Array((self.string ?? "").utf8) }

    private func isSameInteger(as other: JSONValue) -> Bool {
        guard let value = self.integer, let another = other.integer else { return self.source == other.source }
        return value == another
    }

    private func isNumber(near other: JSONValue, _ tolerance: Double) -> Bool {
        guard let value = self.double, let another = other.double, value.isFinite, another.isFinite else {
            return self.source == other.source
        }
        let scale = max(value.magnitude, another.magnitude, Self.smallestScale)
        return (value - another).magnitude <= tolerance * scale
    }
}
