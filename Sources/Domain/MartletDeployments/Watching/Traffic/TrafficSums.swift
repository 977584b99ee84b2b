package import MartletStatistics

/// What came of an arm's requests in some time; sums of several times or servers can be added up.
package struct TrafficSums: Sendable, Equatable {
    /// What came of one request.
    package enum Ending: UInt8, Sendable, CaseIterable {
        case answered
        /// The backend answered 4xx.
        case refused
        /// It gave no answer, or 5xx.
        case failed
    }

    package private(set) var refusals: Int64
    package private(set) var failures: Int64
    /// Answers of a shadow that were those of the version in charge, or equal to them.
    package private(set) var agreements: Int64
    /// Those that were not.
    package private(set) var differences: Int64
    /// From a request's head to its answer's end.
    package private(set) var latency: LatencyHistogram

    package init() {
        self.init(refusals: 0, failures: 0, agreements: 0, differences: 0, latency: LatencyHistogram())
    }

    init(refusals: Int64, failures: Int64, agreements: Int64, differences: Int64, latency: LatencyHistogram) {
        self.refusals = refusals
        self.failures = failures
        self.agreements = agreements
        self.differences = differences
        self.latency = latency
    }

    /// How many there were in all.
    package var requests: Int64 { Int64(clamping: self.latency.count) }

    /// The part of requests that failed; 0 where there were none.
    package var failureRate: Double { self.requests == 0 ? 0 : Double(self.failures) / Double(self.requests) }

    /// How many answers of a shadow were compared.
    package var comparisons: Int64 { self.agreements + self.differences }

    /// The part of those that agreed; `nil` where there were none.
    package var agreementRate: Double? {
        self.comparisons == 0 ? nil : Double(self.agreements) / Double(self.comparisons)
    }

    package mutating func record(_ ending: Ending, microseconds: UInt64, _ agreement: Agreement? = nil) {
        switch ending {
        case .answered: break
        case .refused: self.refusals += 1
        case .failed: self.failures += 1
        }
        switch agreement?.agrees {
        case true?: self.agreements += 1
        case false?: self.differences += 1
        case nil: break
        }
        self.latency.record(microseconds)
    }

    package mutating func merge(_ other: TrafficSums) {
        self.refusals += other.refusals
        self.failures += other.failures
        self.agreements += other.agreements
        self.differences += other.differences
        self.latency.merge(other.latency)
    }
}

extension TrafficSums.Ending {
    /// - Parameter status: Of the answer.
    package init(status: Int, _ failure: Decision.Failure?) {
        self =
            if Decision.isFailure(status: status, failure) { .failed } else if status >= 400 { .refused } else {
                .answered
            }
    }
}

/// An arm of a revision, as rows name it.
package struct ArmKey: Sendable, Hashable {
    let deploymentKey: Int64
    let revision: Int64
    /// Its place in the revision.
    let arm: Int
}
