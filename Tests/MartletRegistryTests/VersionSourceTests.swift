import MartletCore
import MartletRegistry
import Testing

@Suite("sources of versions")
struct VersionSourceTests {
    private static let run = RunID(trusted: "r1")
    private static let model = LoggedModelID(trusted: "m-1")

    private func registry() async throws -> Registry {
        let sources = KnownSources(
            runs: [Self.run: "mlflow-artifacts:/1/r1/artifacts"],
            models: [
                Self.model: SourceModel(artifactURI: "mlflow-artifacts:/1/models/m-1/artifacts", runID: Self.run),
                LoggedModelID(trusted: "m-2"): SourceModel(artifactURI: "s3://bucket/m-2", runID: nil),
            ]
        )
        return try await Registry(sources: sources)
    }

    private func version(
        _ source: String,
        run: String? = nil,
        model: String? = nil,
        tags: [Tag] = [],
        in registry: Registry
    ) async throws -> ModelVersion {
        try await registry.versions.create(
            NewModelVersion(
                name: try ModelName(validating: "iris"),
                source: source,
                runID: run.map(RunID.init(trusted:)),
                loggedModelID: model.map(LoggedModelID.init(trusted:)),
                tags: tags
            )
        )
    }

    @Test(
        "a source in the run that the request names is accepted as it is",
        arguments: [
            "runs:/r1/model", "runs:/r1", "mlflow-artifacts:/1/r1/artifacts/model", "mlflow-artifacts:/1/r1/artifacts",
            "mlflow-artifacts:/1/r1//artifacts/model/", "mlflow-artifacts:/1/%721/artifacts/model",
            "mlflow-artifacts:/1/r1/artifacts/a..b",
        ]
    )
    func inRun(source: String) async throws {
        let registry = try await self.registry()
        try await registry.addModel("iris")
        let version = try await self.version(source, run: "r1", in: registry)
        #expect(version.source == source)
        #expect(version.artifactURI == source)
        #expect(version.runID == Self.run)
        #expect(try await registry.versions.downloadURI(of: version.number, of: version.name) == source)
    }

    @Test(
        "a source in another store is accepted as it is, whatever run is named",
        arguments: ["s3://bucket/a/b", "gs://bucket/x", "dbfs:/x", "azure+custom://c/d", "s3://bucket/a+b%20c"]
    )
    func elsewhere(source: String) async throws {
        let registry = try await self.registry()
        try await registry.addModel("iris")
        #expect(try await self.version(source, in: registry).runID == nil)
        #expect(try await self.version(source, run: "other", in: registry).artifactURI == source)
    }

    @Test(
        "a source in a run or store that the request does not name is refused",
        arguments: [
            ("runs:/r1/model", nil, nil, "run_id"), ("runs:/r1/model", "r2", nil, "run_id"),
            ("runs://host/r1/model", "r1", nil, "run_id"), ("runs:/", "r1", nil, nil),
            ("runs:r1/model", "r1", nil, nil),
            ("runs:/r1/model", nil, "m-1", "model_id"), ("runs:/r1/model", "r1", "m-1", "model_id"),
            ("mlflow-artifacts:/1/r1/artifacts/x", nil, nil, "run_id"),
            ("mlflow-artifacts:/1/r1/artifacts/x", "unknown", nil, "run_id"),
            ("mlflow-artifacts:/1/r2/artifacts/x", "r1", nil, "run_id"),
            ("mlflow-artifacts:/1/r1/artifacts2", "r1", nil, "run_id"),
            ("mlflow-artifacts:/1/r1/artifacts/x", nil, "m-1", "model_id"),
            ("models:/m-1", nil, nil, "model_id"), ("models:/m-1", "r1", nil, "model_id"),
            ("models:/m-1", nil, "m-2", "model_id"), ("models:/m-1", nil, "m-9", "model_id"),
            ("models:/a/b/c", nil, nil, "model_id"),
            ("models:/a/", nil, nil, "model_id"),
        ] as [(String, String?, String?, String?)]
    )
    func notNamed(source: String, run: String?, model: String?, parameter: String?) async throws {
        let registry = try await self.registry()
        try await registry.addModel("iris")
        let error = await #expect(throws: MartletError.self) {
            try await self.version(source, run: run, model: model, in: registry)
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.hasPrefix("Invalid model version source: '\(source)'. ") == true)
        if let parameter {
            let reason = "The \(parameter) request parameter must identify the resource that contains the source."
            #expect(error?.message.hasSuffix(reason) == true)
        }
    }

    @Test(
        "a path on some machine is refused",
        arguments: [
            "/etc/passwd", "etc/passwd", "file:///etc/passwd", "FILE:/etc", "file://host/x", "./x", " s3://b/x",
        ]
    )
    func local(source: String) async throws {
        let registry = try await self.registry()
        try await registry.addModel("iris")
        for (model, parameter) in [(nil, "run_id"), ("m-1", "model_id"), ("m-9", "model_id")] {
            let error = await #expect(throws: MartletError.self) {
                try await self.version(source, run: "r1", model: model, in: registry)
            }
            #expect(error?.code == .invalidArgument)
            #expect(error?.message.contains("To use a local path as a model version source, the \(parameter) ") == true)
        }
    }

    @Test(
        "a source that leads out of where it begins is refused, however it is spelt",
        arguments: [
            "mlflow-artifacts:/1/r1/artifacts/../x", "mlflow-artifacts:/1/r1/artifacts/%2e%2e/x",
            "mlflow-artifacts:/1/r1/artifacts/%252E%252e/x", "mlflow-artifacts:/1/r1/artifacts/..%2fx",
            "mlflow-artifacts:/1/r1/artifacts/..\\x", "mlflow-artifacts:/1/r1/artifacts/a%5C..%5cb",
            "mlflow-artifacts:/1/r1/artifacts/./x", "mlflow-artifacts:/1/r1/artifacts/%00", "mlflow-artifacts:/\u{0}",
            "mlflow-artifacts:1/r1/artifacts", "mlflow-artifacts:/", "s3://bucket", "s3://bucket/../x", "s3://../x",
            "s3://bucket/a?x=/../y", "runs:/r1/../r2/x", "C:\\x", "C:/../x", "s3://bucket/a\nb",
            "s3://b/%" + String(repeating: "25", count: 40) + "2e",
        ]
    )
    func climbing(source: String) async throws {
        let registry = try await self.registry()
        try await registry.addModel("iris")
        let error = await #expect(throws: MartletError.self) { try await self.version(source, run: "r1", in: registry) }
        #expect(error?.code == .invalidArgument)
    }

    @Test(
        "a source on a host of the client's choosing is refused",
        arguments: ["http://h/x", "HTTPS://h/x", "ftp://h/x", "mlflow-artifacts://h/1/r1/artifacts", "hdfs:/x"]
    )
    func hosts(source: String) async throws {
        let registry = try await self.registry()
        try await registry.addModel("iris")
        let error = await #expect(throws: MartletError.self) { try await self.version(source, run: "r1", in: registry) }
        #expect(error?.message.hasPrefix("'source' cannot use the '") == true)
    }

    @Test("a logged model gives its version its location and its run, and learns of the version")
    func loggedModel() async throws {
        let registry = try await self.registry()
        try await registry.addModel("iris")
        let version = try await self.version("models:/m-1", model: "m-1", in: registry)
        #expect(version.source == "models:/m-1")
        #expect(version.artifactURI == "mlflow-artifacts:/1/models/m-1/artifacts")
        #expect(version.runID == Self.run)
        #expect(version.loggedModelID == Self.model)
        #expect(registry.sources.notes == ["m-1 is iris/1"])
        #expect(
            try await self.version("models:/m-1", run: "r9", model: "m-1", in: registry).runID == RunID(trusted: "r9")
        )
    }

    @Test("files of a logged model, or files elsewhere, may be registered in its name")
    func besideLoggedModel() async throws {
        let registry = try await self.registry()
        try await registry.addModel("iris")
        let inside = "mlflow-artifacts:/1/models/m-1/artifacts/sub"
        #expect(try await self.version(inside, model: "m-1", in: registry).artifactURI == inside)
        let outside = try await self.version("s3://bucket/copy", model: "m-1", in: registry)
        #expect(outside.artifactURI == "s3://bucket/copy")
        #expect(outside.runID == Self.run)
    }

    @Test("an unknown logged model is not found", arguments: ["models:/m-9", "s3://bucket/x"])
    func unknownLoggedModel(source: String) async throws {
        let registry = try await self.registry()
        try await registry.addModel("iris")
        let error = await #expect(throws: MartletError.self) {
            try await self.version(source, model: "m-9", in: registry)
        }
        #expect(error?.code == .notFound)
        #expect(registry.sources.notes.isEmpty)
    }

    @Test(
        "a copy of a version takes over its files and its run",
        arguments: ["models:/src/2", "models:/src@champ", "models:/src/Staging", "models:/src/latest"]
    )
    func copy(source: String) async throws {
        let registry = try await self.registry()
        try await registry.addModel("iris")
        let name = try await registry.addModel("src", versions: 1)
        let new = NewModelVersion(name: name, source: "models:/m-1", loggedModelID: Self.model)
        _ = try await registry.versions.create(new)
        try await registry.models.setAlias(try AliasName(validating: "champ"), of: name, to: VersionNumber(2))
        _ = try await registry.move(2, of: name, to: .staging)
        let copy = try await self.version(source, in: registry)
        #expect(copy.source == "models:/src/2")
        #expect(copy.artifactURI == "mlflow-artifacts:/1/models/m-1/artifacts")
        #expect(copy.runID == Self.run)
        #expect(copy.loggedModelID == Self.model)
        #expect(registry.sources.notes == ["m-1 is src/2"])
        let copyOfCopy = try await self.version("models:/iris/1", run: "r1", in: registry)
        #expect(copyOfCopy.source == "models:/iris/1")
        #expect(copyOfCopy.artifactURI == copy.artifactURI)
    }

    @Test("a copy that claims another run or logged model than the original is refused")
    func falseCopy() async throws {
        let registry = try await self.registry()
        try await registry.addModel("iris", versions: 1)
        for (run, model) in [("r1", nil), (nil, "m-1")] {
            let error = await #expect(throws: MartletError.self) {
                try await self.version("models:/iris/1", run: run, model: model, in: registry)
            }
            #expect(error?.message.hasSuffix("must match the referenced model version.") == true)
        }
    }

    @Test(
        "a copy of what is not there is not found",
        arguments: ["models:/nope/1", "models:/iris/9", "models:/iris/Production", "models:/nope/Staging"]
    )
    func copyOfNothing(source: String) async throws {
        let registry = try await self.registry()
        try await registry.addModel("iris", versions: 1)
        let error = await #expect(throws: MartletError.self) { try await self.version(source, in: registry) }
        #expect(error?.code == .notFound)
    }

    @Test("a prompt has a placeholder for a source, and is no source for a model")
    func prompt() async throws {
        let registry = try await self.registry()
        let prompt = [Tag(key: RegisteredModel.promptTag, value: "true")]
        try await registry.addModel("iris", tags: prompt)
        try await registry.addModel("other")
        #expect(try await self.version("prompt-template", tags: prompt, in: registry).source == "prompt-template")
        #expect(try await self.version("dummy-source", tags: prompt, in: registry).source == "dummy-source")
        let error = await #expect(throws: MartletError.self) {
            try await self.version("s3://bucket/x", tags: prompt, in: registry)
        }
        #expect(error?.message.hasPrefix("Invalid prompt source: 's3://bucket/x'.") == true)
        for source in ["models:/iris/1", "models:/iris/9"] {
            let copy = NewModelVersion(name: try ModelName(validating: "other"), source: source)
            let error = await #expect(throws: MartletError.self) { try await registry.versions.create(copy) }
            #expect(error?.message.hasSuffix("Prompt versions cannot be used as model version sources.") == true)
        }
    }

    @Test("the location of a version's files is looked up in the run")
    func artifactLocation() async throws {
        let registry = try await self.registry()
        let name = try await registry.addModel("iris")
        _ = try await self.version("runs:/r1/a/model", run: "r1", in: registry)
        _ = try await self.version("runs:/r1", run: "r1", in: registry)
        _ = try await self.version("runs:/gone/model", run: "gone", in: registry)
        _ = try await self.version("models:/m-1", model: "m-1", in: registry)
        let location = { try await registry.versions.artifactLocation(of: VersionNumber($0), of: name) }
        #expect(try await location(1) == "mlflow-artifacts:/1/r1/artifacts/a/model")
        #expect(try await location(2) == "mlflow-artifacts:/1/r1/artifacts")
        #expect(try await location(4) == "mlflow-artifacts:/1/models/m-1/artifacts")
        let error = await #expect(throws: MartletError.self) { try await location(3) }
        #expect(error?.code == .notFound)
    }
}
