import HTTPTypes
import MartletCore
import MartletJSON
import MartletRegistry

/// `registered-models/alias`
struct ModelAliasRoutes {
    let models: RegisteredModelService
    let versions: ModelVersionService

    func register(on routes: MLflowRoutes) {
        routes
            .on(.post, "registered-models/alias", needs: .writeRegistry, use: self.set)
            .on(.get, "registered-models/alias", needs: .readRegistry, use: self.get)
            .on(.delete, "registered-models/alias", needs: .writeRegistry, use: self.delete)
    }

    @Sendable private func set(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let name = try fields.modelName()
        let alias = try fields.aliasName()
        try await self.models.setAlias(alias, of: name, to: try fields.versionNumber(), by: fields.act)
        return .empty
    }

    /// Also finds semantic versions and ranges of them, as in `models:/iris@1.2.0` and `models:/iris@^1`: no alias can
    /// be called like them.
    @Sendable private func get(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let name = try fields.modelName()
        if let range = VersionRange(try fields.requiredString("alias")) {
            return ModelVersionRoutes.answer(try await self.versions.version(.semantic(range), of: name))
        }
        return ModelVersionRoutes.answer(try await self.versions.version(try fields.aliasName(), of: name))
    }

    @Sendable private func delete(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let name = try fields.modelName()
        try await self.models.deleteAlias(try fields.aliasName(), of: name, by: fields.act)
        return .empty
    }
}
