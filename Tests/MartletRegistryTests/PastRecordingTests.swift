import MartletArtifacts
import MartletCore
import MartletLedger
import MartletRegistry
import MartletSQL
import MartletSearch
import MartletTestSupport
import Testing

@Suite("what was there before the ledger")
struct PastRecordingTests {
    @Test("it is recorded once, and history, state, rollback and retention know of it")
    func pastIsRecorded() async throws {
        let database = try await self.makeOldDatabase()
        let registry = Registry(on: database)
        #expect(try await registry.past.run() == 2)
        #expect(try await registry.past.run() == 0)

        let iris = try ModelName(validating: "iris")
        let actions = try await registry.history.history(of: iris, limit: 99).items.reversed().map(\.action)
        #expect(
            actions == [
                .createModel, .registerVersion, .moveVersion, .setAlias, .registerVersion, .registerVersion,
                .deleteVersion,
            ]
        )
        let story = try await registry.history.story(of: iris, at: registry.history.now)
        #expect(story.description == "flowers")
        #expect(story.tags == ["team": "botany"])
        #expect(story.aliases == ["champion": 1])
        #expect(story.versions[1]?.stage == "production")
        #expect(story.versions[1]?.tags == ["k": "v"])
        #expect(story.versions[2]?.stage == "candidate")
        #expect(story.versions[3]?.isDeleted == true)
        let gone = try await registry.history.story(of: ModelName(validating: "gone"), at: registry.history.now)
        #expect(!gone.exists)

        try await registry.move(2, of: iris, to: .production, archivingOthers: true)
        let back = try await registry.stages.rollBack(iris, in: try StageName(validating: "production"), by: .tester)
        #expect(back.version.number == VersionNumber(1))
        try await registry.delete(2, of: iris)
        let code = try await errorCode {
            let act = Act(by: Act.tester.actor, reason: "space")
            _ = try await registry.removals.purge(VersionNumber(2), of: iris, by: act)
        }
        #expect(code == .conflict)
        try await database.close()
    }

    /// A database as programs without a ledger wrote it.
    private func makeOldDatabase() async throws -> any Database {
        let old = ArtifactMigrations.all + LedgerMigrations.all + RegistryMigrations.all.prefix(1)
        let database = try await makeTestDatabase(old)
        try await database.write { db throws(MartletError) in
            for statement in Self.past { try db.execute(statement) }
        }
        try await Migrator(Registry.migrations).apply(to: database, at: Timestamp(milliseconds: 9))
        return database
    }

    private static let past: [SQL] = [
        """
        INSERT INTO registered_model (model_key, name, description, version_count, created_ms, updated_ms, deleted_ms)
        VALUES (1, 'iris', 'flowers', 3, 1, 1, NULL), (2, 'gone', NULL, 0, 1, 1, 2)
        """,
        "INSERT INTO registered_model_tag (model_key, key, value) VALUES (1, 'team', 'botany')",
        """
        INSERT INTO model_version (
            version_key, model_key, number, source, artifact_uri, run_id, logged_model_id, run_link, stage,
            created_ms, updated_ms, deleted_ms
        ) VALUES
            (1, 1, 1, 's3://b/1', 's3://b/1', '', '', '', 'production', 1, 1, NULL),
            (2, 1, 2, 's3://b/2', 's3://b/2', '', '', '', 'candidate', 1, 1, NULL),
            (3, 1, 3, 's3://b/3', 's3://b/3', '', '', '', 'candidate', 1, 1, 2)
        """,
        "INSERT INTO model_version_tag (version_key, key, value) VALUES (1, 'k', 'v')",
        "INSERT INTO model_alias (model_key, alias, version_key) VALUES (1, 'champion', 1)",
    ]
}
