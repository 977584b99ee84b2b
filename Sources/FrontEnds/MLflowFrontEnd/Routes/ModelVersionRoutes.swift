import HTTPTypes
import MartletCore
import MartletJSON
import MartletRegistry
import MartletSearch

/// `model-versions/*`
struct ModelVersionRoutes {
    private static let pageSize = 10_000

    let versions: ModelVersionService
    let stages: StageService
    let removals: RemovalService

    func register(on routes: MLflowRoutes) {
        routes
            .on(.post, "model-versions/create", needs: .writeRegistry, use: self.create)
            .on(.get, "model-versions/get", needs: .readRegistry, use: self.get)
            .on(.get, "model-versions/search", needs: .readRegistry, use: self.search)
            .on(.get, "model-versions/get-download-uri", needs: .readRegistry, use: self.downloadURI)
            .on(.patch, "model-versions/update", needs: .writeRegistry, use: self.update)
            .on(.post, "model-versions/transition-stage", needs: .writeRegistry, use: self.transition)
            .on(.delete, "model-versions/delete", needs: .writeRegistry, use: self.delete)
            .on(.post, "model-versions/set-tag", needs: .writeRegistry, use: self.setTag)
            .on(.delete, "model-versions/delete-tag", needs: .writeRegistry, use: self.deleteTag)
    }

    @Sendable private func create(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let run = try fields.string("run_id") ?? ""
        let model = try fields.string("model_id") ?? ""
        let version = try await self.versions.create(
            NewModelVersion(
                name: try fields.modelName(),
                source: try fields.requiredString("source"),
                runID: run.isEmpty ? nil : try RunID(validating: run),
                loggedModelID: model.isEmpty ? nil : try fields.loggedModelID(),
                runLink: try fields.string("run_link") ?? "",
                description: try fields.string("description") ?? "",
                tags: try fields.modelVersionTags()
            ),
            by: fields.act
        )
        return Self.answer(version)
    }

    @Sendable private func get(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let name = try fields.modelName()
        return Self.answer(try await self.versions.version(try fields.versionNumber(), of: name))
    }

    @Sendable private func search(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let filter = try fields.string("filter") ?? ""
        let order = try fields.strings("order_by")
        let question = Fingerprint(of: ["model-versions", filter] + order)
        let (conditions, hidesPrompts) = try ModelVersionFilters.conditions(filter)
        let page = try await self.versions.search(
            ModelVersionQuery(
                conditions: conditions,
                order: try ModelVersionFilters.order(order),
                hidesPrompts: hidesPrompts,
                limit: try fields.registryLimit(Self.pageSize, max: Limits.modelVersionSearchResults),
                position: try fields.position(in: question)
            )
        )
        return .object { json in
            json.versions("model_versions", page.items)
            json.nextPage(page.next, of: question)
        }
    }

    @Sendable private func downloadURI(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let name = try fields.modelName()
        let uri = try await self.versions.downloadURI(of: try fields.versionNumber(), of: name)
        return .object { $0.member("artifact_uri", uri) }
    }

    @Sendable private func update(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let name = try fields.modelName()
        let number = try fields.versionNumber()
        return Self.answer(
            try await self.versions.describe(number, of: name, as: try fields.string("description"), by: fields.act)
        )
    }

    @Sendable private func transition(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let name = try fields.modelName()
        let number = try fields.versionNumber()
        let stage = try Stage(mlflowName: try fields.requiredString("stage"))
        let move = StageMove(
            .number(number),
            of: name,
            to: .stage(stage),
            expectedRevision: fields.expectedRevision,
            archivesOthers: try fields.bool("archive_existing_versions") ?? false
        )
        return Self.answer(try await self.stages.move(move, by: fields.act).version)
    }

    @Sendable private func delete(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let name = try fields.modelName()
        try await self.removals.delete(.number(try fields.versionNumber()), of: name, by: fields.act)
        return .empty
    }

    @Sendable private func setTag(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let name = try fields.modelName()
        let number = try fields.versionNumber()
        try await self.versions.setTag(try fields.modelVersionTag(), on: number, of: name, by: fields.act)
        return .empty
    }

    @Sendable private func deleteTag(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let name = try fields.modelName()
        let number = try fields.versionNumber()
        try await self.versions.deleteTag(try fields.registryTagKey(), of: number, of: name, by: fields.act)
        return .empty
    }

    /// The answer about one version.
    static func answer(_ version: ModelVersion) -> JSONWriter {
        .object { json in json.object("model_version") { $0.members(of: version) } }
    }
}
