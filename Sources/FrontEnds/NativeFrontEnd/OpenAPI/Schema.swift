import MartletCore
import MartletJSON

/// The shape of a JSON value, as far as the API promises it.
indirect enum Schema: Sendable, Hashable {
    case string, integer, number, boolean, any
    case array(Schema)
    /// Values by names of the sender's choice.
    case map(Schema)
    /// - Parameter name: Of the message, under which the document describes it once.
    case object(name: String, [Property])

    struct Property: Sendable, Hashable {
        let name: String
        let schema: Schema
        let isRequired: Bool
    }

    /// The shape of a message, found out by watching it decode itself.
    init(of type: any Decodable.Type) {
        self = SchemaProbe.schema(of: type)
    }
}

extension Schema {
    /// Throws `invalidArgument` that says where and why, when a value has another shape or a member that nobody knows.
    func check(_ value: JSONValue, at place: String) throws(MartletError) {
        switch (self, value.kind) {
        case (.any, _), (.string, .string), (.boolean, .true), (.boolean, .false), (.number, .integer),
            (.number, .real):
            return
        case (.integer, .integer) where value.integer != nil:
            return
        case (.array(let element), .array):
            for (index, item) in value.elements.enumerated() { try element.check(item, at: "\(place)[\(index)]") }
        case (.map(let element), .object):
            for (name, item) in value.members { try element.check(item, at: "\(place).\(name.string ?? "")") }
        case (.object(_, let properties), .object):
            try Self.check(value, properties, at: place)
        default:
            throw .invalid("\(place.isEmpty ? "The body" : "'\(place.dropFirst())'") must be \(self.phrase).")
        }
    }

    private static func check(
        _ object: JSONValue,
        _ properties: [Property],
        at place: String
    ) throws(MartletError) {
        // Readers of JSON do not agree on which one counts (RFC 8259, section 4).
        if let name = object.repeatedName { throw .invalid("'\("\(place).\(name)".dropFirst())' is there twice.") }
        let known = Dictionary(uniqueKeysWithValues: properties.map { ($0.name, $0) })
        for (name, value) in object.members {
            let name = name.string ?? ""
            guard let property = known[name] else {
                let names = properties.map(\.name).joined(separator: ", ")
                throw .invalid("There is no '\("\(place).\(name)".dropFirst())'; there is \(names).")
            }
            if value.kind == .null, !property.isRequired { continue }
            try property.schema.check(value, at: "\(place).\(name)")
        }
        for property in properties where property.isRequired && object[property.name] == nil {
            throw .invalid("'\("\(place).\(property.name)".dropFirst())' is missing.")
        }
    }

    private var phrase: String {
        switch self {
        case .string: "a string"
        case .integer: "a whole number"
        case .number: "a number"
        case .boolean: "true or false"
        case .any: "any value"
        case .array: "an array"
        case .map, .object: "an object"
        }
    }
}
