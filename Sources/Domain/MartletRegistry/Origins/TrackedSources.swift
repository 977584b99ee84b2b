package import MartletCore
import MartletJSON
package import MartletSQL
import MartletTracking

/// The runs and logged models of this server, as origins of versions.
package struct TrackedSources: SourceDirectory {
    /// Where MLflow's page looks for the versions that a logged model became.
    private static let versionsTag = "mlflow.modelVersions"

    package init() {}

    package func artifactURI(of run: RunID, on db: any Connection) throws(MartletError) -> String? {
        try RunService.info(of: run, on: db)?.artifactURI
    }

    package func loggedModel(_ id: LoggedModelID, on db: any Connection) throws(MartletError) -> SourceModel? {
        try LoggedModelService.info(of: id, on: db).map { info in
            SourceModel(artifactURI: info.artifactURI, runID: info.sourceRunID)
        }
    }

    package func facts(
        run: RunID?,
        loggedModel: LoggedModelID?,
        on db: any Connection
    ) throws(MartletError) -> SourceFacts {
        let model = try loggedModel.map { id throws(MartletError) in try LoggedModelService.model(id, on: db) } ?? nil
        let runID = run ?? model?.info.sourceRunID
        let run = try runID.map { id throws(MartletError) in try RunService.run(id, on: db) } ?? nil
        let metrics = TrackedMetrics(
            run: run?.metrics ?? [],
            measured: try run.map { run throws(MartletError) in
                try LoggingService.measuredMetrics(of: run.info.id, on: db)
            } ?? [],
            model: model?.metrics ?? []
        )
        return TrackedFacts(run: run, model: model, metrics: metrics.sorted).facts
    }

    package func metrics(
        run: RunID?,
        loggedModel: LoggedModelID?,
        named names: Set<String>?,
        on db: any Connection
    ) throws(MartletError) -> [Manifest.Metric] {
        var run = run
        if run == nil, let loggedModel {
            run = try LoggedModelService.model(loggedModel, on: db)?.info.sourceRunID
        }
        let metrics = TrackedMetrics(
            run: try run.map { id throws(MartletError) in
                try LoggingService.latestMetrics(of: id, named: names, on: db)
            } ?? [],
            measured: try run.map { id throws(MartletError) in
                try LoggingService.measuredMetrics(of: id, named: names, on: db)
            } ?? [],
            model: try loggedModel.map { id throws(MartletError) in
                try LoggedModelService.metrics(of: id, named: names, on: db)
            } ?? []
        )
        return metrics.sorted
    }

    package func runs(
        reading dataset: String,
        limit: Int,
        on db: any Connection
    ) throws(MartletError) -> [DatasetUse] {
        try InputService.runs(reading: dataset, limit: limit, on: db).map { use in
            DatasetUse(runID: use.runID, name: use.name, digest: use.digest, context: use.context)
        }
    }

    package func noteVersion(
        _ number: VersionNumber,
        of name: ModelName,
        on model: LoggedModelID,
        db: any Connection
    ) throws(MartletError) {
        try LoggedModelService.updateTag(Self.versionsTag, of: model, on: db) { present throws(MartletError) in
            JSONText.appending(to: present ?? "[]") { json in
                json.beginObject()
                json.member("name", name.rawValue)
                json.member("version", number.rawValue)
                json.endObject()
            }
        }
    }
}
