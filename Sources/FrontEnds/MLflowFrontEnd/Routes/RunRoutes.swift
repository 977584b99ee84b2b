import HTTPTypes
import MartletCore
import MartletJSON
import MartletSearch
import MartletTracking

/// `runs/*` that concern a run itself.
struct RunRoutes {
    let runs: RunService
    let search: RunSearchService

    func register(on routes: MLflowRoutes) {
        routes
            .on(.post, "runs/create", needs: .writeTracking, use: self.create)
            .on(.get, "runs/get", needs: .readTracking, use: self.get)
            .on(.post, "runs/update", needs: .writeTracking, use: self.update)
            .on(.post, "runs/delete", needs: .writeTracking, use: self.delete)
            .on(.post, "runs/restore", needs: .writeTracking, use: self.restore)
            .on(.post, "runs/search", needs: .readTracking, use: self.searchRuns)
            .on(.post, "runs/set-tag", needs: .writeTracking, use: self.setTag)
            .on(.post, "runs/delete-tag", needs: .writeTracking, use: self.deleteTag)
    }

    @Sendable private func create(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        var tags: [Tag] = []
        var keys: Set<ExactText> = []
        for tag in try fields.objects("tags", max: Limits.tagsPerEntity) {
            let tag = try EntityValidation.runTag(tag)
            guard keys.insert(ExactText(tag.key)).inserted else {
                throw .invalid("The tag '\(tag.key)' is given more than once.")
            }
            tags.append(tag)
        }
        let tagged = tags.last { $0.key == RunService.nameTag }?.value ?? ""
        let asked = try fields.string("run_name") ?? ""
        guard asked.isEmpty || tagged.isEmpty || asked == tagged else {
            throw .invalid(
                "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values "
                    + "(run_name='\(asked)', mlflow.runName='\(tagged)')."
            )
        }
        let name = !asked.isEmpty ? asked : !tagged.isEmpty ? tagged : GeneratedName.random()
        tags.removeAll { $0.key == RunService.nameTag }
        tags.append(Tag(key: RunService.nameTag, value: name))
        let run = try await self.runs.create(
            NewRun(
                experimentID: try fields.experimentID(),
                name: name,
                userName: try fields.string("user_id") ?? "",
                startedAt: Timestamp(milliseconds: try fields.integer("start_time") ?? 0),
                tags: tags
            )
        )
        return Self.answer(run)
    }

    @Sendable private func get(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        Self.answer(try await self.runs.run(try fields.runID()))
    }

    @Sendable private func update(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let name = try fields.string("run_name") ?? ""
        let change = RunChange(
            status: try fields.enumeration("status", Run.Status.wireCases),
            endedAt: try fields.integer("end_time").map(Timestamp.init(milliseconds:)),
            name: name.isEmpty ? nil : name
        )
        let info = try await self.runs.update(try fields.runID(), change)
        return .object { json in json.object("run_info") { $0.members(of: info) } }
    }

    @Sendable private func delete(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        try await self.runs.delete(try fields.runID())
        return .empty
    }

    @Sendable private func restore(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        try await self.runs.restore(try fields.runID())
        return .empty
    }

    @Sendable private func setTag(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let id = try fields.runID()
        try await self.runs.setTag(try EntityValidation.runTag(fields), on: id)
        return .empty
    }

    @Sendable private func deleteTag(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let id = try fields.runID()
        try await self.runs.deleteTag(try fields.requiredString("key"), of: id)
        return .empty
    }

    @Sendable private func searchRuns(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let limit = try Self.searchLimit(fields)
        let filter = try fields.string("filter") ?? ""
        let order = try fields.strings("order_by")
        let experiments = try fields.experimentIDs()
        let visibility = try fields.visibility("run_view_type")
        let question = Fingerprint(
            of: ["runs", filter, "\(visibility)"] + order + [""] + experiments.map(\.description)
        )
        let page = try await self.search.search(
            RunQuery(
                experiments: experiments,
                conditions: try RunFilters.conditions(filter),
                order: try RunFilters.order(order),
                visibility: visibility,
                limit: limit,
                position: try fields.position(in: question)
            )
        )
        var json = JSONWriter(capacity: 512 + 4_096 * page.items.count)
        json.beginObject()
        json.array("runs", of: page.items) { json, run in
            json.beginObject()
            json.members(of: run)
            json.endObject()
        }
        json.nextPage(page.next, of: question)
        json.endObject()
        return json
    }

    private static func searchLimit(_ fields: MLflowFields) throws(MartletError) -> Int {
        let limit = try fields.integer("max_results") ?? 1_000
        guard limit > 0 else {
            throw .invalid(
                "Invalid value \(limit) for parameter 'max_results' supplied. It must be a positive integer"
            )
        }
        guard limit <= Limits.runSearchResults else {
            throw fields.invalid("max_results", shown: "\(limit)", type: "int")
        }
        return Int(limit)
    }

    private static func answer(_ run: Run) -> JSONWriter {
        var json = JSONWriter(capacity: 1_024)
        json.beginObject()
        json.object("run") { $0.members(of: run) }
        json.endObject()
        return json
    }
}
