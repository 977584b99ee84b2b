package import MartletCore

/// A trained model as a thing of its own: where its files are, and what was logged of it.
package struct LoggedModel: Sendable {
    /// How far the upload of a model's files has come.
    package enum Status: String, Sendable, CaseIterable {
        case pending = "PENDING"
        case ready = "READY"
        case failed = "FAILED"
    }

    /// What is known of a model without what was logged of it.
    package struct Info: Sendable {
        package var id: LoggedModelID
        package var experimentID: ExperimentID
        package var name: String
        /// The run that made it, if any did.
        package var sourceRunID: RunID?
        package var status: Status
        /// What its author calls its kind; empty when nothing was said.
        package var modelType: String
        package var artifactURI: String
        package var createdAt: Timestamp
        package var updatedAt: Timestamp
        package var isDeleted: Bool
    }

    package var info: Info
    package var params: [Param]
    package var tags: [Tag]
    /// Every point that was ever logged, by key and then time.
    package var metrics: [LoggedModelMetric]

    init(info: Info) {
        self.info = info
        self.params = []
        self.tags = []
        self.metrics = []
    }
}

/// One value of a metric of a model, and what it was measured with.
package struct LoggedModelMetric: Sendable, Hashable {
    package var metric: Metric
    package var runID: RunID
    /// `nil` when it was not measured on a dataset.
    package var datasetName: String?
    package var datasetDigest: String?
}

/// What a new model begins with.
package struct NewLoggedModel: Sendable {
    package var experimentID: ExperimentID
    package var name: String
    package var sourceRunID: RunID?
    package var modelType: String
    package var params: [Param]
    package var tags: [Tag]

    /// - Parameter modelType: Empty when nothing is said.
    package init(
        experimentID: ExperimentID,
        name: String,
        sourceRunID: RunID? = nil,
        modelType: String = "",
        params: [Param] = [],
        tags: [Tag] = []
    ) {
        self.experimentID = experimentID
        self.name = name
        self.sourceRunID = sourceRunID
        self.modelType = modelType
        self.params = params
        self.tags = tags
    }
}
