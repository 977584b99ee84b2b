extension JSONValue {
    /// Below it numbers are compared by their difference alone: nearly 0 and 0 are never alike by their ratio.
    private static let smallestScale = 1e-3

    /// Whether two values are the same but for the order of members and for what computing makes of fractions.
    ///
    /// Numbers are alike that differ by at most `tolerance` of the larger one, or of 0.001 where both are smaller. Two
    /// that are both written without fraction and exponent must be the same: of a class or an id, the next one is
    /// another. Of members with the same name, the last one counts.
    ///
    /// - Parameter ignored: What is left out of both, be it there or not.
    package func isAlike(_ other: JSONValue, tolerance: Double, ignoring ignored: JSONPlaces = .none) -> Bool {
        switch (self.kind, other.kind) {
        case (.object, .object): self.hasMembers(like: other, tolerance, ignored)
        case (.array, .array): self.hasElements(like: other, tolerance, ignored)
        case (.string, .string): self.utf8 == other.utf8
        case (.integer, .integer): self.isSameInteger(as: other)
        case (.integer, .real), (.real, .integer), (.real, .real): self.isNumber(near: other, tolerance)
        default: self.kind == other.kind
        }
    }

    private func hasMembers(like other: JSONValue, _ tolerance: Double, _ ignored: JSONPlaces) -> Bool {
        let (members, others) = (self.membersByName(ignored), other.membersByName(ignored))
        guard members.count == others.count else { return false }
        return members.allSatisfy { name, member in
            others[name].map { member.value.isAlike($0.value, tolerance: tolerance, ignoring: member.ignored) } ?? false
        }
    }

    private func hasElements(like other: JSONValue, _ tolerance: Double, _ ignored: JSONPlaces) -> Bool {
        guard !ignored.isEmpty else {
            return self.elements.elementsEqual(other.elements) { $0.isAlike($1, tolerance: tolerance) }
        }
        return self.elements(ignored).elementsEqual(other.elements(ignored)) { element, another in
            element.value.isAlike(another.value, tolerance: tolerance, ignoring: element.ignored)
        }
    }

    /// A part of a value, and what is to be ignored of it.
    private typealias Part = (value: JSONValue, ignored: JSONPlaces)

    /// Without those that are to be ignored as a whole.
    private func membersByName(_ ignored: JSONPlaces) -> [[UInt8]: Part] {
        let parts = self.members.lazy.map { name, value in
            (name.utf8, (value, ignored.isEmpty ? ignored : ignored.below(name.string ?? "")))
        }
        return Dictionary(parts.filter { !$0.1.1.areHere }, uniquingKeysWith: { $1 })
    }

    /// Without those that are to be ignored as a whole.
    private func elements(_ ignored: JSONPlaces) -> [Part] {
        self.elements.enumerated()
            .map { index, value in (value, ignored.below(String(index))) }
            .filter { !$0.ignored.areHere }
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
