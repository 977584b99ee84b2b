package import MartletCore
package import MartletRegistry

/// How a deployment deals with requests.
package struct DeploymentSettings: Sendable, Hashable {
    /// Where a request says whom it is about.
    package enum SubjectSource: Sendable, Hashable {
        case header(String)
        case cookie(String)
        /// A member of the JSON body, by its names from the outside in.
        case member([String])
    }

    /// What becomes of the record of a decision. The words are stored, and never change.
    package enum Recording: String, Sendable, CaseIterable {
        /// It is durable before the answer is complete.
        case strict
        /// It is written soon; a crash loses what was decided in the last moments.
        case relaxed
        case off
    }

    /// `nil` to give each request to an arm by chance.
    package var subject: SubjectSource?
    package var recording = Recording.relaxed
    /// How long a backend may take to begin its answer, and how long a short one may then pause.
    package var timeoutMilliseconds: Int64 = 30_000
    /// How often a request that may be repeated (RFC 9110, section 9.2.2) is sent to a backend in all.
    package var attemptsMax = 2
    /// What backends with a URL are asked for before requests go to them; `nil` to connect only.
    package var healthPath: String?
    /// The longest body of a request.
    package var bodyBytesMax: Int64 = 16 << 20
    /// Which requests and answers are kept; `nil` for none.
    package var payloads: PayloadSettings?
    /// For how many days the record of a decision is kept; `nil` for ever.
    package var keepDays: Int64?
    /// What of requests and answers is compared with the training data; `nil` for nothing.
    package var drift: DriftSettings?
    /// The part by which fractions in a shadow's answer may differ from those in the one that was returned. What numpy
    /// takes for close: far more than single precision is rounded by, and less than anybody decides by.
    package var shadowTolerance = 1e-5
    /// What of answers that are JSON does not count when a shadow's is compared: names, numbers of elements from 0, and
    /// `*` for all, from the outside in.
    package var shadowIgnored: [[String]] = []
    /// Where a version must be in its model's stages to be served.
    package var stages: [StageName] = [StageName(.staging), StageName(.production)]
    /// When nothing may change but by a rollback.
    package var freezes: [FreezeWindow] = []
    /// What is done when a version that is new does badly.
    package var conditions: [Condition] = []
}

extension Sequence<Condition> {
    /// For how long something must have served until all of them have something to look at.
    var longestWindow: TimeSpan? { self.compactMap(\.window).max() }
}

/// A time in which a deployment stays as it is.
package struct FreezeWindow: Sendable, Hashable {
    package let start: Timestamp
    package let end: Timestamp
    package let reason: String

    package init(start: Timestamp, end: Timestamp, reason: String) throws(MartletError) {
        guard start < end else { throw .invalid("A freeze ends after it begins.") }
        self.start = start
        self.end = end
        self.reason = reason
    }

    func contains(_ moment: Timestamp) -> Bool {
        self.start <= moment && moment < self.end
    }
}
