import MartletCore
import MartletRegistry
import MartletSearch
import Testing

@Suite("searches of the registry")
struct RegistrySearchTests {
    private static let promptTag = Tag(key: RegisteredModel.promptTag, value: "true")

    @Test(
        "models are found by name and tags",
        arguments: [
            ([], ["Beta", "alpha", "beta"]),
            ([.name(.equals("alpha"))], ["alpha"]),
            ([.name(.differs("alpha"))], ["Beta", "beta"]),
            ([.name(.like("%a"))], ["Beta", "alpha", "beta"]),
            ([.name(.caseInsensitiveLike("B%"))], ["Beta", "beta"]),
            ([.name(.oneOf(["alpha", "beta", "gamma"]))], ["alpha", "beta"]),
            ([.name(.noneOf(["alpha"]))], ["Beta", "beta"]),
            ([.tag("team", .equals("red"))], ["alpha"]),
            ([.tag("team", .differs("red"))], ["beta"]),
            ([.tag("team", .caseInsensitiveLike("%E%")), .name(.differs("beta"))], ["alpha"]),
            ([.tag("none", .differs("x"))], []),
        ] as [([RegisteredModelQuery.Condition], [String])]
    )
    func models(conditions: [RegisteredModelQuery.Condition], names: [String]) async throws {
        let registry = try await Registry()
        try await registry.addModel("beta", tags: [Tag(key: "team", value: "blue")])
        try await registry.addModel("alpha", tags: [Tag(key: "team", value: "red")])
        try await registry.addModel("Beta")
        try await registry.addModel("a prompt", tags: [Self.promptTag])
        let page = try await registry.models.search(RegisteredModelQuery(conditions: conditions, limit: 10))
        #expect(page.items.map(\.name.rawValue) == names)
        #expect(page.next == nil)
    }

    @Test(
        "LIKE tells capital letters from small ones and knows no wildcards but % and _",
        arguments: [
            ("B%", ["Beta"]), ("_eta", ["Beta", "beta"]), ("%e%", ["Beta", "beta"]), ("b*", ["b*"]), ("b?", ["b?"]),
            ("[ab]%", ["[ab]"]), ("_", []), ("%\\%", []),
        ]
    )
    func like(pattern: String, names: [String]) async throws {
        let registry = try await Registry()
        for name in ["Beta", "beta", "b*", "b?", "[ab]"] { try await registry.addModel(name) }
        let query = RegisteredModelQuery(conditions: [.name(.like(pattern))], limit: 10)
        #expect(try await registry.models.search(query).items.map(\.name.rawValue) == names)
    }

    @Test("prompts are shown when they are asked for")
    func prompts() async throws {
        let registry = try await Registry()
        try await registry.addModel("model", versions: 1)
        let prompt = try await registry.addModel("prompt", tags: [Self.promptTag])
        _ = try await registry.versions.create(
            NewModelVersion(name: prompt, source: "prompt-template", tags: [Self.promptTag])
        )
        let models = RegisteredModelQuery(
            conditions: [.tag(RegisteredModel.promptTag, .equals("true"))],
            hidesPrompts: false,
            limit: 10
        )
        #expect(try await registry.models.search(models).items.map(\.name) == [prompt])
        let versions = ModelVersionQuery(
            conditions: [.tag(RegisteredModel.promptTag, .equals("true"))],
            hidesPrompts: false,
            limit: 10
        )
        #expect(try await registry.versions.search(versions).items.map(\.name) == [prompt])
        let shown = try await registry.versions.search(ModelVersionQuery(limit: 10)).items
        #expect(shown.map(\.name.rawValue) == ["model"])
    }

    @Test("a search shows models with what a single look shows")
    func complete() async throws {
        let registry = try await Registry()
        let tags = [Tag(key: "k", value: "v")]
        let first = try await registry.addModel("a", versions: 3, tags: tags)
        try await registry.addModel("b", versions: 1)
        try await registry.models.setAlias(try AliasName(validating: "champ"), of: first, to: VersionNumber(2))
        let models = try await registry.models.search(RegisteredModelQuery(limit: 10)).items
        #expect(models.map(\.tags) == [tags, []])
        #expect(models.map { $0.aliases.map(\.version.rawValue) } == [[2], []])
        #expect(models.map { $0.latestVersions.map(\.number.rawValue) } == [[3], [1]])
    }

    @Test("models are ordered by name or last change")
    func modelOrder() async throws {
        let registry = try await Registry()
        for name in ["b", "a", "c"] { try await registry.addModel(name) }
        try await registry.addVersion(of: try ModelName(validating: "b"))
        func names(_ order: RegisteredModelQuery.Order...) async throws -> [String] {
            let query = RegisteredModelQuery(order: order, limit: 10)
            return try await registry.models.search(query).items.map(\.name.rawValue)
        }
        #expect(try await names(.init(.name, ascending: false)) == ["c", "b", "a"])
        #expect(try await names(.init(.updatedAt, ascending: false)) == ["b", "c", "a"])
        #expect(try await names(.init(.updatedAt, ascending: true)) == ["a", "c", "b"])
    }

    @Test(
        "versions are found by what they are",
        arguments: [
            ([], ["b/2", "b/1", "a/3", "a/2", "a/1"]),
            ([.name(.equals("a"))], ["a/3", "a/2", "a/1"]),
            ([.number(NumberCondition(.greaterOrEqual, 2))], ["b/2", "a/3", "a/2"]),
            ([.number(NumberCondition(.equals, 1)), .name(.differs("a"))], ["b/1"]),
            ([.runID(.equals("r1"))], ["b/1"]),
            ([.runID(.differs("r1")), .name(.equals("b"))], ["b/2"]),
            ([.runID(.oneOf(["r1", "r2"]))], ["b/1"]),
            ([.source(.like("%/b"))], ["b/2", "b/1"]),
            ([.tag("k", .equals("v"))], ["b/2"]),
            ([.tag("k", .differs("v"))], []),
        ] as [([ModelVersionQuery.Condition], [String])]
    )
    func versions(conditions: [ModelVersionQuery.Condition], expected: [String]) async throws {
        let registry = try await Registry()
        try await registry.addModel("a", versions: 4)
        let b = try await registry.addModel("b")
        try await registry.addVersion(of: b, runID: RunID(trusted: "r1"))
        try await registry.addVersion(of: b, tags: [Tag(key: "k", value: "v")])
        try await registry.delete(4, of: try ModelName(validating: "a"))
        let page = try await registry.versions.search(ModelVersionQuery(conditions: conditions, limit: 10))
        #expect(page.items.map(\.label) == expected)
    }

    @Test("versions that changed in the same moment are ordered by name, then by falling number")
    func versionTies() async throws {
        let registry = try await Registry()
        let still = Surroundings(now: { Timestamp(milliseconds: 5) }, randomBits: { (0, 0) })
        let models = RegisteredModelService(database: registry.database, surroundings: still, users: [])
        let versions = ModelVersionService(
            database: registry.database,
            surroundings: still,
            sources: KnownSources(),
            artifacts: registry.artifacts
        )
        for text in ["b", "a"] {
            let name = try ModelName(validating: text)
            _ = try await models.create(named: name)
            for _ in 0..<2 { _ = try await versions.create(NewModelVersion(name: name, source: "s3://bucket/x")) }
        }
        var query = ModelVersionQuery(limit: 1)
        var labels: [String] = []
        repeat {
            let page = try await versions.search(query)
            labels += page.items.map(\.label)
            query.position = page.next
        } while query.position != nil
        #expect(labels == ["a/2", "a/1", "b/2", "b/1"])
    }

    @Test(
        "pages of every order put together are the whole, without gaps or repeats",
        arguments: ModelVersionQuery.Key.allCases,
        [true, false]
    )
    func versionPages(key: ModelVersionQuery.Key, ascending: Bool) async throws {
        let registry = try await Registry()
        for name in ["b", "a", "c"] { try await registry.addModel(name, versions: 7) }
        var query = ModelVersionQuery(order: [.init(key, ascending: ascending)], limit: 100)
        let whole = try await registry.versions.search(query).items.map(\.label)
        #expect(Set(whole).count == 21)
        query.limit = 4
        var labels: [String] = []
        repeat {
            let page = try await registry.versions.search(query)
            #expect(page.items.count == 4 || page.next == nil)
            labels += page.items.map(\.label)
            query.position = page.next
        } while query.position != nil
        #expect(labels == whole)
    }

    @Test("pages go on where they were while models come and go")
    func pagesSurviveChanges() async throws {
        let registry = try await Registry()
        for index in 0..<30 { try await registry.addModel("m\(index + 10)", versions: 1) }
        var query = RegisteredModelQuery(limit: 10)
        var names: [String] = []
        repeat {
            let page = try await registry.models.search(query)
            names += page.items.map(\.name.rawValue)
            query.position = page.next
            try await registry.addModel("a before \(names.count)")
            try await registry.models.delete(page.items[0].name)
            if names.count == 10 { try await registry.addModel("m25 between") }
        } while query.position != nil
        let expected = ((10..<40).map { "m\($0)" } + ["m25 between"]).sorted()
        #expect(names == expected)
    }

    @Test("a position of another order is refused")
    func foreignPosition() async throws {
        let registry = try await Registry()
        let models = RegisteredModelQuery(limit: 1, position: [.integer(1), .text("a"), .integer(3)])
        let error = await #expect(throws: MartletError.self) { try await registry.models.search(models) }
        #expect(error?.code == .invalidArgument)
        let versions = ModelVersionQuery(limit: 1, position: [.integer(1)])
        await #expect(throws: MartletError.self) { try await registry.versions.search(versions) }
    }
}

extension ModelVersion {
    fileprivate var label: String { "\(self.name)/\(self.number)" }
}
