import MartletCore
import MartletJSON

/// What a request says, wherever it says it: the members of a JSON object, or query parameters.
///
/// Values are read with the leniency of the Protocol Buffers JSON mapping, which is how MLflow's server
/// parses them: numbers may be strings, names may be snake_case or camelCase, null means absent.
struct MLflowFields: Sendable {
    enum Source: Sendable {
        case json(JSONValue)
        /// Percent-decoded, in the order of the query; a repeated field is a repeated name.
        case query([(name: String, value: String)])
    }

    private let source: Source
    /// What the route's path says, as in `logged-models/{model_id}`.
    private let captures: [(name: String, value: String)]
    private let path: FieldPath
    /// Who asks.
    var actor = ActorName.anonymous
    /// The entry of the ledger that must have moved a version last, if the request says so.
    var expectedRevision: Int64?

    /// What is done at this request's wish.
    var act: Act { Act(by: self.actor) }

    init(_ source: Source, captures: [(name: String, value: String)] = [], path: FieldPath = .top) {
        self.source = source
        self.captures = captures
        self.path = path
    }

    // MARK: Text

    /// The text of a field that must be there and must not be empty.
    func requiredString(_ name: StaticString) throws(MartletError) -> String {
        guard let text = try self.string(name), !text.isEmpty else { throw self.missing(name) }
        return text
    }

    func string(_ name: StaticString) throws(MartletError) -> String? {
        switch try self.value(name) {
        case nil: nil
        case .query(let text): text
        case .json(let value):
            if let text = value.string { text } else { throw self.invalid(name, value) }
        }
    }

    // MARK: Numbers

    func requiredInteger(_ name: StaticString) throws(MartletError) -> Int64 {
        guard let value = try self.integer(name) else { throw self.missing(name) }
        return value
    }

    func integer(_ name: StaticString) throws(MartletError) -> Int64? {
        switch try self.value(name) {
        case nil: return nil
        case .query(let text):
            guard let value = Int64(text) else { throw self.invalid(name, shown: Self.quoted(text), type: "str") }
            return value
        case .json(let value):
            if let integer = value.integer ?? value.string.flatMap({ Int64($0) }) { return integer }
            if let double = value.double, let integer = Int64(exactly: double) { return integer }
            throw self.invalid(name, value)
        }
    }

    func requiredDouble(_ name: StaticString) throws(MartletError) -> Double {
        guard let field = try self.value(name) else { throw self.missing(name) }
        switch field {
        case .query(let text):
            guard let value = Double(protobuf: text) else {
                throw self.invalid(name, shown: Self.quoted(text), type: "str")
            }
            return value
        case .json(let value):
            // A number too large for a double reads as infinity; who means that says "Infinity".
            let number = value.double.flatMap { $0.isFinite ? $0 : nil }
            guard let double = number ?? value.string.flatMap(Double.init(protobuf:)) else {
                throw self.invalid(name, value)
            }
            return double
        }
    }

    func bool(_ name: StaticString) throws(MartletError) -> Bool? {
        switch try self.value(name) {
        case nil: return nil
        case .query(let text):
            switch text.lowercased() {
            case "true": return true
            case "false": return false
            default: throw .invalid("Invalid boolean value: \(text), must be 'true' or 'false'.")
            }
        case .json(let value):
            guard let bool = value.bool else { throw self.invalid(name, value) }
            return bool
        }
    }

    /// A Protocol Buffers enumeration: the name of a case, or its number.
    func enumeration<Value>(_ name: StaticString, _ cases: [(String, Int64, Value)]) throws(MartletError) -> Value? {
        guard let field = try self.value(name) else { return nil }
        let text: String? =
            switch field {
            case .query(let text): text
            case .json(let value): value.string
            }
        let number: Int64? =
            switch field {
            case .query(let text): Int64(text)
            case .json(let value): value.integer ?? value.string.flatMap { Int64($0) }
            }
        if let found = cases.first(where: { $0.0 == text || $0.1 == number }) { return found.2 }
        switch field {
        case .query(let text): throw self.invalid(name, shown: Self.quoted(text), type: "str")
        case .json(let value): throw self.invalid(name, value)
        }
    }

    // MARK: Repeated fields and messages

    /// Whether a field is there, even if it is empty.
    func isPresent(_ name: StaticString) throws(MartletError) -> Bool { try self.value(name) != nil }

    /// The texts of a repeated field; empty when it is absent.
    func strings(_ name: StaticString) throws(MartletError) -> [String] {
        switch self.source {
        case .query(let items):
            return items.filter { Self.spelling(of: name, is: $0.name) }.map(\.value)
        case .json:
            guard case .json(let list)? = try self.value(name) else { return [] }
            guard list.kind == .array else { throw self.invalid(name, list) }
            var texts: [String] = []
            for element in list.elements {
                guard let text = element.string else { throw self.invalid(name, list) }
                texts.append(text)
            }
            return texts
        }
    }

    /// The messages of a repeated field; empty when it is absent.
    ///
    /// - Parameter countMax: More are refused before any of them is looked at.
    func objects(
        _ name: StaticString,
        max countMax: Int = Limits.messagesPerField
    ) throws(MartletError) -> [MLflowFields] {
        guard case .json(let list)? = try self.value(name) else { return [] }
        guard list.kind == .array else { throw self.invalid(name, list) }
        var objects: [MLflowFields] = []
        for element in list.elements {
            guard element.kind == .object else { throw self.invalid(name, list) }
            guard objects.count < countMax else {
                throw .invalid("'\(self.qualified(name))' has more than \(countMax) elements.")
            }
            objects.append(MLflowFields(.json(element), path: self.path.appending(name, objects.count)))
        }
        return objects
    }

    func object(_ name: StaticString) throws(MartletError) -> MLflowFields? {
        guard case .json(let value)? = try self.value(name) else { return nil }
        guard value.kind == .object else { throw self.invalid(name, value) }
        return MLflowFields(.json(value), path: self.path.appending(name))
    }

    // MARK: Errors

    /// A field's whole name, as in `metrics[3].key`.
    func qualified(_ name: StaticString) -> String {
        "\(self.path.prefix)\(name)"
    }

    /// The refusal of a field that is absent but needed.
    func missing(_ name: StaticString) -> MartletError {
        .invalid(
            "Missing value for required parameter '\(self.qualified(name))'."
                + " See the API docs for more information about request parameters."
        )
    }

    /// The refusal of a value that the field cannot have.
    func invalid(_ name: StaticString, shown: String, type: String) -> MartletError {
        .invalid(
            "Invalid value \(shown) for parameter '\(self.qualified(name))' supplied:  "
                + "Hint: Value was of type '\(type)'. See the API docs for more information about request parameters."
        )
    }

    private func invalid(_ name: StaticString, _ value: JSONValue) -> MartletError {
        self.invalid(name, shown: value.source, type: value.pythonTypeName)
    }
}

extension MLflowFields {
    private enum Field {
        case json(JSONValue)
        case query(String)
    }

    /// Finds a field under either of its spellings; null is absent.
    private func value(_ name: StaticString) throws(MartletError) -> Field? {
        if let capture = self.captures.first(where: { Self.spelling(of: name, is: $0.name) }) {
            return .query(capture.value)
        }
        switch self.source {
        case .query(let items):
            return items.last { Self.spelling(of: name, is: $0.name) }.map { .query($0.value) }
        case .json(let object):
            guard let value = try Self.member(name, of: object), value.kind != .null else { return nil }
            return .json(value)
        }
    }

    private static func member(_ name: StaticString, of object: JSONValue) throws(MartletError) -> JSONValue? {
        let own = object.member { Self.isEqual(name, $0) }
        guard Self.hasTwin(name), let twin = object.member({ Self.isCamelCase(of: name, $0) }) else { return own }
        guard own == nil else {
            throw .invalid("Request specifies '\(name)' in two spellings; provide only one of them.")
        }
        return twin
    }

    private static func spelling(of name: StaticString, is candidate: String) -> Bool {
        var candidate = candidate
        return candidate.withUTF8 { self.isEqual(name, $0) || self.isCamelCase(of: name, $0) }
    }

    private static func isEqual(_ name: StaticString, _ candidate: UnsafeBufferPointer<UInt8>) -> Bool {
        name.utf8CodeUnitCount == candidate.count
            && UnsafeBufferPointer(start: name.utf8Start, count: candidate.count).elementsEqual(candidate)
    }

    /// Whether a name in snake_case has another spelling in camelCase.
    private static func hasTwin(_ name: StaticString) -> Bool {
        UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount).contains(UInt8(ascii: "_"))
    }

    /// Whether `candidate` is `name`, which is in snake_case, in camelCase.
    private static func isCamelCase(of name: StaticString, _ candidate: UnsafeBufferPointer<UInt8>) -> Bool {
        var position = 0
        var isUpper = false
        for character in UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount) {
            if character == UInt8(ascii: "_") {
                isUpper = true
                continue
            }
            guard position < candidate.count, candidate[position] == (isUpper ? character & ~0x20 : character) else {
                return false
            }
            isUpper = false
            position += 1
        }
        return position == candidate.count
    }

    private static func quoted(_ text: String) -> String {
        var json = JSONWriter()
        json.string(text)
        return String(decoding: json.bytes, as: UTF8.self)
    }
}

extension JSONValue {
    /// The name that MLflow's messages, written by a Python program, give to a value's type.
    fileprivate var pythonTypeName: String {
        switch self.kind {
        case .object: "dict"
        case .array: "list"
        case .string: "str"
        case .integer: "int"
        case .real: "float"
        case .true, .false: "bool"
        case .null: "NoneType"
        }
    }
}

extension Double {
    /// Reads a number as the JSON mapping of Protocol Buffers spells it in a string.
    fileprivate init?(protobuf text: String) {
        switch text {
        case "NaN": self = .nan
        case "Infinity": self = .infinity
        case "-Infinity": self = -.infinity
        default:
            guard let value = Double(text), value.isFinite else { return nil }
            self = value
        }
    }
}
