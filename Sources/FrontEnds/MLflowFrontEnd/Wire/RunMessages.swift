import MartletCore
import MartletJSON
import MartletTracking

extension JSONWriter {
    /// Writes the members of MLflow's `RunInfo`.
    mutating func members(of info: Run.Info) {
        self.member("run_uuid", info.id.rawValue)
        self.member("experiment_id", info.experimentID.description)
        self.member("run_name", info.name)
        self.member("user_id", info.userName)
        self.member("status", info.status.rawValue)
        self.member("start_time", info.startedAt.milliseconds)
        self.member("end_time", info.endedAt?.milliseconds)
        self.member("artifact_uri", info.artifactURI)
        self.member("lifecycle_stage", info.isDeleted ? "deleted" : "active")
        self.member("run_id", info.id.rawValue)
    }

    /// Writes the members of MLflow's `Run`.
    mutating func members(of run: Run) {
        self.object("info") { $0.members(of: run.info) }
        self.object("data") { json in
            json.array("metrics", of: run.metrics) { json, metric in json.metric(metric) }
            json.array("params", of: run.params) { json, param in json.pair(param.key, param.value) }
            json.tags(run.tags)
        }
        self.object("inputs") { json in
            json.array("dataset_inputs", of: run.datasetInputs) { json, input in json.datasetInput(input) }
            json.array("model_inputs", of: run.modelInputs) { json, model in
                json.beginObject()
                json.member("model_id", model.rawValue)
                json.endObject()
            }
        }
        self.object("outputs") { json in
            json.array("model_outputs", of: run.modelOutputs) { json, output in
                json.beginObject()
                json.member("model_id", output.modelID.rawValue)
                json.member("step", output.step)
                json.endObject()
            }
        }
    }

    private mutating func metric(_ metric: Metric) {
        self.beginObject()
        self.member("key", metric.key)
        self.members(of: metric.point)
        self.endObject()
    }

    /// Writes what MLflow's `Metric` says besides its key.
    mutating func members(of point: MetricPoint) {
        self.member("value", point.value)
        self.member("timestamp", point.loggedAt.milliseconds)
        self.member("step", point.step)
    }

    private mutating func datasetInput(_ input: DatasetInput) {
        self.beginObject()
        self.tags(input.tags)
        self.object("dataset") { json in
            json.member("name", input.dataset.name)
            json.member("digest", input.dataset.digest)
            json.member("source_type", input.dataset.sourceType)
            json.member("source", input.dataset.source)
            json.member("schema", input.dataset.schema)
            json.member("profile", input.dataset.profile)
        }
        self.endObject()
    }
}

extension Run.Status {
    /// MLflow's names and numbers.
    static let wireCases: [(String, Int64, Run.Status)] = [
        ("RUNNING", 1, .running), ("SCHEDULED", 2, .scheduled), ("FINISHED", 3, .finished), ("FAILED", 4, .failed),
        ("KILLED", 5, .killed),
    ]
}
