import MartletCore
import MartletJSON
import MartletTracking

extension JSONWriter {
    /// Writes the members of MLflow's `LoggedModel`.
    mutating func members(of model: LoggedModel) {
        self.object("info") { json in
            json.members(of: model.info)
            json.tags(model.tags)
        }
        self.object("data") { json in
            json.array("params", of: model.params) { json, param in json.pair(param.key, param.value) }
            json.array("metrics", of: model.metrics) { json, metric in json.metric(metric, of: model.info.id) }
        }
    }

    /// Writes the members of MLflow's `LoggedModelInfo` but its tags. What was not said is empty, not absent.
    private mutating func members(of info: LoggedModel.Info) {
        self.member("model_id", info.id.rawValue)
        self.member("experiment_id", info.experimentID.description)
        self.member("name", info.name)
        self.member("creation_timestamp_ms", info.createdAt.milliseconds)
        self.member("last_updated_timestamp_ms", info.updatedAt.milliseconds)
        self.member("artifact_uri", info.artifactURI)
        self.member("status", info.status.wireName)
        self.member("model_type", info.modelType)
        self.member("source_run_id", info.sourceRunID?.rawValue ?? "")
    }

    private mutating func metric(_ metric: LoggedModelMetric, of model: LoggedModelID) {
        self.beginObject()
        self.member("key", metric.metric.key)
        self.members(of: metric.metric.point)
        self.member("dataset_name", metric.datasetName)
        self.member("dataset_digest", metric.datasetDigest)
        self.member("model_id", model.rawValue)
        self.member("run_id", metric.runID.rawValue)
        self.endObject()
    }
}

extension LoggedModel.Status {
    /// MLflow's name of the enumeration's case.
    var wireName: String {
        switch self {
        case .pending: "LOGGED_MODEL_PENDING"
        case .ready: "LOGGED_MODEL_READY"
        case .failed: "LOGGED_MODEL_UPLOAD_FAILED"
        }
    }

    /// MLflow's number of the enumeration's case.
    var wireNumber: Int64 {
        switch self {
        case .pending: 1
        case .ready: 2
        case .failed: 3
        }
    }
}

extension MLflowFields {
    /// The id of a logged model. A text that cannot be one is the id of no model.
    func loggedModelID() throws(MartletError) -> LoggedModelID {
        let text = try self.requiredString("model_id")
        do {
            return try LoggedModelID(validating: text)
        } catch {
            throw MartletError(.notFound, "Logged model with ID '\(text)' not found.")
        }
    }

    /// The status of a logged model, which must be there.
    func loggedModelStatus() throws(MartletError) -> LoggedModel.Status {
        let cases = LoggedModel.Status.allCases.map { ($0.wireName, $0.wireNumber, $0) }
        guard let status = try self.enumeration("status", cases) else { throw self.missing("status") }
        return status
    }
}
