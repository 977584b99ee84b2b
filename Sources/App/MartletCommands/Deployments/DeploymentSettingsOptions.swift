import ArgumentParser
import MartletWire

/// How a deployment deals with requests, as far as it is to change.
struct DeploymentSettingsOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Whom a request is about: header:NAME, cookie:NAME or member:NAME.NAME; 'none' for nobody. (of a new "
                + "deployment: none)",
            valueName: "source"
        ),
        transform: Removable<SubjectArgument>.parse
    )
    var subject: Removable<SubjectArgument>?

    @Option(help: "Keep records of decisions: strict, relaxed or off. (of a new deployment: relaxed)")
    var decisions: String?

    @Option(
        help: ArgumentHelp(
            "For how many days records of decisions are kept; 'none' for ever. (of a new deployment: none)",
            valueName: "days"
        ),
        transform: Removable<WholeNumber>.parse
    )
    var keepDays: Removable<WholeNumber>?

    @Option(
        help: ArgumentHelp(
            "How long a backend may take to answer, as in 30000. (of a new deployment: 30000)",
            valueName: "milliseconds"
        ),
        transform: { try WholeNumber.parse($0).value }
    )
    var timeout: Int64?

    @Option(
        help: ArgumentHelp(
            "How often a request that may be repeated is sent to a backend in all. (of a new deployment: 2)",
            valueName: "number"
        )
    )
    var attempts: Int64?

    @Option(
        help: ArgumentHelp(
            "How long the body of a request may be. (of a new deployment: 16777216)",
            valueName: "bytes"
        ),
        transform: { try WholeNumber.parse($0).value }
    )
    var bodyMax: Int64?

    @Option(
        help: ArgumentHelp(
            "What backends with a URL are asked for to learn whether they answer; 'none' to connect only. (of a new "
                + "deployment: none)",
            valueName: "path"
        )
    )
    var healthPath: String?

    @Option(
        help: ArgumentHelp(
            "Where versions that serve must be. Can be given several times. Replaces those that there are. (of a new "
                + "deployment: staging and production)",
            valueName: "stage"
        )
    )
    var stage: [String] = []

    @Option(
        help: ArgumentHelp(
            "Let nothing change but by a rollback; 'none' lifts all freezes. Can be given several times. Replaces "
                + "those that there are.",
            valueName: "from/to"
        )
    )
    var freeze: [String] = []

    @Option(
        help: ArgumentHelp(
            "What to do when a new version does badly, as in 'error rate over 2% for 5m: roll back'; 'none' for "
                + "nothing. Can be given several times. Replaces those that there are.",
            valueName: "condition"
        )
    )
    var when: [String] = []

    @Option(
        help: ArgumentHelp(
            "Compare a feature of requests with the training data; 'none' for nothing. Can be given several times. "
                + "Replaces all features and scores that there are.",
            valueName: "name=path"
        ),
        transform: Removable<PlaceArgument>.parse
    )
    var feature: [Removable<PlaceArgument>] = []

    @Option(
        help: ArgumentHelp(
            "Compare a score in answers with the training data; 'none' for nothing. Can be given several times. "
                + "Replaces all features and scores that there are.",
            valueName: "name=path"
        ),
        transform: Removable<PlaceArgument>.parse
    )
    var score: [Removable<PlaceArgument>] = []

    @Option(
        help: ArgumentHelp(
            "How many of the decisions are compared; all where new features or scores come without it.",
            valueName: "share"
        ),
        transform: ShareArgument.parse
    )
    var driftShare: ShareArgument?

    @Option(
        help: ArgumentHelp(
            "Keep the requests and answers of so many decisions; 'none' for no decision. (of a new deployment: none)",
            valueName: "share"
        ),
        transform: Removable<ShareArgument>.parse
    )
    var payloads: Removable<ShareArgument>?

    @Option(
        help: ArgumentHelp(
            "Black out a part of what --payloads keeps, as in user.email or inputs.*.name; 'none' for nothing. Can be "
                + "given several times. Replaces those that there are.",
            valueName: "path"
        )
    )
    var redact: [PathArgument] = []

    @Option(
        help: ArgumentHelp(
            "The part by which fractions in a shadow's answer may differ from those in the one that was returned. (of "
                + "a new deployment: 0.00001)",
            valueName: "part"
        )
    )
    var shadowTolerance: Double?

    @Option(
        help: ArgumentHelp(
            "Leave a part of JSON answers out when a shadow's is compared, as in id or usage.*.ms; 'none' for nothing. "
                + "Can be given several times. Replaces those that there are.",
            valueName: "path"
        )
    )
    var shadowIgnore: [PathArgument] = []

    /// `nil` where nothing is to change.
    func document() throws -> DeploymentSettingsDocument? {
        var document = DeploymentSettingsDocument()
        document.decisions = self.decisions
        document.timeoutMs = self.timeout
        document.attempts = self.attempts
        document.bodyBytesMax = self.bodyMax
        document.shadowTolerance = self.shadowTolerance
        if !self.shadowIgnore.isEmpty { document.shadowIgnore = PathArgument.places(self.shadowIgnore) }
        if !self.stage.isEmpty { document.stages = self.stage }
        if !self.freeze.isEmpty { document.freezes = self.freeze == ["none"] ? [] : try self.freeze.map(Self.freeze) }
        if !self.when.isEmpty { document.conditions = self.when == ["none"] ? [] : self.when }
        document.subject = self.subject?.value?.source
        document.keepDays = self.keepDays?.value?.value
        document.healthPath = self.healthPath == "none" ? nil : self.healthPath
        document.drift = try self.drift()
        document.payloads = try self.kept()
        document.cleared = self.cleared
        return document == DeploymentSettingsDocument() ? nil : document
    }

    /// What is taken back by `none`.
    private var cleared: Set<DeploymentSettingsDocument.Clearable> {
        var cleared: Set<DeploymentSettingsDocument.Clearable> = []
        if case .removed? = self.subject { cleared.insert(.subject) }
        if case .removed? = self.keepDays { cleared.insert(.keepDays) }
        if case .removed? = self.payloads { cleared.insert(.payloads) }
        if self.healthPath == "none" { cleared.insert(.healthPath) }
        if self.namesPlaces, self.places.features.isEmpty, self.places.scores.isEmpty { cleared.insert(.drift) }
        return cleared
    }

    private var namesPlaces: Bool { !self.feature.isEmpty || !self.score.isEmpty }

    private var places: (features: [PlaceArgument], scores: [PlaceArgument]) {
        (self.feature.compactMap(\.value), self.score.compactMap(\.value))
    }

    /// What is compared, as a whole: features that are not named are not compared any more.
    private func drift() throws -> DriftDocument? {
        let (features, scores) = self.places
        for (named, kept) in [(self.feature, features), (self.score, scores)] where named.count > 1 {
            guard named.count == kept.count else { throw ValidationError("'none' is of nothing else beside it") }
        }
        guard !features.isEmpty || !scores.isEmpty else { return nil }
        return DriftDocument(
            partsPerMillion: self.driftShare?.partsPerMillion,
            features: features.isEmpty ? nil : PlaceArgument.places(features),
            scores: scores.isEmpty ? nil : PlaceArgument.places(scores)
        )
    }

    /// Whether the same is compared as before, on another share of the decisions.
    var changesDriftShareOnly: Bool { self.driftShare != nil && !self.namesPlaces }

    /// The same with ``driftShare`` for what is compared by now.
    func document(resharing present: DriftDocument?) throws -> DeploymentSettingsDocument {
        guard var drift = present else {
            throw ValidationError("--drift-share is of what --feature and --score compare, and there is neither")
        }
        drift.partsPerMillion = self.driftShare?.partsPerMillion
        var document = try self.document() ?? DeploymentSettingsDocument()
        document.drift = drift
        return document
    }

    /// What is not named stays as it is.
    private func kept() throws -> PayloadsDocument? {
        if case .removed? = self.payloads {
            guard self.redact.isEmpty else { throw ValidationError("--redact is of what --payloads keeps") }
            return nil
        }
        guard self.payloads != nil || !self.redact.isEmpty else { return nil }
        return PayloadsDocument(
            partsPerMillion: self.payloads?.value?.partsPerMillion,
            redact: self.redact.isEmpty ? nil : PathArgument.places(self.redact)
        )
    }

    private static func freeze(_ text: String) throws -> Freeze {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let ends = parts.compactMap { Moment(argument: String($0)) }
        guard parts.count == 2, ends.count == 2 else {
            throw ValidationError("'\(text)' is no time: write FROM/TO, as in 2026-12-24/2027-01-02")
        }
        return Freeze(from: ends[0].text, to: ends[1].text)
    }
}
