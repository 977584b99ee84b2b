/// What a file of a model is there for.
package enum FileRole: String, Sendable, Hashable, CaseIterable {
    case weights
    case config
    case tokenizer
    case preprocessing
    case code
    case logs
    case other

    /// What names alone say; `nil` when they say nothing.
    static func named(_ path: String) -> FileRole? {
        let parts = path.split(separator: "/")
        guard let file = parts.last?.lowercased() else { return nil }
        if let role = self.byFile[file] { return role }
        for folder in parts.dropLast().reversed() {
            if let role = self.byFolder[folder.lowercased()] { return role }
        }
        if file.contains(".tfevents.") { return .logs }
        if file.hasPrefix("requirements"), file.hasSuffix(".txt") { return .config }
        if file.hasSuffix(".index.json") { return .weights }
        guard let dot = file.lastIndex(of: ".") else { return nil }
        let ending = String(file[file.index(after: dot)...])
        // A checkpoint of TensorFlow is spread over `variables.data-00000-of-00001` and its like.
        return self.byEnding[ending] ?? (ending.hasPrefix("data-") ? .weights : nil)
    }

    private static let byFile: [String: FileRole] = {
        let tokenizer = [
            "tokenizer.json", "tokenizer_config.json", "vocab.txt", "vocab.json", "vocab.bpe", "merges.txt",
            "special_tokens_map.json", "added_tokens.json", "tokenizer.model", "spiece.model", "spm.model",
            "sentencepiece.model", "sentencepiece.bpe.model", "source.spm", "target.spm", "chat_template.jinja",
            "chat_template.json", "normalizer.json", "bpe.codes", "encoder.json",
        ]
        let preprocessing = [
            "preprocessor_config.json", "feature_extractor_config.json", "feature_extractor.json",
            "image_processor_config.json", "processor_config.json", "video_preprocessor_config.json",
        ]
        let config = ["mlmodel", "requirements.txt", "conda.yaml", "python_env.yaml", "config.json"]
        let examples = ["input_example.json", "serving_input_example.json"]
        return Self.roles([
            .tokenizer: tokenizer, .preprocessing: preprocessing, .config: config, .other: examples,
        ])
    }()

    private static let byFolder = Self.roles([
        .tokenizer: ["tokenizer", "tokenizer_2", "tokenizer_3"],
        .preprocessing: ["feature_extractor", "image_processor", "processor", "preprocessor"],
        .logs: ["logs", "tensorboard"],
    ])

    private static let byEnding = Self.roles([
        .weights: [
            "safetensors", "pt", "pt2", "pth", "ptl", "pkl", "pickle", "cloudpickle", "joblib", "skops", "h5", "hdf5",
            "keras", "onnx", "gguf", "ggml", "bin", "tflite", "pb", "ubj", "xgb", "lgb", "cbm", "npz", "npy", "ckpt",
            "msgpack", "model", "h2o", "mar", "mlmodel", "engine", "plan", "index", "weights", "pdparams", "pdmodel",
            "pdiparams", "params",
        ],
        .tokenizer: ["spm", "tiktoken", "bpe"],
        .config: ["json", "yaml", "yml", "toml", "ini", "cfg", "conf", "properties"],
        .code: ["py", "ipynb", "sh", "r", "jl", "js", "ts", "java", "scala", "c", "cc", "cpp", "cu", "h", "hpp", "rs"],
        .logs: ["log", "tfevents"],
    ])

    private static func roles(_ words: [FileRole: [String]]) -> [String: FileRole] {
        Dictionary(words.flatMap { role, words in words.map { ($0, role) } }) { first, _ in first }
    }
}
