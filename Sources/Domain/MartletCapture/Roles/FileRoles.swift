/// Finds the roles of a model's files: first by what its MLmodel file declares, then by their names.
package struct FileRoles: Sendable {
    /// What names the files that describe the model, whatever else is said of them.
    private static let descriptions: Set = ["MLmodel", "requirements.txt", "conda.yaml", "python_env.yaml"]
    /// Fields that name a file or a folder of weights.
    private static let weightFields: Set = [
        "model_path", "pickled_model", "model_data", "data", "model_binary", "saved_model_dir", "python_model",
        "peft_adaptor", "state_dict", "model_weights",
    ]

    /// The folder of the MLmodel file, which its paths begin in; empty or with a slash at its end.
    private let root: String
    private let declared: [String: FileRole]
    /// What a caller put beside the model, which may be anything.
    private let artifacts: Set<String>

    package init(declaredBy file: MLmodelFile?, root: String = "") {
        var declared: [String: FileRole] = [:]
        var artifacts: Set<String> = []
        for flavor in file?.flavors ?? [] {
            for (field, path) in flavor.fields {
                guard let role = Self.role(ofField: field), let path = Self.normalised(path) else { continue }
                // Several flavors may declare the same path; the order of fields must not matter.
                if field.hasPrefix("artifacts.") { artifacts.insert(path) }
                declared[path] = Self.stronger(role, declared[path] ?? role)
            }
        }
        self.declared = declared
        self.artifacts = artifacts
        self.root = root
    }

    /// Returns the role of a file by its path in the version.
    ///
    /// A file that is declared by its own path has the declared role. In a folder that is declared, all is code if it
    /// is a folder of code; if it is one of weights, as transformers' `model`, names tell what else lies in it. So do
    /// they of an artifact, which is weights if they say nothing.
    package func role(of path: String) -> FileRole {
        guard let path = path.suffix(after: self.root) else { return FileRole.named(path) ?? .other }
        if Self.descriptions.contains(path) { return .config }
        let isArtifact = self.artifacts.contains(path)
        if let role = self.declared[path], !isArtifact { return role }
        let named = FileRole.named(path)
        switch isArtifact ? .weights : self.roleOfFolder(of: path) {
        case .code: return .code
        case .weights: return named ?? .weights
        case let role?: return named ?? role
        case nil: return named ?? .other
        }
    }

    /// The role of the innermost folder around `path` that is declared.
    private func roleOfFolder(of path: String) -> FileRole? {
        guard !self.declared.isEmpty else { return nil }
        var folder = path[...]
        while let slash = folder.lastIndex(of: "/") {
            folder = folder[..<slash]
            if let role = self.declared[String(folder)] { return role }
        }
        return nil
    }

    /// Weights before anything else: they are what must not be overlooked.
    private static func stronger(_ first: FileRole, _ second: FileRole) -> FileRole {
        FileRole.allCases.first { $0 == first || $0 == second } ?? first
    }

    private static func role(ofField field: String) -> FileRole? {
        let parts = field.split(separator: ".")
        guard let first = parts.first.map(String.init) else { return nil }
        if first == "artifacts" { return parts.last == "path" ? .weights : nil }
        if first == "env" || first == "conda" || first == "python_env" || first == "requirements" { return .config }
        if first == "code" || first == "code_paths" || first == "model_code_path" { return .code }
        if first == "tokenizer" || first.hasPrefix("tokenizer_") { return .tokenizer }
        return Self.weightFields.contains(first) ? .weights : nil
    }

    /// A path without `./` and a slash at its end; `nil` for what is the whole model, or a path of some machine.
    private static func normalised(_ path: String) -> String? {
        let parts = path.split(separator: "/").filter { $0 != "." }
        guard !parts.isEmpty, !path.hasPrefix("/") else { return nil }
        return parts.joined(separator: "/")
    }
}
