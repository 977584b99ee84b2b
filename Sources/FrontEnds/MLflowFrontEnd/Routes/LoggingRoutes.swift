import HTTPTypes
import MartletCore
import MartletJSON
import MartletTracking

/// `runs/log-*` and `runs/outputs`: what a run says while it runs.
struct LoggingRoutes {
    let logging: LoggingService
    let inputs: InputService

    func register(on routes: MLflowRoutes) {
        routes
            .on(.post, "runs/log-metric", needs: .writeTracking, use: self.logMetric)
            .on(.post, "runs/log-parameter", needs: .writeTracking, use: self.logParam)
            .on(.post, "runs/log-batch", needs: .writeTracking, use: self.logBatch)
            .on(.post, "runs/log-inputs", needs: .writeTracking, use: self.logInputs)
            .on(.post, "runs/outputs", needs: .writeTracking, use: self.logOutputs)
    }

    @Sendable private func logMetric(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let id = try fields.runID()
        try await self.logging.log(metrics: [try Self.metric(fields)], to: id)
        return .empty
    }

    @Sendable private func logParam(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let id = try fields.runID()
        try await self.logging.log(params: [try EntityValidation.param(fields)], to: id)
        return .empty
    }

    @Sendable private func logBatch(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let id = try Self.batchRunID(try fields.requiredString("run_id"))
        let batch = try Batch(fields)
        try await self.logging.log(metrics: batch.metrics, params: batch.params, tags: batch.tags, to: id)
        return .empty
    }

    @Sendable private func logInputs(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let id = try fields.runID()
        var datasets: [DatasetInput] = []
        for input in try fields.objects("datasets") {
            datasets.append(try DatasetInput(input))
        }
        try await self.inputs.logInputs(datasets: datasets, models: try Self.models(fields).map(\.modelID), of: id)
        return .empty
    }

    @Sendable private func logOutputs(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let id = try fields.runID()
        let models = try Self.models(fields)
        guard !models.isEmpty else { throw fields.missing("models") }
        try await self.inputs.logOutputs(models, of: id)
        return .empty
    }

    private static func batchRunID(_ text: String) throws(MartletError) -> RunID {
        do {
            return try RunID(validating: text)
        } catch {
            throw .invalid("Invalid value \"\(text)\" for parameter 'run_id' supplied.")
        }
    }

    private static func models(_ fields: MLflowFields) throws(MartletError) -> [ModelOutput] {
        var models: [ModelOutput] = []
        for model in try fields.objects("models") {
            let id = try LoggedModelID(validating: try model.requiredString("model_id"))
            models.append(ModelOutput(modelID: id, step: try model.integer("step") ?? 0))
        }
        return models
    }

    fileprivate static func metric(_ fields: MLflowFields) throws(MartletError) -> LoggedMetric {
        let model = try fields.string("model_id") ?? ""
        let metric = try EntityValidation.metric(fields)
        let name = try fields.string("dataset_name")
        let digest = try fields.string("dataset_digest")
        guard (name == nil) == (digest == nil) else {
            throw .invalid("Both dataset_name and dataset_digest must be provided if one is provided")
        }
        try EntityValidation.checkLength(name ?? "", max: Limits.datasetNameCharacters, called: "dataset_name")
        try EntityValidation.checkLength(digest ?? "", max: Limits.datasetDigestCharacters, called: "dataset_digest")
        return LoggedMetric(
            metric: metric,
            modelID: model.isEmpty ? nil : try LoggedModelID(validating: model),
            datasetName: name,
            datasetDigest: digest
        )
    }
}

/// The contents of a `runs/log-batch`, within MLflow's limits.
private struct Batch {
    var metrics: [LoggedMetric] = []
    var params: [Param] = []
    var tags: [Tag] = []

    init(_ fields: MLflowFields) throws(MartletError) {
        let (metrics, params, tags) =
            (try fields.objects("metrics"), try fields.objects("params"), try fields.objects("tags"))
        try Self.checkCounts(metrics.count, params.count, tags.count)
        for metric in metrics {
            self.metrics.append(try LoggingRoutes.metric(metric))
        }
        for param in params {
            self.params.append(try EntityValidation.param(param))
        }
        for tag in tags {
            self.tags.append(try EntityValidation.runTag(tag))
        }
        try self.checkParamsAreDistinct()
    }

    private static func checkCounts(_ metrics: Int, _ params: Int, _ tags: Int) throws(MartletError) {
        try Self.check(metrics, max: Limits.metricsPerBatch, called: "metrics")
        try Self.check(params, max: Limits.paramsPerBatch, called: "params")
        try Self.check(tags, max: Limits.tagsPerBatch, called: "tags")
        try Self.check(metrics + params + tags, max: Limits.entitiesPerBatch, called: "metrics, params, and tags")
    }

    private static func check(_ count: Int, max: Int, called name: String) throws(MartletError) {
        guard count <= max else {
            throw .invalid(
                "A batch logging request can contain at most \(max) \(name). Got \(count) \(name). "
                    + "Please split up \(name) across multiple requests and try again."
            )
        }
    }

    private func checkParamsAreDistinct() throws(MartletError) {
        var seen: Set<ExactText> = []
        var repeated: [String] = []
        for param in self.params where !seen.insert(ExactText(param.key)).inserted && !repeated.contains(param.key) {
            repeated.append(param.key)
        }
        guard repeated.isEmpty else {
            let keys = repeated.map { "'\($0)'" }.joined(separator: ", ")
            throw .invalid(
                "Duplicate parameter keys have been submitted: [\(keys)]. "
                    + "Please ensure the request contains only one param value per param key."
            )
        }
    }
}

extension DatasetInput {
    fileprivate init(_ fields: MLflowFields) throws(MartletError) {
        guard let dataset = try fields.object("dataset") else { throw fields.missing("dataset") }
        var tags: [Tag] = []
        for tag in try fields.objects("tags") {
            let new = Tag(key: try tag.requiredString("key"), value: try tag.string("value") ?? "")
            try EntityValidation.checkLength(new.key, max: Limits.datasetTagKeyCharacters, called: "key")
            try EntityValidation.checkLength(new.value, max: Limits.datasetTagValueCharacters, called: "value")
            tags.append(new)
        }
        self.init(dataset: try Dataset(dataset), tags: tags)
    }
}

extension Dataset {
    fileprivate init(_ fields: MLflowFields) throws(MartletError) {
        self.init(
            name: try fields.requiredString("name"),
            digest: try fields.requiredString("digest"),
            sourceType: try fields.string("source_type") ?? "",
            source: try fields.string("source") ?? "",
            schema: try fields.string("schema"),
            profile: try fields.string("profile")
        )
        try EntityValidation.checkLength(self.name, max: Limits.datasetNameCharacters, called: "name")
        try EntityValidation.checkLength(self.digest, max: Limits.datasetDigestCharacters, called: "digest")
        try EntityValidation.checkLength(self.source, max: Limits.datasetSourceCharacters, called: "source")
        try EntityValidation.checkLength(self.schema ?? "", max: Limits.datasetSchemaCharacters, called: "schema")
        try EntityValidation.checkLength(self.profile ?? "", max: Limits.datasetProfileCharacters, called: "profile")
    }
}
