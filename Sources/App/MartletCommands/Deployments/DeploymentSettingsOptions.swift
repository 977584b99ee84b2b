import ArgumentParser
import MartletWire

/// How a deployment deals with requests, as far as it is to change.
struct DeploymentSettingsOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Whom a request is about: header:NAME, cookie:NAME or member:NAME.NAME.",
            valueName: "source"
        )
    )
    var subject: String?

    @Option(help: "Keep records of decisions: strict, relaxed or off.")
    var decisions: String?

    @Option(help: ArgumentHelp("For how many days records of decisions are kept.", valueName: "days"))
    var keepDays: Int64?

    @Option(help: ArgumentHelp("How long a backend may take to answer.", valueName: "milliseconds"))
    var timeout: Int64?

    @Option(
        help: ArgumentHelp("How often a request that may be repeated is sent to a backend in all.", valueName: "number")
    )
    var attempts: Int64?

    @Option(help: ArgumentHelp("How long the body of a request may be.", valueName: "bytes"))
    var bodyMax: Int64?

    @Option(
        help: ArgumentHelp("What backends with a URL are asked for to learn whether they answer.", valueName: "path")
    )
    var healthPath: String?

    @Option(help: ArgumentHelp("Where versions that serve must be. Can be given several times.", valueName: "stage"))
    var stage: [String] = []

    @Option(
        help: ArgumentHelp(
            "Let nothing change but by a rollback; 'none' lifts all freezes. Can be given several times.",
            valueName: "from/to"
        )
    )
    var freeze: [String] = []

    @Option(
        help: ArgumentHelp(
            "What to do when a new version does badly, as in 'error rate over 2% for 5m: roll back'; 'none' for "
                + "nothing. Can be given several times.",
            valueName: "condition"
        )
    )
    var when: [String] = []

    @Option(help: ArgumentHelp("Compare a feature of requests with the training data.", valueName: "name=path"))
    var feature: [PlaceArgument] = []

    @Option(help: ArgumentHelp("Compare a score in answers with the training data.", valueName: "name=path"))
    var score: [PlaceArgument] = []

    @Option(help: ArgumentHelp("How many of the decisions are compared; all where absent.", valueName: "share"))
    var driftShare: ShareArgument?

    @Option(help: ArgumentHelp("Keep the requests and answers of so many decisions.", valueName: "share"))
    var payloads: ShareArgument?

    @Option(
        help: ArgumentHelp(
            "Black out a part of what --payloads keeps, as in user.email or inputs.*.name.",
            valueName: "path"
        )
    )
    var redact: [PathArgument] = []

    @Option(
        help: ArgumentHelp(
            "The part by which fractions in a shadow's answer may differ from those in the one that was returned.",
            valueName: "part"
        )
    )
    var shadowTolerance: Double?

    @Option(
        help: ArgumentHelp(
            "Leave a part of JSON answers out when a shadow's is compared, as in id or usage.*.ms; 'none' for nothing. "
                + "Can be given several times.",
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
        document.keepDays = self.keepDays
        document.shadowTolerance = self.shadowTolerance
        if !self.shadowIgnore.isEmpty { document.shadowIgnore = self.ignored }
        document.healthPath = self.healthPath
        if !self.stage.isEmpty { document.stages = self.stage }
        if !self.freeze.isEmpty { document.freezes = self.freeze == ["none"] ? [] : try self.freeze.map(Self.freeze) }
        if !self.when.isEmpty { document.conditions = self.when == ["none"] ? [] : self.when }
        if let subject { document.subject = try Self.subject(subject) }
        document.drift = try self.drift()
        document.payloads = try self.kept()
        return document == DeploymentSettingsDocument() ? nil : document
    }

    /// What is compared, as a whole: features that are not named are not compared any more.
    private func drift() throws -> DriftDocument? {
        guard !self.feature.isEmpty || !self.score.isEmpty else {
            guard self.driftShare == nil else {
                throw ValidationError("--drift-share is of what --feature and --score compare")
            }
            return nil
        }
        return DriftDocument(
            partsPerMillion: self.driftShare?.partsPerMillion,
            features: self.feature.isEmpty ? nil : PlaceArgument.places(self.feature),
            scores: self.score.isEmpty ? nil : PlaceArgument.places(self.score)
        )
    }

    /// As a whole: what is not named counts again.
    private var ignored: [[String]] {
        let paths = self.shadowIgnore.map(\.names)
        return paths == [["none"]] ? [] : paths
    }

    private func kept() throws -> PayloadsDocument? {
        guard let payloads else {
            guard self.redact.isEmpty else { throw ValidationError("--redact is of what --payloads keeps") }
            return nil
        }
        let paths = self.redact.map(\.names)
        return PayloadsDocument(partsPerMillion: payloads.partsPerMillion, redact: paths.isEmpty ? nil : paths)
    }

    private static func subject(_ text: String) throws -> SubjectSource {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        switch (parts.first, parts.count) {
        case ("header", 2): return SubjectSource(header: parts[1])
        case ("cookie", 2): return SubjectSource(cookie: parts[1])
        case ("member", 2): return SubjectSource(member: parts[1].split(separator: ".").map(String.init))
        default: throw ValidationError("'\(text)' says no place: write header:NAME, cookie:NAME or member:NAME.NAME")
        }
    }

    private static func freeze(_ text: String) throws -> Freeze {
        let ends = text.split(separator: "/").compactMap { Moment(argument: String($0)) }
        guard ends.count == 2 else {
            throw ValidationError("'\(text)' is no time: write FROM/TO, as in 2026-12-24/2027-01-02")
        }
        return Freeze(from: ends[0].text, to: ends[1].text)
    }
}
