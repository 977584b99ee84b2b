import MartletCore
import MartletLedger
import MartletRegistry
import MartletSearch
import MartletTestSupport
import Testing

@Suite("history")
struct HistoryTests {
    @Test("what a model and its versions were is told for every moment")
    func timeTravel() async throws {
        try await SealingWorld.with { world in
            let registry = world.registry
            try await world.register(tags: [Tag(key: "k", value: "1")], by: "ann")
            try await world.register("r2")
            let alias = try AliasName(validating: "champ")
            try await registry.models.setAlias(alias, of: world.name, to: VersionNumber(1))
            try await registry.move(1, of: world.name, to: .production)
            let before = registry.history.now
            try await registry.models.setAlias(alias, of: world.name, to: VersionNumber(2))
            try await registry.versions.setTag(Tag(key: "k", value: "2"), on: VersionNumber(1), of: world.name)
            _ = try await registry.versions.describe(VersionNumber(1), of: world.name, as: "old")
            try await registry.move(2, of: world.name, to: .production, archivingOthers: true)
            try await registry.delete(1, of: world.name)
            let after = registry.history.now

            let then = try await registry.history.story(of: world.name, at: before)
            #expect(then.aliases == ["champ": 1])
            #expect(then.versions[1]?.stage == "production")
            #expect(then.versions[1]?.tags == ["k": "1"])
            #expect(then.versions[1]?.description == "")
            #expect(then.versions[1]?.move?.actor == "tester")
            #expect(then.versions[2]?.stage == "candidate")
            #expect(then.versions[2]?.move == nil)

            let now = try await registry.history.story(of: world.name, at: after)
            #expect(now.aliases == ["champ": 2])
            #expect(now.versions[1]?.stage == "archived")
            #expect(now.versions[1]?.tags == ["k": "2"])
            #expect(now.versions[1]?.description == "old")
            #expect(now.versions[1]?.isDeleted == true)
            #expect(now.versions[2]?.stage == "production")
            let second = try await registry.versions.version(VersionNumber(2), of: world.name)
            #expect(now.versions[2]?.digest == second.seal?.digest.description)
        }
    }

    @Test("a model has its history under its new name, and when it is deleted")
    func renamed() async throws {
        let registry = try await Registry()
        let name = try await registry.addModel("old", versions: 1)
        let newName = try ModelName(validating: "new")
        _ = try await registry.models.rename(name, to: newName)
        try await registry.models.delete(newName)
        let actions = try await registry.history.history(of: newName, limit: 9).items.map(\.action)
        #expect(actions == [.deleteModel, .renameModel, .registerVersion, .createModel])
        let story = try await registry.history.story(of: newName, at: registry.history.now)
        #expect(story.name == "new")
        #expect(!story.exists)
    }

    @Test("a name means the model that had it at the moment, though it has another one now")
    func namesOfThePast() async throws {
        let registry = try await Registry()
        let iris = try await registry.addModel("iris", versions: 2)
        let before = registry.history.now
        _ = try await registry.models.rename(iris, to: ModelName(validating: "lily"))
        _ = try await registry.models.rename(ModelName(validating: "lily"), to: ModelName(validating: "rose"))
        _ = try await registry.addModel("iris", versions: 1)
        #expect(try await registry.history.story(of: iris, at: before).versions.count == 2)
        #expect(try await registry.history.story(of: iris, at: registry.history.now).versions.count == 1)
        let lily = try ModelName(validating: "lily")
        #expect(try await registry.history.story(of: lily, at: registry.history.now).name == "rose")
    }

    @Test(
        "a version of the past is found by everything that it was called then",
        arguments: [
            ("2", 2), ("1.0.1", 2), ("v1.0.1", 2), ("^1", 3), ("production", 2), ("Production", 2), ("champion", 1),
            ("latest", 3), ("staging", nil), ("9", nil), ("^2", nil),
        ] as [(String, Int64?)]
    )
    func pastVersions(name: String, number: Int64?) async throws {
        try await SealingWorld.with { world in
            let registry = world.registry
            for _ in 1...3 { try await world.register() }
            for alias in ["champion", "staging"] {
                try await registry.models.setAlias(AliasName(validating: alias), of: world.name, to: VersionNumber(1))
            }
            try await registry.move(3, of: world.name, to: .production)
            try await registry.move(2, of: world.name, to: .production, archivingOthers: false)
            let moment = registry.history.now
            try await registry.move(1, of: world.name, to: .production, archivingOthers: true)
            try await world.register()
            let selector = try VersionSelector(validating: name)
            let story = try await registry.history.story(of: world.name, at: moment)
            #expect(story.version(selector)?.number == number)
            let digest = try #require(story.versions[2]?.digest)
            #expect(story.version(try VersionSelector(validating: "sha256:\(digest)"))?.number == 2)
        }
    }

    @Test("another model of the same name has a history of its own")
    func namesakes() async throws {
        let registry = try await Registry()
        let name = try await registry.addModel("iris", versions: 2)
        try await registry.models.delete(name)
        try await registry.addModel("iris")
        #expect(try await registry.history.history(of: name, limit: 9).items.map(\.action) == [.createModel])
    }

    @Test("every change is one entry")
    func entries() async throws {
        let registry = try await Registry()
        let name = try await registry.addModel("iris", versions: 1)
        let one = VersionNumber(1)
        let alias = try AliasName(validating: "champ")
        try await registry.models.setTag(Tag(key: "k", value: "v"), on: name)
        try await registry.models.deleteTag("k", of: name)
        try await registry.models.deleteTag("k", of: name)
        _ = try await registry.models.describe(name, as: "text")
        try await registry.models.setAlias(alias, of: name, to: one)
        try await registry.models.deleteAlias(alias, of: name)
        try await registry.models.deleteAlias(alias, of: name)
        try await registry.versions.setTag(Tag(key: "k", value: "v"), on: one, of: name)
        try await registry.versions.deleteTag("k", of: one, of: name)
        _ = try await registry.versions.describe(one, of: name, as: "text")
        _ = try await registry.notes.add("a note", to: .number(one), of: name, by: .tester)
        try await registry.stages.setPolicy(.standard, of: name, by: .tester)
        try await registry.move(1, of: name, to: .staging)
        let staging = try StageName(validating: "staging")
        _ = try await registry.stages.approve(
            .number(one),
            of: name,
            for: staging,
            by: Act(by: ActorName(trusted: "bo"))
        )
        try await registry.delete(1, of: name)
        _ = try await registry.removals.restore(one, of: name, by: .tester)
        let actions = try await registry.history.history(of: name, limit: 99).items.reversed().map(\.action)
        #expect(
            actions == [
                .createModel, .registerVersion, .tagModel, .untagModel, .describeModel, .setAlias, .deleteAlias,
                .tagVersion, .untagVersion, .describeVersion, .noteVersion, .setPolicy, .moveVersion, .approveVersion,
                .deleteVersion, .restoreVersion,
            ]
        )
    }

    @Test("pages of a history put together are the whole")
    func pages() async throws {
        let registry = try await Registry()
        let name = try await registry.addModel("iris", versions: 5)
        var indexes: [Int64] = []
        var before: Int64?
        repeat {
            let page = try await registry.history.history(of: name, before: before, limit: 2)
            indexes += page.items.map(\.index)
            before = if case .integer(let index)? = page.next?.first { index } else { nil }
        } while before != nil
        #expect(indexes == [5, 4, 3, 2, 1, 0])
    }
}
