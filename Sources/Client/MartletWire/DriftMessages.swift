/// How far what the versions of a deployment see and say is from what they were trained on.
public struct DriftReportRecord: Codable, Sendable {
    /// From when on, the beginning of an hour.
    public var since: String
    /// One for each version that answers.
    public var arms: [ArmDriftRecord]

    package init(since: String, arms: [ArmDriftRecord]) {
        self.since = since
        self.arms = arms
    }
}

public struct ArmDriftRecord: Codable, Sendable {
    public var arm: String
    public var features: [FeatureDriftRecord]

    package init(arm: String, features: [FeatureDriftRecord]) {
        self.arm = arm
        self.features = features
    }
}

/// One feature or score, now and in the training data.
public struct FeatureDriftRecord: Codable, Sendable {
    public var name: String
    /// Whether the version says how it was distributed.
    public var hasReference: Bool
    /// How many values were looked at.
    public var count: Int64
    /// The population stability index; absent as long as there is nothing to compare.
    public var psi: Double?
    /// What the index would be on average if nothing had changed, because there are only so many values.
    public var psiWithoutDrift: Double?
    /// Kolmogorov and Smirnov's distance; of numbers only.
    public var ksDistance: Double?
    public var ksPValue: Double?

    package init(
        name: String,
        hasReference: Bool,
        count: Int64,
        psi: Double?,
        psiWithoutDrift: Double?,
        ksDistance: Double?,
        ksPValue: Double?
    ) {
        self.name = name
        self.hasReference = hasReference
        self.count = count
        self.psi = psi
        self.psiWithoutDrift = psiWithoutDrift
        self.ksDistance = ksDistance
        self.ksPValue = ksPValue
    }
}

/// Which features and scores a deployment counts.
public struct DriftDocument: Codable, Sendable, Hashable {
    /// Of the decisions, how many are looked at; all where absent.
    public var partsPerMillion: Int64?
    /// In requests, by name: where they are, from the outside in; `*` is all elements of a list.
    public var features: [String: [String]]?
    /// In answers.
    public var scores: [String: [String]]?

    public init(
        partsPerMillion: Int64? = nil,
        features: [String: [String]]? = nil,
        scores: [String: [String]]? = nil
    ) {
        self.partsPerMillion = partsPerMillion
        self.features = features
        self.scores = scores
    }
}
