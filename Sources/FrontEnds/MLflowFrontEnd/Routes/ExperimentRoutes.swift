import HTTPTypes
import MartletCore
import MartletJSON
import MartletSearch
import MartletTracking

/// `experiments/*`
struct ExperimentRoutes {
    let experiments: ExperimentService
    let inputs: InputService

    func register(on routes: MLflowRoutes) {
        routes
            .on(.post, "experiments/create", needs: .writeTracking, use: self.create)
            .on(.get, "experiments/get", needs: .readTracking, use: self.get)
            .on(.get, "experiments/get-by-name", needs: .readTracking, use: self.getByName)
            .on(.post, "experiments/search", needs: .readTracking, use: self.search)
            .on(.get, "experiments/search", needs: .readTracking, use: self.search)
            .on(.post, "experiments/update", needs: .writeTracking, use: self.update)
            .on(.post, "experiments/delete", needs: .writeTracking, use: self.delete)
            .on(.post, "experiments/restore", needs: .writeTracking, use: self.restore)
            .on(.post, "experiments/set-experiment-tag", needs: .writeTracking, use: self.setTag)
            .on(.post, "experiments/delete-experiment-tag", needs: .writeTracking, use: self.deleteTag)
            .on(.post, "experiments/search-datasets", needs: .readTracking, use: self.searchDatasets)
    }

    @Sendable private func create(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let name = try fields.requiredString("name")
        try EntityValidation.checkLength(name, max: Limits.experimentNameCharacters, called: "name")
        var tags: [Tag] = []
        for tag in try fields.objects("tags") {
            tags.append(try EntityValidation.experimentTag(tag))
        }
        let location = try ArtifactLocation(validating: try fields.string("artifact_location"))
        let id = try await self.experiments.create(named: name, tags: tags) { location.text(for: $0) }
        return .object { $0.member("experiment_id", id.description) }
    }

    @Sendable private func get(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        Self.answer(try await self.experiments.experiment(try fields.experimentID()))
    }

    @Sendable private func getByName(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        Self.answer(try await self.experiments.experiment(named: try fields.requiredString("experiment_name")))
    }

    @Sendable private func search(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let limit = try fields.integer("max_results") ?? 0
        guard limit > 0 else {
            throw .invalid(
                "Invalid value \(limit) for parameter 'max_results' supplied. It must be a positive integer"
            )
        }
        guard limit <= Limits.experimentSearchResults else {
            throw .invalid(
                "Invalid value \(limit) for parameter 'max_results' supplied. "
                    + "It must be at most \(Limits.experimentSearchResults)"
            )
        }
        let filter = try fields.string("filter") ?? ""
        let order = try fields.strings("order_by")
        let visibility = try fields.visibility("view_type")
        let question = Fingerprint(of: ["experiments", filter, "\(visibility)"] + order)
        let page = try await self.experiments.search(
            ExperimentQuery(
                conditions: try ExperimentFilters.conditions(filter),
                order: try ExperimentFilters.order(order),
                visibility: visibility,
                limit: Int(limit),
                position: try fields.position(in: question)
            )
        )
        return .object { json in
            json.array("experiments", of: page.items) { json, experiment in
                json.beginObject()
                json.members(of: experiment)
                json.endObject()
            }
            json.nextPage(page.next, of: question)
        }
    }

    @Sendable private func update(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let id = try fields.experimentID()
        let name = try fields.requiredString("new_name")
        try EntityValidation.checkLength(name, max: Limits.experimentNameCharacters, called: "name")
        try await self.experiments.rename(id, to: name)
        return .empty
    }

    @Sendable private func delete(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        try await self.experiments.delete(try fields.experimentID())
        return .empty
    }

    @Sendable private func restore(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        try await self.experiments.restore(try fields.experimentID())
        return .empty
    }

    @Sendable private func setTag(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let id = try fields.experimentID()
        try await self.experiments.setTag(try EntityValidation.experimentTag(fields), on: id)
        return .empty
    }

    @Sendable private func deleteTag(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let id = try fields.experimentID()
        try await self.experiments.deleteTag(try fields.requiredString("key"), of: id)
        return .empty
    }

    @Sendable private func searchDatasets(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let ids = try fields.experimentIDs()
        guard !ids.isEmpty else {
            throw .invalid("SearchDatasets request must specify at least one experiment_id.")
        }
        guard ids.count <= Limits.datasetSearchExperiments else {
            throw .invalid(
                "SearchDatasets request cannot specify more than \(Limits.datasetSearchExperiments) experiment_ids. "
                    + "Received \(ids.count) experiment_ids."
            )
        }
        let summaries = try await self.inputs.summaries(of: ids, limit: Limits.datasetSearchResults)
        return .object { json in
            json.array("dataset_summaries", of: summaries) { json, summary in
                json.beginObject()
                json.member("experiment_id", summary.experimentID.description)
                json.member("name", summary.name)
                json.member("digest", summary.digest)
                json.member("context", summary.context)
                json.endObject()
            }
        }
    }

    private static func answer(_ experiment: Experiment) -> JSONWriter {
        .object { json in json.object("experiment") { $0.members(of: experiment) } }
    }
}

extension JSONWriter {
    /// Writes the token of the next page, or nothing on the last one.
    mutating func nextPage(_ position: [PageToken.Field]?, of question: Fingerprint) {
        if let position { self.member("next_page_token", PageToken(question: question, fields: position).text) }
    }
}
