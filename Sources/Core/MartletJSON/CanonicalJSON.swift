/// A JSON value that has exactly one spelling (RFC 8785, the JSON Canonicalization Scheme), to be hashed and signed.
package indirect enum CanonicalJSON: Sendable {
    case null
    case bool(Bool)
    /// Finite: JSON has no spelling for anything else.
    case number(Double)
    case string(String)
    case array([CanonicalJSON])
    /// In any order; no two names may have the same bytes.
    case object([Member])
    /// The ``bytes`` of another value, for one that is large and was spelt before it was needed.
    case spelt([UInt8])

    package struct Member: Sendable {
        package let name: String
        package let value: CanonicalJSON

        package init(_ name: String, _ value: CanonicalJSON) {
            self.name = name
            self.value = value
        }
    }

    /// A whole number; as text where a double could not hold it, as the standard advises.
    package init(_ integer: Int64) {
        self = integer.magnitude <= 1 << 53 ? .number(Double(integer)) : .string(String(integer))
    }

    /// The one spelling, in UTF-8.
    package var bytes: [UInt8] {
        var json = JSONWriter()
        self.write(to: &json)
        return json.bytes
    }

    /// The one spelling.
    package var text: String { String(decoding: self.bytes, as: UTF8.self) }

    private func write(to json: inout JSONWriter) {
        switch self {
        case .null: json.null()
        case .bool(let value): json.bool(value)
        case .number(let value): json.verbatim(CanonicalNumber.text(of: value))
        case .string(let text): json.string(text)
        case .array(let elements):
            json.beginArray()
            for element in elements { element.write(to: &json) }
            json.endArray()
        case .object(let members):
            json.beginObject()
            for member in Self.sorted(members) {
                json.name(text: member.name)
                member.value.write(to: &json)
            }
            json.endObject()
        case .spelt(let bytes): json.verbatim(bytes)
        }
    }

    /// Sorts by UTF-16 code units, which is not the order of bytes: characters beyond the first plane come earlier.
    private static func sorted(_ members: [Member]) -> [Member] {
        let sorted = members.sorted { $0.name.utf16.lexicographicallyPrecedes($1.name.utf16) }
        let isRepeated = zip(sorted, sorted.dropFirst()).contains { $0.name.utf16.elementsEqual($1.name.utf16) }
        precondition(!isRepeated, "two members of an object have the same name")
        return sorted
    }
}
