import MartletCore
import MartletRegistry
import MartletSearch
import MartletTestSupport
import Testing

@Suite("plans of the registry's pages on SQLite")
struct RegistryPagePlanTests {
    @Test("a page of a default order follows an index to where the page before it ended", arguments: [false, true])
    func pages(ofOneModel: Bool) async throws {
        let observed = try await ObservedDatabase(Registry.migrations, on: .sqlite)
        let registry = Registry(on: observed)
        try await registry.addModel("iris", versions: 3)
        try await registry.addModel("other", versions: 3)
        var query = ModelVersionQuery(conditions: ofOneModel ? [.name(.equals("iris"))] : [], limit: 1)
        query.position = try await registry.versions.search(query).next
        let versionPlan = try await observed.plan { _ = try await registry.versions.search(query) }
        let index = ofOneModel ? "model_version_of_model_by_update (model_key=? AND " : "model_version_by_update ("
        #expect(versionPlan.contains("SEARCH v USING INDEX \(index)updated_ms<?)"))
        #expect(!versionPlan.contains("USE TEMP B-TREE FOR ORDER BY"))

        var models = RegisteredModelQuery(limit: 1)
        models.position = try await registry.models.search(models).next
        let modelPlan = try await observed.plan { _ = try await registry.models.search(models) }
        #expect(modelPlan.first == "SEARCH m USING INDEX registered_model_name (name>?)")
    }
}
