package import MartletCore
internal import MartletJSON

/// What an MLmodel file says about its model. Keys that are not listed here are ignored.
package struct MLmodelFile: Sendable, Hashable {
    /// One way to load the model.
    package struct Flavor: Sendable, Hashable {
        package let name: String
        /// Every scalar below the flavor; one inside another map or list has a path, such as `env.conda`.
        package let fields: [String: String]
        /// The version of the library that wrote the flavor's files.
        package let libraryVersion: String?
    }

    /// Sorted by name.
    package let flavors: [Flavor]
    package let loaderModule: String?
    package let pythonVersion: String?
    package let signature: ModelSignature?
    /// Why ``signature`` could not be read although there is one.
    package let signatureProblem: String?
    package let runID: String?
    /// The logged model of MLflow 3.
    package let modelID: String?
    package let modelUUID: String?
    package let mlflowVersion: String?
    /// As MLflow writes it: without a time zone, meaning UTC.
    package let createdAt: String?
    package let sizeBytes: Int64?
    package let task: String?
    package let modelType: String?

    /// Reads the bytes of a file.
    ///
    /// A signature that cannot be read is a problem of its own; everything else is still told.
    ///
    /// - Throws: `invalidArgument` with the reason.
    package init(parsing bytes: [UInt8]) throws(MartletError) {
        let root = try YAMLDocument(parsing: bytes).root
        guard case .map = root else { throw .invalid("not a map") }
        var fieldsLeft = CaptureLimits.flavorFields
        let flavors = (root["flavors"]?.members ?? []).map { Flavor($0.name, $0.value, fieldsLeft: &fieldsLeft) }
        let pyfunc = flavors.first { $0.name == "python_function" }
        self.flavors = flavors.sorted { $0.name < $1.name }
        self.loaderModule = pyfunc?.fields["loader_module"]
        self.pythonVersion = pyfunc?.fields["python_version"]
        (self.signature, self.signatureProblem) = Self.signature(root["signature"] ?? .null)
        self.runID = root["run_id"]?.text
        self.modelID = root["model_id"]?.text
        self.modelUUID = root["model_uuid"]?.text
        self.mlflowVersion = root["mlflow_version"]?.text
        self.createdAt = root["utc_time_created"]?.text
        self.sizeBytes = root["model_size_bytes"]?.text.flatMap(Int64.init)
        self.task = root["metadata"]?["task"]?.text ?? Self.first("task", of: flavors)
        self.modelType =
            root["model_type"]?.text ?? Self.first("model_type", of: flavors)
            ?? Self.first("pipeline_model_type", of: flavors)
    }

    private static func signature(_ value: YAMLValue) -> (ModelSignature?, String?) {
        do {
            return (try ModelSignature(mlmodel: value), nil)
        } catch {
            return (nil, error.message)
        }
    }

    private static func first(_ field: String, of flavors: [Flavor]) -> String? {
        flavors.lazy.compactMap { $0.fields[field] }.first
    }
}

extension MLmodelFile.Flavor {
    /// Fields of every flavor that end in `_version` and mean something else than its library.
    private static let otherVersions: Set = ["python_version", "cloudpickle_version", "mlflow_version"]

    fileprivate init(_ name: String, _ value: YAMLValue, fieldsLeft: inout Int) {
        var fields: [String: String] = [:]
        Self.collect(value, at: "", into: &fields, fieldsLeft: &fieldsLeft)
        self.name = name
        self.fields = fields
        // Not always the flavor's own name: xgboost says `xgb_version`.
        self.libraryVersion =
            fields["\(name)_version"]
            ?? fields.keys.filter { $0.hasSuffix("_version") && !Self.otherVersions.contains($0) && !$0.contains(".") }
            .sorted().first.flatMap { fields[$0] }
    }

    private static func collect(
        _ value: YAMLValue,
        at path: String,
        into fields: inout [String: String],
        fieldsLeft: inout Int
    ) {
        guard fieldsLeft > 0 else { return }
        switch value {
        case .null: break
        case .text(let text):
            fieldsLeft -= 1
            fields[path] = URLRedaction.redacted(text)
        case .list(let elements):
            for (index, element) in elements.enumerated() where fieldsLeft > 0 {
                Self.collect(element, at: path + ".\(index)", into: &fields, fieldsLeft: &fieldsLeft)
            }
        case .map(let members):
            for member in members where fieldsLeft > 0 {
                let place = path.isEmpty ? member.name : "\(path).\(member.name)"
                Self.collect(member.value, at: place, into: &fields, fieldsLeft: &fieldsLeft)
            }
        }
    }
}
