/// Finds out a type's shape by having it decode itself from nothing, and noting what it asks for.
///
/// Works for types whose decoding the compiler wrote, which asks for every member once.
final class SchemaProbe {
    fileprivate var schema = Schema.any

    static func schema(of type: any Decodable.Type) -> Schema {
        switch type {
        case is String.Type: return .string
        case is Bool.Type: return .boolean
        case is Int.Type, is Int64.Type: return .integer
        case is Double.Type: return .number
        default: break
        }
        let probe = SchemaProbe()
        // It may throw, for example for an enumeration; what it asked for until then is known all the same.
        _ = try? type.init(from: Probing(probe: probe))
        if case .object(_, let properties) = probe.schema {
            return .object(name: String(describing: type), properties)
        }
        return probe.schema
    }
}

private struct Probing: Decoder {
    let probe: SchemaProbe
    let codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        self.probe.schema = .object(name: "", [])
        return KeyedDecodingContainer(ProbingMembers(probe: self.probe))
    }

    func unkeyedContainer() -> any UnkeyedDecodingContainer {
        ProbingElements(probe: self.probe)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "a probe holds no value"))
    }
}

/// An object that has whatever member it is asked for.
private struct ProbingMembers<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let probe: SchemaProbe
    let codingPath: [any CodingKey] = []
    private let optional = OptionalNames()

    init(probe: SchemaProbe) {
        self.probe = probe
    }

    /// A dictionary asks for all names; it gets one, and the value under it tells what all are like.
    var allKeys: [Key] {
        [Key(stringValue: SchemaProbe.anyName)].compactMap { $0 }
    }

    func contains(_ key: Key) -> Bool { true }

    /// Only what may be absent is asked whether it is null.
    func decodeNil(forKey key: Key) -> Bool {
        self.optional.names.insert(key.stringValue)
        return false
    }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        let schema = SchemaProbe.schema(of: type)
        self.note(key.stringValue, schema)
        return try SchemaProbe.sample(type)
    }

    private func note(_ name: String, _ schema: Schema) {
        if name == SchemaProbe.anyName {
            self.probe.schema = .map(schema)
            return
        }
        guard case .object(let type, let properties) = self.probe.schema else { return }
        let property = Schema.Property(name: name, schema: schema, isRequired: !self.optional.names.contains(name))
        self.probe.schema = .object(name: type, properties + [property])
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type,
        forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> { throw SchemaProbe.unsupported }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        throw SchemaProbe.unsupported
    }
    func superDecoder() throws -> any Decoder { throw SchemaProbe.unsupported }
    func superDecoder(forKey key: Key) throws -> any Decoder { throw SchemaProbe.unsupported }
}

private final class OptionalNames {
    var names: Set<String> = []
}

/// An array of one element.
private struct ProbingElements: UnkeyedDecodingContainer {
    let probe: SchemaProbe
    let codingPath: [any CodingKey] = []
    let count: Int? = 1
    private(set) var currentIndex = 0
    var isAtEnd: Bool { self.currentIndex > 0 }

    init(probe: SchemaProbe) {
        self.probe = probe
    }

    mutating func decodeNil() -> Bool { false }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        self.currentIndex += 1
        self.probe.schema = .array(SchemaProbe.schema(of: type))
        return try SchemaProbe.sample(type)
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> { throw SchemaProbe.unsupported }
    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { throw SchemaProbe.unsupported }
    mutating func superDecoder() throws -> any Decoder { throw SchemaProbe.unsupported }
}

extension SchemaProbe {
    /// A name that no message has.
    fileprivate static let anyName = "\u{0}"

    fileprivate static var unsupported: DecodingError {
        .dataCorrupted(.init(codingPath: [], debugDescription: "not a message of ours"))
    }

    /// Some value of a type, so that decoding can go on.
    fileprivate static func sample<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let samples: [any Sendable] = ["", false, Int(0), Int64(0), 0.0]
        for sample in samples {
            if let value = sample as? Value { return value }
        }
        return try Value(from: Probing(probe: SchemaProbe()))
    }
}
