import HTTPTypes
import MartletCore
import MartletJSON
import MartletRegistry
import MartletSearch

/// `registered-models/*` but their aliases.
struct RegisteredModelRoutes {
    private static let pageSize = 100

    let models: RegisteredModelService
    let versions: ModelVersionService

    func register(on routes: MLflowRoutes) {
        routes
            .on(.post, "registered-models/create", needs: .writeRegistry, use: self.create)
            .on(.get, "registered-models/get", needs: .readRegistry, use: self.get)
            .on(.get, "registered-models/search", needs: .readRegistry, use: self.search)
            .on(.post, "registered-models/rename", needs: .writeRegistry, use: self.rename)
            .on(.patch, "registered-models/update", needs: .writeRegistry, use: self.update)
            .on(.delete, "registered-models/delete", needs: .writeRegistry, use: self.delete)
            .on(.post, "registered-models/set-tag", needs: .writeRegistry, use: self.setTag)
            .on(.delete, "registered-models/delete-tag", needs: .writeRegistry, use: self.deleteTag)
            .on(.post, "registered-models/get-latest-versions", needs: .readRegistry, use: self.latestVersions)
            .on(.get, "registered-models/get-latest-versions", needs: .readRegistry, use: self.latestVersions)
    }

    @Sendable private func create(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let model = try await self.models.create(
            named: try fields.modelName(),
            description: try Self.description(fields),
            tags: try fields.registeredModelTags(),
            by: fields.act
        )
        return Self.answer(model)
    }

    @Sendable private func get(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        Self.answer(try await self.models.model(try fields.modelName()))
    }

    @Sendable private func search(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let filter = try fields.string("filter") ?? ""
        let order = try fields.strings("order_by")
        let question = Fingerprint(of: ["registered-models", filter] + order)
        let (conditions, hidesPrompts) = try RegisteredModelFilters.conditions(filter)
        let page = try await self.models.search(
            RegisteredModelQuery(
                conditions: conditions,
                order: try RegisteredModelFilters.order(order),
                hidesPrompts: hidesPrompts,
                limit: try fields.registryLimit(Self.pageSize, max: Limits.registeredModelSearchResults),
                position: try fields.position(in: question)
            )
        )
        return .object { json in
            json.array("registered_models", of: page.items) { json, model in
                json.beginObject()
                json.members(of: model)
                json.endObject()
            }
            json.nextPage(page.next, of: question)
        }
    }

    @Sendable private func rename(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let name = try fields.modelName()
        return Self.answer(try await self.models.rename(name, to: try fields.modelName("new_name"), by: fields.act))
    }

    @Sendable private func update(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let name = try fields.modelName()
        return Self.answer(try await self.models.describe(name, as: try Self.description(fields), by: fields.act))
    }

    @Sendable private func delete(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        try await self.models.delete(try fields.modelName(), by: fields.act)
        return .empty
    }

    @Sendable private func setTag(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let name = try fields.modelName()
        try await self.models.setTag(try fields.registeredModelTag(), on: name, by: fields.act)
        return .empty
    }

    @Sendable private func deleteTag(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let name = try fields.modelName()
        try await self.models.deleteTag(try fields.registryTagKey(), of: name, by: fields.act)
        return .empty
    }

    @Sendable private func latestVersions(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let name = try fields.modelName()
        var stages: [Stage] = []
        for text in try fields.strings("stages") {
            let stage = try Stage(mlflowName: text)
            if !stages.contains(stage) { stages.append(stage) }
        }
        let versions = try await self.versions.latestVersions(of: name, in: stages.isEmpty ? Stage.allCases : stages)
        return .object { $0.versions("model_versions", versions) }
    }
}

extension RegisteredModelRoutes {
    /// An empty description is none.
    private static func description(_ fields: MLflowFields) throws(MartletError) -> String? {
        let text = try fields.string("description") ?? ""
        return text.isEmpty ? nil : text
    }

    private static func answer(_ model: RegisteredModel) -> JSONWriter {
        .object { json in json.object("registered_model") { $0.members(of: model) } }
    }
}

extension MLflowFields {
    /// How many results a search of the registry may give at once.
    func registryLimit(_ pageSize: Int, max: Int) throws(MartletError) -> Int {
        let limit = try self.integer("max_results") ?? Int64(pageSize)
        guard limit > 0 else {
            throw .invalid("Invalid value for max_results. It must be a positive integer, but got \(limit)")
        }
        guard limit <= max else { throw self.invalid("max_results", shown: "\"\(limit)\"", type: "str") }
        return Int(limit)
    }
}
