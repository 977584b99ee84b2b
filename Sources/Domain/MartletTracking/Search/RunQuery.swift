package import MartletCore
package import MartletSearch

/// Which runs to find, and in which order.
package struct RunQuery: Sendable {
    package var experiments: [ExperimentID]
    package var conditions: [RunCondition]
    package var order: [RunOrder]
    package var visibility: Visibility
    package var limit: Int
    /// Where the page before this one ended.
    package var position: [PageToken.Field]?

    package init(
        experiments: [ExperimentID],
        conditions: [RunCondition] = [],
        order: [RunOrder] = [],
        visibility: Visibility = .active,
        limit: Int,
        position: [PageToken.Field]? = nil
    ) {
        self.experiments = experiments
        self.conditions = conditions
        self.order = order
        self.visibility = visibility
        self.limit = limit
        self.position = position
    }
}

/// One demand on a run. A run that lacks what is compared meets no comparison, not even "differs".
package enum RunCondition: Sendable, Equatable {
    case metric(String, NumberCondition)
    case param(String, TextCondition)
    case paramIsMissing(String)
    case paramIsPresent(String)
    case tag(String, TextCondition)
    case tagIsMissing(String)
    case tagIsPresent(String)
    case text(RunText, TextCondition)
    case time(RunTime, NumberCondition)
    case dataset(DatasetText, TextCondition)
}

/// The texts of a run itself, by the names that filters and orders use.
package enum RunText: String, Sendable, CaseIterable {
    case id = "run_id"
    case name = "run_name"
    case status
    case artifactURI = "artifact_uri"
    case userName = "user_id"
}

/// The times of a run, by the names that filters and orders use.
package enum RunTime: String, Sendable, CaseIterable {
    case startedAt = "start_time"
    case endedAt = "end_time"
}

/// What a dataset that a run read can be searched by.
package enum DatasetText: String, Sendable, CaseIterable {
    case name, digest, context
}

/// One key of an order of runs. Runs that lack it come last, whichever the direction.
package struct RunOrder: Sendable, Equatable {
    package enum Key: Sendable, Equatable, Hashable {
        case metric(String)
        case param(String)
        case tag(String)
        case text(RunText)
        case time(RunTime)
    }

    package let key: Key
    package let isAscending: Bool

    package init(_ key: Key, ascending: Bool) {
        self.key = key
        self.isAscending = ascending
    }
}
