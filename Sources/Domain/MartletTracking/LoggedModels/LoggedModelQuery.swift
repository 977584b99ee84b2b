package import MartletCore
package import MartletSearch

/// Which models to find, and in which order.
package struct LoggedModelQuery: Sendable {
    package var experiments: [ExperimentID]
    package var conditions: [LoggedModelCondition]
    /// The datasets on which the metrics of ``conditions`` must have been measured; any will do when this
    /// is empty. Without such metrics, the model must have been measured on one of them at all.
    package var datasets: [MeasuredDataset]
    package var order: [LoggedModelOrder]
    package var limit: Int
    /// Where the page before this one ended.
    package var position: [PageToken.Field]?

    package init(
        experiments: [ExperimentID],
        conditions: [LoggedModelCondition] = [],
        datasets: [MeasuredDataset] = [],
        order: [LoggedModelOrder] = [],
        limit: Int,
        position: [PageToken.Field]? = nil
    ) {
        self.experiments = experiments
        self.conditions = conditions
        self.datasets = datasets
        self.order = order
        self.limit = limit
        self.position = position
    }
}

/// One demand on a model. A model that lacks what is compared meets no comparison, not even "differs".
package enum LoggedModelCondition: Sendable, Equatable {
    /// Met when any point of the metric meets it, not only the latest.
    case metric(String, NumberCondition)
    case param(String, TextCondition)
    case tag(String, TextCondition)
    case text(LoggedModelText, TextCondition)
    case time(LoggedModelTime, NumberCondition)
}

/// The texts of a model itself, by the names that filters and orders use.
package enum LoggedModelText: String, Sendable, CaseIterable {
    case id = "model_id"
    case name
    case modelType = "model_type"
    /// Compared as ``LoggedModel/Status`` spells it, sorted in the order of a model's life.
    case status
    case sourceRunID = "source_run_id"
    case experimentID = "experiment_id"
    case artifactURI = "artifact_location"
}

/// The times of a model, by the names that filters and orders use.
package enum LoggedModelTime: String, Sendable, CaseIterable {
    case createdAt = "creation_timestamp_ms"
    case updatedAt = "last_updated_timestamp_ms"
}

/// A dataset that metrics were measured on.
package struct MeasuredDataset: Sendable, Hashable {
    package var name: String
    /// `nil` for any.
    package var digest: String?

    package init(name: String, digest: String?) {
        self.name = name
        self.digest = digest
    }
}

/// One key of an order of models. Models that lack it come last, whichever the direction.
package struct LoggedModelOrder: Sendable, Equatable {
    package enum Key: Sendable, Hashable {
        /// The newest point of a metric, of those that were measured on a dataset if one is given.
        case metric(String, on: MeasuredDataset?)
        case text(LoggedModelText)
        case time(LoggedModelTime)
    }

    package let key: Key
    package let isAscending: Bool

    package init(_ key: Key, ascending: Bool) {
        self.key = key
        self.isAscending = ascending
    }
}
