import MartletArtifacts
import MartletCore
import MartletJSON
import MartletLedger
import MartletRegistry
import MartletSearch
import MartletTestSupport
import Testing

@Suite("removal")
struct RemovalTests {
    private static let one = VersionNumber(1)
    private static let act = Act(by: ActorName(trusted: "ann"), reason: "the data must go")

    private func purge(_ number: Int64 = 1, in world: SealingWorld) async throws -> ModelVersion {
        try await world.registry.removals.purge(VersionNumber(number), of: world.name, by: Self.act)
    }

    @Test("a deleted version comes back as it was, with its tags and aliases")
    func restore() async throws {
        try await SealingWorld.with { world in
            try await world.register(tags: [Tag(key: "k", value: "v")])
            let alias = try AliasName(validating: "champ")
            try await world.registry.models.setAlias(alias, of: world.name, to: Self.one)
            try await world.registry.delete(1, of: world.name)
            let restored = try await world.registry.removals.restore(Self.one, of: world.name, by: .tester)
            #expect(restored.tags == [Tag(key: "k", value: "v")])
            #expect(restored.aliases == [alias])
            #expect(try await world.registry.versions.version(alias, of: world.name).number == Self.one)
        }
    }

    @Test("a deleted model comes back with its versions, unless its name is another one's by now")
    func restoreModel() async throws {
        try await SealingWorld.with { world in
            try await world.register()
            try await world.registry.models.delete(world.name)
            #expect(try await world.registry.models.restore(world.name, by: .tester).name == world.name)
            #expect(try await world.registry.versions.version(Self.one, of: world.name).number == Self.one)
            try await world.registry.models.delete(world.name)
            _ = try await world.registry.models.create(named: world.name)
            let code = try await errorCode { _ = try await world.registry.models.restore(world.name, by: .tester) }
            #expect(code == .alreadyExists)
        }
    }

    @Test("a purged version leaves a tombstone with its numbers and its digest, and its files are gone")
    func tombstone() async throws {
        try await SealingWorld.with { world in
            try await world.put("one", at: "model.pkl")
            let version = try await world.register(tags: [Tag(key: "k", value: "v")])
            let tombstone = try await self.purge(in: world)
            #expect(tombstone.purgedAt != nil)
            #expect(tombstone.seal?.digest == version.seal?.digest)
            #expect(tombstone.semanticVersion == version.semanticVersion)
            #expect(tombstone.tags.isEmpty)
            #expect(try await errorCode { _ = try await world.text("model.pkl", of: version) } == .notFound)
            #expect(try await errorCode { _ = try await world.manifest(1) } == .notFound)
            let restored = try await errorCode {
                _ = try await world.registry.removals.restore(Self.one, of: world.name, by: .tester)
            }
            #expect(restored == .conflict)
            let entry = try await world.registry.history.history(of: world.name, limit: 1).items[0]
            #expect(entry.action == .purgeVersion)
            #expect(entry.reason == "the data must go")
            #expect(entry.text("digest") == version.seal?.digest.description)
            #expect(try await errorCode { try await world.register(semanticVersion: "1.0.0") } == .alreadyExists)
        }
    }

    @Test("a purge leaves the files that another version has too")
    func sharedFiles() async throws {
        try await SealingWorld.with { world in
            try await world.put("one", at: "model.pkl")
            try await world.register()
            let second = try await world.register()
            _ = try await self.purge(in: world)
            #expect(try await world.text("model.pkl", of: second) == "one")
        }
    }

    @Test("a purge needs a reason")
    func reason() async throws {
        try await SealingWorld.with { world in
            try await world.register()
            for reason in [nil, " "] {
                let act = Act(by: ActorName(trusted: "ann"), reason: reason)
                let code = try await errorCode {
                    _ = try await world.registry.removals.purge(Self.one, of: world.name, by: act)
                }
                #expect(code == .invalidArgument)
            }
        }
    }

    @Test("a version that is in use, referenced or held is not purged")
    func refusals() async throws {
        try await SealingWorld.with { world in
            try await world.put("one", at: "model.pkl")
            try await world.register()
            try await world.registry.move(1, of: world.name, to: .staging)
            #expect(try await errorCode { _ = try await self.purge(in: world) } == .conflict)
            try await world.registry.move(1, of: world.name, to: .archived)

            let alias = try AliasName(validating: "champ")
            try await world.registry.models.setAlias(alias, of: world.name, to: Self.one)
            #expect(try await errorCode { _ = try await self.purge(in: world) } == .conflict)
            try await world.registry.models.deleteAlias(alias, of: world.name)

            let copyName = try await world.registry.addModel("copy")
            _ = try await world.registry.versions.create(NewModelVersion(name: copyName, source: "models:/iris/1"))
            #expect(try await errorCode { _ = try await self.purge(in: world) } == .conflict)
            _ = try await world.registry.removals.purge(Self.one, of: copyName, by: Self.act)

            _ = try await world.registry.removals.setHold(true, on: Self.one, of: world.name, by: Self.act)
            #expect(try await errorCode { _ = try await self.purge(in: world) } == .conflict)
            _ = try await world.registry.removals.setHold(false, on: Self.one, of: world.name, by: .tester)
            #expect(try await self.purge(in: world).purgedAt != nil)
        }
    }

    @Test("a version that was ever in production is kept for as long as the policy says")
    func retention() async throws {
        try await SealingWorld.with { world in
            try await world.register()
            try await world.registry.move(1, of: world.name, to: .production)
            try await world.registry.move(1, of: world.name, to: .archived)
            let error = await #expect(throws: MartletError.self) { try await self.purge(in: world) }
            #expect(error?.message.contains("must be kept for 10 years") == true)
            let text = #"{"stages":{},"retentionYears":0}"#
            let policy = try Policy(JSONDocument(parsing: Array(text.utf8), depthMax: 9).root)
            try await world.registry.stages.setPolicy(policy, of: world.name, by: .tester)
            #expect(try await self.purge(in: world).purgedAt != nil)
        }
    }
}
