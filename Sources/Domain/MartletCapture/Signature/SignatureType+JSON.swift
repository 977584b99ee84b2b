internal import MartletCore
internal import MartletJSON

extension SignatureType {
    /// Reads a type and whatever stands beside it: MLflow writes `type` among the members of what has the type.
    init(_ json: JSONValue) throws(MartletError) {
        // An element of an array may be named rather than described.
        if let name = json.string {
            self = .scalar(try Self.word(name))
            return
        }
        guard let name = (json["type"] ?? json["dtype"])?.string else { throw .invalid("a type is missing") }
        switch name {
        case "tensor": self = try Self.tensor(json["tensor-spec"])
        case "array": self = .array(try Self.inner(json["items"], of: name))
        case "map": self = .map(try Self.inner(json["values"], of: name))
        case "object": self = .object(try Self.properties(json["properties"]))
        default: self = .scalar(try Self.word(name))
        }
    }

    private static func inner(_ json: JSONValue?, of name: String) throws(MartletError) -> SignatureType {
        guard let json else { throw .invalid("of a type '\(name)' it is not said what it holds") }
        return try SignatureType(json)
    }

    private static func tensor(_ json: JSONValue?) throws(MartletError) -> SignatureType {
        guard let json, let element = json["dtype"]?.string, let shape = json["shape"] else {
            throw .invalid("a tensor has no type or shape")
        }
        return .tensor(element: try self.word(element), shape: try self.shape(shape))
    }

    private static func word(_ name: String) throws(MartletError) -> String {
        try SignatureNames.requireDistinct([name])
        return name
    }

    /// Reads the sizes of some dimensions.
    static func shape(_ json: JSONValue) throws(MartletError) -> [Int64] {
        guard json.kind == .array else { throw .invalid("a shape is not a list") }
        var shape: [Int64] = []
        for element in json.elements {
            guard let size = element.integer, size >= -1 else { throw .invalid("a shape has a size that is none") }
            guard shape.count < CaptureLimits.tensorRank else { throw .invalid("a shape has too many dimensions") }
            shape.append(size)
        }
        return shape
    }

    private static func properties(_ json: JSONValue?) throws(MartletError) -> [SignatureField] {
        guard let json, json.kind == .object else { throw .invalid("an object has no properties") }
        var fields: [SignatureField] = []
        for (name, value) in json.members {
            fields.append(try SignatureField(named: name.string, value))
        }
        return try SignatureNames.sorted(fields) { $0.name ?? "" }
    }

    /// The members that describe this type.
    var members: [CanonicalJSON.Member] {
        func type(_ name: String) -> CanonicalJSON.Member { CanonicalJSON.Member("type", .string(name)) }
        switch self {
        case .scalar(let name): return [type(name)]
        case .tensor(let element, let shape):
            let specification = CanonicalJSON.object([
                CanonicalJSON.Member("dtype", .string(element)),
                CanonicalJSON.Member("shape", .array(shape.map { CanonicalJSON($0) })),
            ])
            return [type("tensor"), CanonicalJSON.Member("tensor-spec", specification)]
        case .array(let element): return [type("array"), CanonicalJSON.Member("items", .object(element.members))]
        case .map(let value): return [type("map"), CanonicalJSON.Member("values", .object(value.members))]
        case .object(let fields):
            let properties = fields.map { CanonicalJSON.Member($0.name ?? "", .object($0.unnamedMembers)) }
            return [type("object"), CanonicalJSON.Member("properties", .object(properties))]
        }
    }
}

extension SignatureField {
    init(_ json: JSONValue) throws(MartletError) {
        try self.init(named: json["name"]?.string, json)
    }

    /// Reads a field whose name stands elsewhere.
    init(named name: String?, _ json: JSONValue) throws(MartletError) {
        // Some versions of MLflow wrote the opposite.
        let isRequired = json["required"]?.bool ?? !(json["optional"]?.bool ?? false)
        self.init(name: name, type: try SignatureType(json), isRequired: isRequired)
    }

    var json: CanonicalJSON {
        let name = self.name.map { [CanonicalJSON.Member("name", .string($0))] } ?? []
        return .object(name + self.unnamedMembers)
    }

    var unnamedMembers: [CanonicalJSON.Member] {
        self.type.members + [CanonicalJSON.Member("required", .bool(self.isRequired))]
    }
}

extension SignatureParam {
    init(_ json: JSONValue) throws(MartletError) {
        guard let name = json["name"]?.string else { throw .invalid("a param has no name") }
        let shape = json["shape"].flatMap { $0.kind == .null ? nil : $0 }
        self.init(
            name: name,
            type: try SignatureType(json),
            shape: try shape.map(SignatureType.shape),
            defaultValue: try json["default"].map(SignatureValue.init)
        )
    }

    var json: CanonicalJSON {
        var members = self.type.members
        members.append(CanonicalJSON.Member("name", .string(self.name)))
        if let shape { members.append(CanonicalJSON.Member("shape", .array(shape.map { CanonicalJSON($0) }))) }
        if let defaultValue { members.append(CanonicalJSON.Member("default", defaultValue.json)) }
        return .object(members)
    }
}
