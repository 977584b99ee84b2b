package import MartletCore
package import MartletJSON

/// What a `config.json` of transformers and its like says about a model. What it does not say, or says oddly, is `nil`.
package struct ModelConfigFile: Sendable, Hashable {
    package let architectures: [String]
    package let modelType: String?
    /// `single_label_classification`, …
    package let problemType: String?
    package let dtype: String?
    package let transformersVersion: String?
    /// Sizes that tell one architecture from another, by their names in the file.
    package let dimensions: [String: Int64]

    private static let architecturesMax = 16
    private static let dimensionNames = [
        "d_ff", "d_kv", "d_model", "head_dim", "hidden_size", "image_size", "in_channels", "intermediate_size",
        "max_position_embeddings", "n_embd", "n_head", "n_layer", "n_positions", "num_attention_heads", "num_channels",
        "num_experts", "num_heads", "num_hidden_layers", "num_key_value_heads", "num_labels", "num_layers",
        "num_local_experts", "out_channels", "patch_size", "sample_size", "vocab_size",
    ]

    /// Reads the bytes of a file.
    ///
    /// - Throws: `invalidArgument` for what is not a JSON object.
    package init(parsing bytes: [UInt8]) throws(MartletError) {
        let json = try CapturedText.json(bytes)
        guard json.kind == .object else { throw .invalid("not a JSON object") }
        let listed = (json["architectures"]?.elements).map { $0.prefix(Self.architecturesMax).compactMap(Self.word) }
        // diffusers names the class instead.
        let named = [json["_class_name"].flatMap(Self.word)].compactMap { $0 }
        self.architectures = listed.flatMap { $0.isEmpty ? nil : $0 } ?? named
        self.modelType = json["model_type"].flatMap(Self.word)
        self.problemType = json["problem_type"].flatMap(Self.word)
        self.dtype = (json["dtype"] ?? json["torch_dtype"]).flatMap(Self.word)
        self.transformersVersion = (json["transformers_version"] ?? json["_diffusers_version"]).flatMap(Self.word)
        var dimensions: [String: Int64] = [:]
        for name in Self.dimensionNames {
            if let size = json[name]?.integer { dimensions[name] = size }
        }
        self.dimensions = dimensions
    }

    private static func word(_ json: JSONValue) -> String? {
        json.string.flatMap { $0.utf8.count <= CaptureLimits.nameBytes ? $0 : nil }
    }

    /// What of this belongs to the architecture, to be written: not who wrote it, nor when.
    package var json: CanonicalJSON {
        var members = [CanonicalJSON.Member("architectures", .array(self.architectures.map { .string($0) }))]
        for (name, text) in [("model_type", self.modelType), ("problem_type", self.problemType)] {
            if let text { members.append(CanonicalJSON.Member(name, .string(text))) }
        }
        let sizes = self.dimensions.map { CanonicalJSON.Member($0.key, CanonicalJSON($0.value)) }
        return .object(members + [CanonicalJSON.Member("dimensions", .object(sizes))])
    }
}
