import MartletCore
import MartletRegistry
import Testing

@Suite("model versions")
struct ModelVersionTests {
    @Test("a new version is found as it was created")
    func create() async throws {
        let registry = try await Registry()
        let name = try await registry.addModel("iris")
        let new = NewModelVersion(
            name: name,
            source: "s3://bucket/model",
            runID: try RunID(validating: "abc"),
            runLink: "https://example.org/run",
            description: "first",
            tags: [Tag(key: "k", value: "1"), Tag(key: "k", value: "2")]
        )
        let created = try await registry.versions.create(new)
        let found = try await registry.versions.version(VersionNumber(1), of: name)
        for version in [created, found] {
            #expect(version.name == name)
            #expect(version.number == VersionNumber(1))
            #expect(version.source == "s3://bucket/model")
            #expect(version.artifactURI == "s3://bucket/model")
            #expect(version.runID == RunID(trusted: "abc"))
            #expect(version.loggedModelID == nil)
            #expect(version.runLink == "https://example.org/run")
            #expect(version.description == "first")
            #expect(version.stage == .candidate)
            #expect(version.createdAt == version.updatedAt)
            #expect(version.tags == [Tag(key: "k", value: "2")])
            #expect(version.aliases.isEmpty)
        }
        #expect(try await registry.models.model(name).updatedAt == created.createdAt)
    }

    @Test("64 versions registered at once get the numbers 1 to 64")
    func concurrentNumbers() async throws {
        let registry = try await Registry()
        let name = try await registry.addModel("iris")
        let numbers = try await withThrowingTaskGroup(of: Int64.self) { group in
            for _ in 0..<64 {
                group.addTask { try await registry.addVersion(of: name).number.rawValue }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(numbers.sorted() == Array(1...64))
    }

    @Test("a number is not used again after its version was deleted")
    func numbersAreNotReused() async throws {
        let registry = try await Registry()
        let name = try await registry.addModel("iris", versions: 3)
        try await registry.delete(3, of: name)
        #expect(try await registry.addVersion(of: name).number == VersionNumber(4))
    }

    @Test("a refused version takes no number and leaves the model as it was")
    func refusedTakesNoNumber() async throws {
        let registry = try await Registry()
        let name = try await registry.addModel("iris", versions: 1)
        let before = try await registry.models.model(name).updatedAt
        await #expect(throws: MartletError.self) {
            try await registry.versions.create(NewModelVersion(name: name, source: "/etc/passwd"))
        }
        #expect(try await registry.models.model(name).updatedAt == before)
        #expect(try await registry.addVersion(of: name).number == VersionNumber(2))
    }

    @Test("a deleted version is hidden from everything, with its aliases")
    func delete() async throws {
        let registry = try await Registry()
        let name = try await registry.addModel("iris", versions: 2)
        let alias = try AliasName(validating: "champ")
        try await registry.models.setAlias(alias, of: name, to: VersionNumber(2))
        try await registry.delete(2, of: name)
        let model = try await registry.models.model(name)
        #expect(model.latestVersions.map(\.number) == [VersionNumber(1)])
        #expect(model.aliases.isEmpty)
        let calls: [@Sendable () async throws -> Void] = [
            { _ = try await registry.versions.version(VersionNumber(2), of: name) },
            { _ = try await registry.versions.describe(VersionNumber(2), of: name, as: "x") },
            { _ = try await registry.move(2, of: name, to: .staging) },
            { try await registry.delete(2, of: name) },
            { try await registry.versions.setTag(Tag(key: "k", value: "v"), on: VersionNumber(2), of: name) },
            { try await registry.versions.deleteTag("k", of: VersionNumber(2), of: name) },
            { try await registry.models.setAlias(alias, of: name, to: VersionNumber(2)) },
            { _ = try await registry.versions.downloadURI(of: VersionNumber(2), of: name) },
            { _ = try await registry.versions.artifactLocation(of: VersionNumber(2), of: name) },
        ]
        for call in calls {
            let error = await #expect(throws: MartletError.self) { try await call() }
            #expect(error?.code == .notFound)
            #expect(error?.message == "Model Version (name=iris, version=2) not found")
        }
        let error = await #expect(throws: MartletError.self) {
            try await registry.versions.version(alias, of: name)
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message == "Registered model alias champ not found.")
    }

    @Test("a description is replaced and cleared, which changes the version but not its model")
    func describe() async throws {
        let registry = try await Registry()
        let name = try await registry.addModel("iris", versions: 1)
        let before = try await registry.models.model(name).updatedAt
        #expect(try await registry.versions.describe(VersionNumber(1), of: name, as: "new").description == "new")
        let cleared = try await registry.versions.describe(VersionNumber(1), of: name, as: nil)
        #expect(cleared.description == nil)
        #expect(cleared.updatedAt > cleared.createdAt)
        #expect(try await registry.models.model(name).updatedAt == before)
    }

    @Test("tags are set, replaced and removed; removing what is not there is fine")
    func tags() async throws {
        let registry = try await Registry()
        let name = try await registry.addModel("iris", versions: 2)
        let first = VersionNumber(1)
        try await registry.versions.setTag(Tag(key: "k", value: "1"), on: first, of: name)
        try await registry.versions.setTag(Tag(key: "k", value: "2"), on: first, of: name)
        #expect(try await registry.versions.version(first, of: name).tags == [Tag(key: "k", value: "2")])
        #expect(try await registry.versions.version(VersionNumber(2), of: name).tags.isEmpty)
        try await registry.versions.deleteTag("k", of: first, of: name)
        try await registry.versions.deleteTag("k", of: first, of: name)
        #expect(try await registry.versions.version(first, of: name).tags.isEmpty)
    }

    @Test("a version number is a whole number", arguments: ["abc", "", "1.0", "1 ", "99999999999999999999"])
    func badNumber(text: String) {
        let error = #expect(throws: MartletError.self) { try VersionNumber(validating: text) }
        #expect(error?.message == "Parameter 'version' must be an integer, got '\(text)'.")
    }
}
