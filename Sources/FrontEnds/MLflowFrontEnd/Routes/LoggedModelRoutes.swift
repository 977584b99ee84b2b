import HTTPTypes
import MartletCore
import MartletJSON
import MartletSearch
import MartletTracking

/// `logged-models/*` but their artifacts: the models of MLflow 3.
struct LoggedModelRoutes {
    private static let pageSize = 100

    let models: LoggedModelService

    func register(on routes: MLflowRoutes) {
        routes
            .on(.post, "logged-models", needs: .writeTracking, use: self.create)
            .on(.post, "logged-models/search", needs: .readTracking, use: self.search)
            .on(.get, "logged-models/:model_id", needs: .readTracking, use: self.get)
            .on(.patch, "logged-models/:model_id", needs: .writeTracking, use: self.finalize)
            .on(.delete, "logged-models/:model_id", needs: .writeTracking, use: self.delete)
            .on(.patch, "logged-models/:model_id/tags", needs: .writeTracking, use: self.setTags)
            .on(.delete, "logged-models/:model_id/tags/:tag_key", needs: .writeTracking, use: self.deleteTag)
            .on(.post, "logged-models/:model_id/params", needs: .writeTracking, use: self.logParams)
    }

    @Sendable private func create(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let name = try fields.string("name") ?? ""
        try Self.checkName(name)
        let sourceRun = try fields.string("source_run_id") ?? ""
        let model = NewLoggedModel(
            experimentID: try fields.experimentID(),
            name: name.isEmpty ? GeneratedName.random() : name,
            sourceRunID: sourceRun.isEmpty ? nil : try RunID(validating: sourceRun),
            modelType: try fields.string("model_type") ?? "",
            params: try Self.params(fields),
            tags: try Self.tags(fields)
        )
        return Self.answer(try await self.models.create(model))
    }

    @Sendable private func search(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let experiments = try fields.experimentIDs()
        guard !experiments.isEmpty else { throw fields.missing("experiment_ids") }
        let filter = try fields.string("filter") ?? ""
        let datasets = try LoggedModelFilters.datasets(try fields.objects("datasets"))
        let order = try LoggedModelFilters.order(try fields.objects("order_by"))
        let question = Fingerprint(
            of: ["logged-models", filter, "\(datasets)", "\(order)"] + experiments.map(\.description)
        )
        let page = try await self.models.search(
            LoggedModelQuery(
                experiments: experiments,
                conditions: try LoggedModelFilters.conditions(filter),
                datasets: datasets,
                order: order,
                limit: try Self.searchLimit(fields),
                position: try fields.position(in: question)
            )
        )
        return .object { json in
            json.array("models", of: page.items) { json, model in
                json.beginObject()
                json.members(of: model)
                json.endObject()
            }
            json.nextPage(page.next, of: question)
        }
    }

    @Sendable private func get(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let id = try fields.loggedModelID()
        return Self.answer(try await self.models.model(id, allowDeleted: try fields.bool("allow_deleted") ?? false))
    }

    @Sendable private func finalize(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let id = try fields.loggedModelID()
        return Self.answer(try await self.models.finalize(id, try fields.loggedModelStatus()))
    }

    @Sendable private func delete(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        try await self.models.delete(try fields.loggedModelID())
        return .empty
    }

    @Sendable private func setTags(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let id = try fields.loggedModelID()
        try await self.models.setTags(try Self.tags(fields), on: id)
        return .empty
    }

    @Sendable private func deleteTag(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let id = try fields.loggedModelID()
        try await self.models.deleteTag(try fields.requiredString("tag_key"), of: id)
        return .empty
    }

    @Sendable private func logParams(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let id = try fields.loggedModelID()
        try await self.models.log(try Self.params(fields), on: id)
        return .empty
    }
}

extension LoggedModelRoutes {
    /// A name stands in paths and in `models:` URIs; an empty one is replaced.
    private static func checkName(_ name: String) throws(MartletError) {
        guard !name.unicodeScalars.contains(where: { "/:.%\"'".unicodeScalars.contains($0) }) else {
            throw .invalid(
                "Invalid model name ('\(name)') provided. Model name must be a non-empty string and cannot contain "
                    + #"the following characters: ('/', ':', '.', '%', '"', "'")"#
            )
        }
    }

    /// Unlike those of a run, keys of models may have any characters, and values any length.
    private static func params(_ fields: MLflowFields) throws(MartletError) -> [Param] {
        var params: [Param] = []
        for param in try fields.objects("params") {
            let key = try self.key(param)
            params.append(Param(key: key, value: try param.string("value") ?? ""))
        }
        return params
    }

    private static func tags(_ fields: MLflowFields) throws(MartletError) -> [Tag] {
        var tags: [Tag] = []
        for tag in try fields.objects("tags") {
            let key = try self.key(tag)
            tags.append(Tag(key: key, value: try tag.string("value") ?? ""))
        }
        return tags
    }

    private static func key(_ fields: MLflowFields) throws(MartletError) -> String {
        let key = try fields.requiredString("key")
        try EntityValidation.checkLength(key, max: Limits.entityKeyCharacters, called: fields.qualified("key"))
        return key
    }

    private static func searchLimit(_ fields: MLflowFields) throws(MartletError) -> Int {
        let limit = try fields.integer("max_results") ?? 0
        guard limit >= 0 else {
            throw .invalid(
                "Invalid value \(limit) for parameter 'max_results' supplied. It must be a positive integer"
            )
        }
        guard limit <= Limits.loggedModelSearchResults else {
            throw fields.invalid("max_results", shown: "\(limit)", type: "int")
        }
        return limit == 0 ? self.pageSize : Int(limit)
    }

    private static func answer(_ model: LoggedModel) -> JSONWriter {
        .object { json in json.object("model") { $0.members(of: model) } }
    }
}
