import MartletCore
import MartletSQL

/// The other half of logging metrics: those that say which model they were measured with are also the
/// model's own.
enum LoggedModelMetrics {
    /// Stores the metrics that name a model, in the transaction that stores them for `run`.
    ///
    /// The model may be deleted and may be of another experiment, as MLflow allows.
    ///
    /// - Throws: `notFound` for an unknown model.
    static func log(_ metrics: [LoggedMetric], of run: RunHandle, on db: any Connection) throws(MartletError) {
        var models: [LoggedModelID: Int64] = [:]
        for id in Set(metrics.compactMap(\.modelID)) {
            models[id] = try LoggedModelService.key(of: id, on: db)
        }
        try db.execute(LoggedModelQueries.insertMetrics(metrics, of: run, models: models))
    }
}
