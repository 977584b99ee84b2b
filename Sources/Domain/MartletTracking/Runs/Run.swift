package import MartletCore

/// One execution of training code, or a part of it, and what it logged.
package struct Run: Sendable {
    package enum Status: String, Sendable, CaseIterable {
        case running = "RUNNING"
        case scheduled = "SCHEDULED"
        case finished = "FINISHED"
        case failed = "FAILED"
        case killed = "KILLED"
    }

    /// What is known of a run without what it logged.
    package struct Info: Sendable {
        package var id: RunID
        package var experimentID: ExperimentID
        package var name: String
        package var userName: String
        package var status: Status
        package var startedAt: Timestamp
        package var endedAt: Timestamp?
        package var artifactURI: String
        package var isDeleted: Bool
    }

    package var info: Info
    /// The latest point of each metric, in the order of their keys.
    package var metrics: [Metric]
    package var params: [Param]
    package var tags: [Tag]
    package var datasetInputs: [DatasetInput]
    package var modelInputs: [LoggedModelID]
    package var modelOutputs: [ModelOutput]

    init(info: Info) {
        self.info = info
        self.metrics = []
        self.params = []
        self.tags = []
        self.datasetInputs = []
        self.modelInputs = []
        self.modelOutputs = []
    }
}

/// A named text that a run was started with. It never changes once it is logged.
package struct Param: Sendable, Hashable {
    package var key: String
    package var value: String

    package init(key: String, value: String) {
        self.key = key
        self.value = value
    }
}

/// What a new run begins with.
package struct NewRun: Sendable {
    package var experimentID: ExperimentID
    package var name: String
    package var userName: String
    package var startedAt: Timestamp
    package var tags: [Tag]

    package init(experimentID: ExperimentID, name: String, userName: String, startedAt: Timestamp, tags: [Tag]) {
        self.experimentID = experimentID
        self.name = name
        self.userName = userName
        self.startedAt = startedAt
        self.tags = tags
    }
}

/// A change of a run; what is `nil` stays as it is.
package struct RunChange: Sendable {
    package var status: Run.Status?
    package var endedAt: Timestamp?
    package var name: String?

    package init(status: Run.Status? = nil, endedAt: Timestamp? = nil, name: String? = nil) {
        self.status = status
        self.endedAt = endedAt
        self.name = name
    }
}
