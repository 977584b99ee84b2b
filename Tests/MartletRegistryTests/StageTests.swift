import MartletCore
import MartletRegistry
import MartletSearch
import Testing

@Suite("stages")
struct StageTests {
    @Test("a stage is read in any case, and nothing else is a stage")
    func names() throws {
        #expect(try Stage(mlflowName: "none") == .candidate)
        #expect(try Stage(mlflowName: "STAGING") == .staging)
        #expect(try Stage(mlflowName: "Production") == .production)
        #expect(try Stage(mlflowName: "archived") == .archived)
        let error = #expect(throws: MartletError.self) { try Stage(mlflowName: "bogus") }
        #expect(
            error?.message
                == "Invalid Model Version stage: bogus. Value must be one of None, Staging, Production, Archived."
        )
    }

    @Test("moving a version changes its stage and the times of version and model")
    func move() async throws {
        let registry = try await Registry()
        let name = try await registry.addModel("iris", versions: 1)
        let moved = try await registry.move(1, of: name, to: .staging)
        #expect(moved.stage == .staging)
        #expect(moved.updatedAt > moved.createdAt)
        #expect(try await registry.models.model(name).updatedAt == moved.updatedAt)
    }

    @Test("a version that comes in archives exactly the ones that were there")
    func archive() async throws {
        let registry = try await Registry()
        let name = try await registry.addModel("iris", versions: 5)
        let other = try await registry.addModel("other", versions: 1)
        for number: Int64 in [1, 2, 3] {
            try await registry.move(number, of: name, to: .production)
        }
        try await registry.move(4, of: name, to: .staging)
        try await registry.move(1, of: other, to: .production)
        try await registry.delete(3, of: name)

        try await registry.move(2, of: name, to: .production, archivingOthers: true)
        #expect(try await registry.stages(of: name) == [1: .archived, 2: .production, 4: .staging, 5: .candidate])
        try await registry.move(5, of: name, to: .production, archivingOthers: true)
        #expect(try await registry.stages(of: name) == [1: .archived, 2: .archived, 4: .staging, 5: .production])
        #expect(try await registry.stages(of: other) == [1: .production])
    }

    @Test("versions make room only in the stages that are in use", arguments: [Stage.candidate, .archived])
    func archiveElsewhere(stage: Stage) async throws {
        let registry = try await Registry()
        let name = try await registry.addModel("iris", versions: 1)
        let error = await #expect(throws: MartletError.self) {
            try await registry.move(1, of: name, to: stage, archivingOthers: true)
        }
        #expect(error?.code == .invalidArgument)
    }

    @Test("the latest versions are the newest of each stage, in the order of their numbers")
    func latest() async throws {
        let registry = try await Registry()
        let name = try await registry.addModel("iris", versions: 6)
        try await registry.move(1, of: name, to: .production)
        try await registry.move(5, of: name, to: .staging)
        try await registry.move(2, of: name, to: .staging)
        let alias = try AliasName(validating: "champ")
        try await registry.models.setAlias(alias, of: name, to: VersionNumber(5))

        let all = try await registry.versions.latestVersions(of: name, in: Stage.allCases)
        #expect(all.map(\.number.rawValue) == [1, 5, 6])
        #expect(all[1].aliases == [alias])
        let some = try await registry.versions.latestVersions(of: name, in: [.staging, .archived])
        #expect(some.map(\.number.rawValue) == [5])
        #expect(try await registry.models.model(name).latestVersions.map(\.number.rawValue) == [1, 5, 6])
        try await registry.delete(5, of: name)
        #expect(try await registry.models.model(name).latestVersions.map(\.number.rawValue) == [1, 2, 6])
    }
}

extension Registry {
    fileprivate func stages(of name: ModelName) async throws -> [Int64: Stage] {
        let query = ModelVersionQuery(conditions: [.name(.equals(name.rawValue))], limit: 100)
        let versions = try await self.versions.search(query).items
        return Dictionary(uniqueKeysWithValues: versions.map { ($0.number.rawValue, $0.stage) })
    }
}
