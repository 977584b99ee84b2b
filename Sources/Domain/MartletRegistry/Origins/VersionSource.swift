import MartletCore

/// What the source of a new version refers to, and whether it may refer to anything at all.
///
/// A source is stored and later used to find files, so everything that could lead out of the place that
/// it names is refused here: local paths, `..` in any encoding, hosts of the client's choosing.
enum VersionSource: Equatable {
    /// `runs:/RUN/path`
    case run(RunID, path: String)
    /// `models:/m-…`
    case loggedModel(LoggedModelID)
    /// `models:/NAME/1`, `models:/NAME/Production`, `models:/NAME@alias`
    case version(VersionReference)
    /// `mlflow-artifacts:/…`: in our own store
    case proxied(SourceURI)
    /// In another store, which nobody asks us to read, or nowhere, as the source of a prompt.
    case elsewhere
    /// A path on some machine.
    case local

    /// What clients send as the source of a prompt, which has none.
    private static let promptPlaceholders: Set = ["prompt-template", "dummy-source"]

    /// Schemes that would make whoever reads the source connect to a host that the client chose.
    private static let hostSchemes: Set = [
        "ftp", "sftp", "hdfs", "viewfs", "http", "https", "mlflow-artifacts", "r2", "b2", "abfss",
    ]

    init(prompt source: String) throws(MartletError) {
        guard Self.promptPlaceholders.contains(source) else {
            throw .invalid("Invalid prompt source: '\(source)'. Prompt sources must use an MLflow placeholder.")
        }
        self = .elsewhere
    }

    init(parsing source: String) throws(MartletError) {
        let uri = SourceURI(source)
        guard !Self.hostSchemes.contains(uri.scheme) || uri.scheme == "mlflow-artifacts" && uri.authority.isEmpty else {
            throw .invalid(
                "'source' cannot use the '\(uri.scheme)' scheme: the '\(uri.scheme)' scheme addresses a host other "
                    + "than the tracking server's configured artifact storage, so the server would connect to the host "
                    + "named in the URI."
            )
        }
        guard !uri.scheme.isEmpty, uri.scheme != "file" else {
            self = .local
            return
        }
        try Self.requireAbsolute(source)
        switch uri.scheme {
        case "runs": self = try Self.run(uri, source)
        case "models": self = try Self.model(uri, source)
        case "mlflow-artifacts": self = .proxied(uri)
        default: self = .elsewhere
        }
    }

    private static func run(_ uri: SourceURI, _ source: String) throws(MartletError) -> VersionSource {
        let parts = uri.path.dropFirst().split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard uri.authority.isEmpty, let run = parts.first, !run.isEmpty else {
            throw .sourceIsNotOf("run_id", source)
        }
        return .run(try RunID(validating: String(run)), path: parts.count > 1 ? String(parts[1]) : "")
    }

    private static func model(_ uri: SourceURI, _ source: String) throws(MartletError) -> VersionSource {
        guard uri.authority.isEmpty else {
            throw .invalid(
                "Invalid model version source: '\(source)'. "
                    + "Registered model sources must use the active model registry."
            )
        }
        let parts = uri.path.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.allSatisfy(\.isWhitespace) }) else {
            throw .sourceIsNotOf("model_id", source)
        }
        if parts.count == 2 { return .version(try VersionReference(name: parts[0], suffix: parts[1])) }
        guard let at = parts[0].lastIndex(of: "@") else {
            return .loggedModel(try LoggedModelID(validating: parts[0]))
        }
        let alias = String(parts[0][parts[0].index(after: at)...])
        return .version(try VersionReference(name: String(parts[0][..<at]), alias: alias))
    }

    /// Refuses what does not name one place in one way: `..`, `.`, control characters, no path at all.
    private static func requireAbsolute(_ source: String) throws(MartletError) {
        let decoded = try SourceURI.decoded(source)
        let path = SourceURI(decoded).path
        // By code points: to Swift a slash and a combining mark after it are one character, to clients two.
        let segments = path.unicodeScalars.split(separator: "/").map(String.init)
        let isAbsolute = path.unicodeScalars.first == "/" && !segments.isEmpty && !segments.contains(".")
        let climbs = decoded.unicodeScalars.split { $0 == "/" || $0 == "\\" }.map(String.init).contains("..")
        guard isAbsolute, !climbs, decoded.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
            throw .invalid(
                "Invalid model version source: '\(source)'. If supplying a source as an http, https, local file path, "
                    + "ftp, objectstore, or mlflow-artifacts uri, an absolute path must be provided without relative "
                    + "path references present. Please provide an absolute path."
            )
        }
    }
}

/// A version of a registered model, as a `models:` URI names it.
struct VersionReference: Equatable {
    /// Which of the model's versions.
    enum Selector: Equatable {
        case number(VersionNumber)
        /// The newest in a stage.
        case stage(Stage)
        case alias(AliasName)
    }

    let name: ModelName
    let selector: Selector

    init(name: String, suffix: String) throws(MartletError) {
        self.name = try ModelName(validating: name)
        self.selector =
            if suffix.allSatisfy({ $0.isASCII && $0.isNumber }) {
                .number(try VersionNumber(validating: suffix))
            } else if suffix.lowercased() == "latest" {
                .alias(try AliasName(validating: suffix))
            } else {
                .stage(try Stage(mlflowName: suffix))
            }
    }

    init(name: String, alias: String) throws(MartletError) {
        self.name = try ModelName(validating: name)
        self.selector = .alias(try AliasName(validating: alias))
    }
}

extension MartletError {
    /// The refusal of a source that is not part of the run or logged model that the request names.
    static func sourceIsNotOf(_ parameter: String, _ source: String) -> MartletError {
        .invalid(
            "Invalid model version source: '\(source)'. The \(parameter) request parameter must identify the resource "
                + "that contains the source."
        )
    }
}
