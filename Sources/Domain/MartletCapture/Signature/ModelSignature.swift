package import MartletCore
package import MartletJSON

/// What a model takes and gives, in the words of MLflow's signatures.
package struct ModelSignature: Sendable, Hashable {
    /// `nil` where the model says nothing.
    package let inputs: [SignatureField]?
    /// `nil` where the model says nothing.
    package let outputs: [SignatureField]?
    /// Sorted by their names.
    package let params: [SignatureParam]

    /// - Throws: `invalidArgument` when two inputs, outputs or params have the same name.
    package init(
        inputs: [SignatureField]?,
        outputs: [SignatureField]?,
        params: [SignatureParam] = []
    ) throws(MartletError) {
        try SignatureNames.requireDistinct((inputs ?? []).compactMap(\.name))
        try SignatureNames.requireDistinct((outputs ?? []).compactMap(\.name))
        self.inputs = inputs
        self.outputs = outputs
        self.params = try SignatureNames.sorted(params) { $0.name }
    }
}

extension ModelSignature {
    /// Reads the `signature` of an MLmodel file: JSON texts inside YAML.
    ///
    /// - Returns: `nil` when it says nothing.
    /// - Throws: `invalidArgument` with the reason.
    init?(mlmodel: YAMLValue) throws(MartletError) {
        guard case .map = mlmodel else {
            if mlmodel == .null { return nil }
            throw .invalid("the signature is not a map")
        }
        let inputs = try Self.json("inputs", of: mlmodel)
        let outputs = try Self.json("outputs", of: mlmodel)
        let params = try Self.json("params", of: mlmodel)
        if inputs == nil, outputs == nil, params == nil { return nil }
        try self.init(inputs: inputs, outputs: outputs, params: params)
    }

    private static func json(_ name: String, of mlmodel: YAMLValue) throws(MartletError) -> JSONValue? {
        switch mlmodel[name] {
        case nil, .null?: return nil
        case .text(let text)?:
            do {
                return try CapturedText.json(Array(text.utf8), depthMax: CaptureLimits.signatureDepth)
            } catch {
                throw .invalid("the signature's \(name) are \(error.message)")
            }
        default: throw .invalid("the signature's \(name) are not a text")
        }
    }

    /// Reads what ``json`` wrote.
    ///
    /// - Throws: `invalidArgument` with the reason.
    package init(_ json: JSONValue) throws(MartletError) {
        guard json.kind == .object else { throw .invalid("the signature is not a JSON object") }
        try self.init(inputs: json["inputs"], outputs: json["outputs"], params: json["params"])
    }

    private init(inputs: JSONValue?, outputs: JSONValue?, params: JSONValue?) throws(MartletError) {
        try self.init(
            inputs: try Self.list("inputs", inputs, SignatureField.init),
            outputs: try Self.list("outputs", outputs, SignatureField.init),
            params: try Self.list("params", params, SignatureParam.init) ?? []
        )
    }

    private static func list<Item>(
        _ name: String,
        _ json: JSONValue?,
        _ read: (JSONValue) throws(MartletError) -> Item
    ) throws(MartletError) -> [Item]? {
        guard let json, json.kind != .null else { return nil }
        guard json.kind == .array else { throw .invalid("the signature's \(name) are not a list") }
        var items: [Item] = []
        for element in json.elements {
            do {
                items.append(try read(element))
            } catch {
                throw .invalid("the signature's \(name): \(error.message)")
            }
        }
        return items
    }

    /// This signature, to be written: MLflow's own shape, with what it leaves out left out.
    package var json: CanonicalJSON {
        var members: [CanonicalJSON.Member] = []
        if let inputs { members.append(CanonicalJSON.Member("inputs", .array(inputs.map(\.json)))) }
        if let outputs { members.append(CanonicalJSON.Member("outputs", .array(outputs.map(\.json)))) }
        if !self.params.isEmpty { members.append(CanonicalJSON.Member("params", .array(self.params.map(\.json)))) }
        return .object(members)
    }
}
