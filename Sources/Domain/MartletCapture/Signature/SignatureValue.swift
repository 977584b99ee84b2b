package import MartletCore
package import MartletJSON

/// The default of a parameter: any JSON value that can be written in one way.
package indirect enum SignatureValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case number(Double)
    case text(String)
    case list([SignatureValue])
    /// Members with distinct names, sorted by them.
    case object([Member])

    /// One member of an object.
    package struct Member: Sendable, Hashable {
        package let name: String
        package let value: SignatureValue
    }

    /// Reads a value of a document whose depth is bounded.
    ///
    /// - Throws: `invalidArgument` for a number that no double holds, and for a name that is given twice.
    package init(_ json: JSONValue) throws(MartletError) {
        switch json.kind {
        case .null: self = .null
        case .true, .false: self = .bool(json.kind == .true)
        case .string: self = .text(json.string ?? "")
        case .integer, .real:
            guard let number = json.double, number.isFinite else { throw .invalid("a number is too large") }
            self = .number(number)
        case .array:
            var elements: [SignatureValue] = []
            for element in json.elements { elements.append(try SignatureValue(element)) }
            self = .list(elements)
        case .object:
            var members: [Member] = []
            for (name, value) in json.members {
                members.append(Member(name: name.string ?? "", value: try SignatureValue(value)))
            }
            self = .object(try SignatureNames.sorted(members) { $0.name })
        }
    }

    /// This value, to be written.
    package var json: CanonicalJSON {
        switch self {
        case .null: .null
        case .bool(let value): .bool(value)
        case .number(let value): .number(value)
        case .text(let text): .string(text)
        case .list(let elements): .array(elements.map(\.json))
        case .object(let members): .object(members.map { CanonicalJSON.Member($0.name, $0.value.json) })
        }
    }
}

/// Names in a signature, which must differ.
enum SignatureNames {
    /// Sorts by the names' bytes.
    ///
    /// - Throws: `invalidArgument` when a name is given twice.
    static func sorted<Named>(_ items: [Named], by name: (Named) -> String) throws(MartletError) -> [Named] {
        try self.requireDistinct(items.map(name))
        return items.sorted { name($0).utf8.lexicographicallyPrecedes(name($1).utf8) }
    }

    /// - Throws: `invalidArgument` when a name is given twice, or is too long to be repeated in a reason.
    static func requireDistinct(_ names: [String]) throws(MartletError) {
        var seen: Set<ExactText> = []
        for name in names {
            guard name.utf8.count <= CaptureLimits.nameBytes else {
                throw .invalid("a name is longer than \(CaptureLimits.nameBytes) bytes")
            }
            guard seen.insert(ExactText(name)).inserted else { throw .invalid("'\(name)' is given twice") }
        }
    }
}
