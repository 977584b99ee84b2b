import MartletCore
import MartletRegistry
import Testing

@Suite("aliases")
struct AliasTests {
    @Test("an alias points at one version and moves when it is set again")
    func move() async throws {
        let registry = try await Registry()
        let name = try await registry.addModel("iris", versions: 2)
        let champ = try AliasName(validating: "champ")
        try await registry.models.setAlias(champ, of: name, to: VersionNumber(1))
        try await registry.models.setAlias(champ, of: name, to: VersionNumber(2))
        let version = try await registry.versions.version(champ, of: name)
        #expect(version.number == VersionNumber(2))
        #expect(version.aliases == [champ])
        #expect(try await registry.versions.version(VersionNumber(1), of: name).aliases.isEmpty)
        #expect(try await registry.models.model(name).aliases.map(\.version) == [VersionNumber(2)])
    }

    @Test("a version may have several aliases, and two models the same one")
    func several() async throws {
        let registry = try await Registry()
        let iris = try await registry.addModel("iris", versions: 1)
        let other = try await registry.addModel("other", versions: 2)
        let (first, second) = (try AliasName(validating: "a"), try AliasName(validating: "b"))
        try await registry.models.setAlias(second, of: iris, to: VersionNumber(1))
        try await registry.models.setAlias(first, of: iris, to: VersionNumber(1))
        try await registry.models.setAlias(first, of: other, to: VersionNumber(2))
        #expect(try await registry.versions.version(VersionNumber(1), of: iris).aliases == [first, second])
        #expect(try await registry.versions.version(first, of: other).number == VersionNumber(2))
    }

    @Test("a removed alias is gone; removing it again is fine")
    func delete() async throws {
        let registry = try await Registry()
        let name = try await registry.addModel("iris", versions: 1)
        let champ = try AliasName(validating: "champ")
        try await registry.models.setAlias(champ, of: name, to: VersionNumber(1))
        try await registry.models.deleteAlias(champ, of: name)
        try await registry.models.deleteAlias(champ, of: name)
        let error = await #expect(throws: MartletError.self) { try await registry.versions.version(champ, of: name) }
        #expect(error?.message == "Registered model alias champ not found.")
    }

    @Test("'latest' is the newest version, whatever its stage")
    func latest() async throws {
        let registry = try await Registry()
        let name = try await registry.addModel("iris", versions: 3)
        _ = try await registry.move(3, of: name, to: .archived)
        let version = try await registry.versions.version(try AliasName(validating: "Latest"), of: name)
        #expect(version.number == VersionNumber(3))
        let empty = try await registry.addModel("empty")
        let error = await #expect(throws: MartletError.self) {
            try await registry.versions.version(try AliasName(validating: "latest"), of: empty)
        }
        #expect(error?.code == .notFound)
    }

    @Test("names that mean something by themselves cannot be set", arguments: ["latest", "LATEST", "v1", "V20"])
    func reserved(text: String) async throws {
        let registry = try await Registry()
        let name = try await registry.addModel("iris", versions: 1)
        let error = await #expect(throws: MartletError.self) {
            try await registry.models.setAlias(try AliasName(validating: text), of: name, to: VersionNumber(1))
        }
        #expect(error?.message.hasSuffix("is reserved.") == true)
    }

    @Test("names that are nearly reserved can be set", arguments: ["v", "v1a", "late", "vé", "ß-1_x"])
    func almostReserved(text: String) async throws {
        let registry = try await Registry()
        let name = try await registry.addModel("iris", versions: 1)
        try await registry.models.setAlias(try AliasName(validating: text), of: name, to: VersionNumber(1))
    }

    @Test(
        "an alias is made of letters, digits, dashes and underscores",
        arguments: ["", "a b", "a.b", "a@b", String(repeating: "a", count: 256)]
    )
    func bad(text: String) {
        let error = #expect(throws: MartletError.self) { try AliasName(validating: text) }
        #expect(error?.code == .invalidArgument)
    }
}
