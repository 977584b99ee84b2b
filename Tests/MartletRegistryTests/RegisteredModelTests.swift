import MartletCore
import MartletRegistry
import MartletSQL
import MartletSearch
import Testing

@Suite("registered models")
struct RegisteredModelTests {
    @Test("a new model is found as it was created, the last of a repeated tag winning")
    func create() async throws {
        let registry = try await Registry()
        let name = try ModelName(validating: "iris")
        let tags = [Tag(key: "b", value: "1"), Tag(key: "a", value: "2"), Tag(key: "b", value: "3")]
        let created = try await registry.models.create(named: name, description: "flowers", tags: tags)
        let found = try await registry.models.model(name)
        for model in [created, found] {
            #expect(model.name == name)
            #expect(model.description == "flowers")
            #expect(model.createdAt == Timestamp(milliseconds: 1))
            #expect(model.updatedAt == Timestamp(milliseconds: 1))
            #expect(model.tags == [Tag(key: "a", value: "2"), Tag(key: "b", value: "3")])
            #expect(model.latestVersions.isEmpty)
            #expect(model.aliases.isEmpty)
        }
    }

    @Test(
        "a taken name is refused in words that tell models from prompts",
        arguments: [
            (false, false, "Registered Model (name=x) already exists."),
            (true, true, "Prompt (name=x) already exists."),
            (
                true, false,
                "Tried to create a registered model with name 'x', but the name is already taken by a prompt."
            ),
            (
                false, true,
                "Tried to create a prompt with name 'x', but the name is already taken by a registered model."
            ),
        ]
    )
    func taken(oldIsPrompt: Bool, newIsPrompt: Bool, message: String) async throws {
        let registry = try await Registry()
        let prompt = [Tag(key: RegisteredModel.promptTag, value: "true")]
        try await registry.addModel("x", tags: oldIsPrompt ? prompt : [])
        let error = await #expect(throws: MartletError.self) {
            try await registry.addModel("x", tags: newIsPrompt ? prompt : [])
        }
        #expect(error?.code == .alreadyExists)
        #expect(error?.message.hasPrefix(message) == true)
    }

    @Test(
        "a name that would not fit into a models: URI is refused",
        arguments: ["", "  ", "a/b", "a:b", ".", "..", "..a", "a\0b"]
    )
    func badName(text: String) {
        let error = #expect(throws: MartletError.self) { try ModelName(validating: text) }
        #expect(error?.code == .invalidArgument)
    }

    @Test("every call on an unknown model says so")
    func unknown() async throws {
        let registry = try await Registry()
        let name = try ModelName(validating: "nope")
        let calls: [@Sendable () async throws -> Void] = [
            { _ = try await registry.models.model(name) },
            { _ = try await registry.models.describe(name, as: "x") },
            { _ = try await registry.models.rename(name, to: try ModelName(validating: "other")) },
            { try await registry.models.delete(name) },
            { try await registry.models.setTag(Tag(key: "k", value: "v"), on: name) },
            { try await registry.models.deleteTag("k", of: name) },
            { try await registry.models.deleteAlias(try AliasName(validating: "a"), of: name) },
            { _ = try await registry.versions.version(try AliasName(validating: "a"), of: name) },
            { _ = try await registry.versions.version(try AliasName(validating: "latest"), of: name) },
            { _ = try await registry.versions.latestVersions(of: name, in: Stage.allCases) },
            { _ = try await registry.addVersion(of: name) },
        ]
        for call in calls {
            let error = await #expect(throws: MartletError.self) { try await call() }
            #expect(error?.code == .notFound)
            #expect(error?.message == "Registered Model with name=nope not found")
        }
    }

    @Test("a description is replaced and cleared, and the model counts as changed")
    func describe() async throws {
        let registry = try await Registry()
        let name = try await registry.addModel("iris")
        #expect(try await registry.models.describe(name, as: "new").description == "new")
        let cleared = try await registry.models.describe(name, as: nil)
        #expect(cleared.description == nil)
        #expect(cleared.updatedAt > cleared.createdAt)
    }

    @Test("tags are set, replaced and removed; removing what is not there is fine")
    func tags() async throws {
        let registry = try await Registry()
        let name = try await registry.addModel("iris")
        try await registry.models.setTag(Tag(key: "k", value: "1"), on: name)
        try await registry.models.setTag(Tag(key: "k", value: "2"), on: name)
        #expect(try await registry.models.model(name).tags == [Tag(key: "k", value: "2")])
        try await registry.models.deleteTag("k", of: name)
        try await registry.models.deleteTag("k", of: name)
        #expect(try await registry.models.model(name).tags.isEmpty)
    }

    @Test("a renamed model keeps versions, tags and aliases, and its old name is free")
    func rename() async throws {
        let registry = try await Registry()
        let old = try await registry.addModel("old", versions: 2, tags: [Tag(key: "k", value: "v")])
        let alias = try AliasName(validating: "champ")
        try await registry.models.setAlias(alias, of: old, to: VersionNumber(1))
        let new = try ModelName(validating: "new")
        let renamed = try await registry.models.rename(old, to: new)
        #expect(renamed.name == new)
        #expect(renamed.tags == [Tag(key: "k", value: "v")])
        #expect(renamed.aliases.map(\.name) == [alias])
        #expect(renamed.latestVersions.map(\.name) == [new])
        #expect(try await registry.versions.version(alias, of: new).number == VersionNumber(1))
        #expect(try await registry.addVersion(of: new).number == VersionNumber(3))
        await #expect(throws: MartletError.self) { try await registry.models.model(old) }
        try await registry.addModel("old")
    }

    @Test("a model can be renamed to its own name but not to another's")
    func renameTaken() async throws {
        let registry = try await Registry()
        let name = try await registry.addModel("a", versions: 1)
        let other = try await registry.addModel("b")
        #expect(try await registry.models.rename(name, to: name).name == name)
        let error = await #expect(throws: MartletError.self) { try await registry.models.rename(name, to: other) }
        #expect(error?.code == .alreadyExists)
        #expect(error?.message == "Registered Model (name=b) already exists.")
    }

    @Test("a deleted model is hidden with its versions, and its name starts over at 1")
    func delete() async throws {
        let registry = try await Registry()
        let name = try await registry.addModel("iris", versions: 3, tags: [Tag(key: "k", value: "v")])
        let alias = try AliasName(validating: "champ")
        try await registry.models.setAlias(alias, of: name, to: VersionNumber(3))
        try await registry.models.delete(name)
        let error = await #expect(throws: MartletError.self) {
            try await registry.versions.version(VersionNumber(1), of: name)
        }
        #expect(error?.message == "Model Version (name=iris, version=1) not found")
        #expect(try await registry.models.search(RegisteredModelQuery(limit: 10)).items.isEmpty)
        #expect(try await registry.versions.search(ModelVersionQuery(limit: 10)).items.isEmpty)

        try await registry.addModel("iris")
        let again = try await registry.models.model(name)
        #expect(again.tags.isEmpty)
        #expect(again.aliases.isEmpty)
        #expect(again.latestVersions.isEmpty)
        #expect(try await registry.addVersion(of: name).number == VersionNumber(1))
    }

    @Test("what was deleted is still in the tables")
    func nothingIsLost() async throws {
        let registry = try await Registry()
        let name = try await registry.addModel("iris", versions: 2)
        try await registry.delete(2, of: name)
        try await registry.models.delete(name)
        let rows = try await registry.database.read { db throws(MartletError) in
            try db.query("SELECT number, source FROM model_version ORDER BY number").map { ($0.integer(0), $0.text(1)) }
        }
        #expect(rows.map(\.0) == [1, 2])
        #expect(rows.map(\.1) == ["s3://bucket/iris", "s3://bucket/iris"])
    }
}
