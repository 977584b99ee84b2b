import MartletCore
import MartletRegistry

extension Act {
    /// What tests do in which it does not matter who does it.
    static let tester = Act(by: ActorName(trusted: "tester"))
}

/// The services' own methods, for tests in which it does not matter who acts.
extension RegisteredModelService {
    func create(named name: ModelName, description: String? = nil, tags: [Tag] = []) async throws -> RegisteredModel {
        try await self.create(named: name, description: description, tags: tags, by: .tester)
    }

    func describe(_ name: ModelName, as text: String?) async throws -> RegisteredModel {
        try await self.describe(name, as: text, by: .tester)
    }

    func rename(_ name: ModelName, to newName: ModelName) async throws -> RegisteredModel {
        try await self.rename(name, to: newName, by: .tester)
    }

    func delete(_ name: ModelName) async throws {
        try await self.delete(name, by: .tester)
    }

    func setTag(_ tag: Tag, on name: ModelName) async throws {
        try await self.setTag(tag, on: name, by: .tester)
    }

    func deleteTag(_ key: String, of name: ModelName) async throws {
        try await self.deleteTag(key, of: name, by: .tester)
    }

    func setAlias(_ alias: AliasName, of name: ModelName, to number: VersionNumber) async throws {
        try await self.setAlias(alias, of: name, to: number, by: .tester)
    }

    func deleteAlias(_ alias: AliasName, of name: ModelName) async throws {
        try await self.deleteAlias(alias, of: name, by: .tester)
    }
}

extension ModelVersionService {
    func create(_ new: NewModelVersion) async throws -> ModelVersion {
        try await self.create(new, by: .tester)
    }

    func describe(_ number: VersionNumber, of name: ModelName, as text: String?) async throws -> ModelVersion {
        try await self.describe(number, of: name, as: text, by: .tester)
    }

    func setTag(_ tag: Tag, on number: VersionNumber, of name: ModelName) async throws {
        try await self.setTag(tag, on: number, of: name, by: .tester)
    }

    func deleteTag(_ key: String, of number: VersionNumber, of name: ModelName) async throws {
        try await self.deleteTag(key, of: number, of: name, by: .tester)
    }
}

extension Registry {
    /// Moves a version as MLflow's client does.
    @discardableResult
    func move(
        _ number: Int64,
        of name: ModelName,
        to stage: Stage,
        archivingOthers: Bool = false
    ) async throws -> ModelVersion {
        let move = StageMove(
            .number(VersionNumber(number)),
            of: name,
            to: .stage(stage),
            archivesOthers: archivingOthers
        )
        return try await self.stages.move(move, by: .tester).version
    }

    func delete(_ number: Int64, of name: ModelName) async throws {
        try await self.removals.delete(.number(VersionNumber(number)), of: name, by: .tester)
    }
}
