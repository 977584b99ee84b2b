import MartletCore
import MartletRouting
import MartletWire

extension DeploymentView {
    /// What is set, in the words of `martlet deploy`.
    static func settings(_ settings: DeploymentSettingsDocument, _ screen: inout Screen) {
        screen.section("Settings", nil, settings.options.map { [.faint("--\($0.name)"), "\($0.value)"] })
    }
}

extension DeploymentSettingsDocument {
    /// A line for each option that says the same, and for each value of those that can be given several times.
    fileprivate var options: [(name: String, value: String)] {
        let options: [(name: String, values: [String])] = [
            ("subject", [self.subject?.text].compactMap(\.self)),
            ("decisions", [self.decisions].compactMap(\.self)),
            ("keep-days", Self.number(self.keepDays)),
            ("timeout", Self.number(self.timeoutMs)),
            ("attempts", Self.number(self.attempts)),
            ("body-max", Self.number(self.bodyBytesMax)),
            ("health-path", [self.healthPath].compactMap(\.self)),
            ("stage", self.stages ?? []),
            ("freeze", (self.freezes ?? []).map { "\(Moment.short($0.from))/\(Moment.short($0.to))" }),
            ("when", self.conditions ?? []),
            ("feature", Self.places(self.drift?.features)),
            ("score", Self.places(self.drift?.scores)),
            ("drift-share", Self.share(self.drift?.partsPerMillion)),
            ("payloads", Self.share(self.payloads?.partsPerMillion)),
            ("redact", Self.paths(self.payloads?.redact)),
            ("shadow-tolerance", [self.shadowTolerance].compactMap(\.self).map(Amount.value)),
            ("shadow-ignore", Self.paths(self.shadowIgnore)),
        ]
        return options.flatMap { option in option.values.map { (option.name, $0) } }
    }

    private static func number(_ number: Int64?) -> [String] { number.map { ["\($0)"] } ?? [] }

    private static func paths(_ paths: [[String]]?) -> [String] { (paths ?? []).map { $0.joined(separator: ".") } }

    private static func places(_ places: [String: [String]]?) -> [String] {
        (places ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.joined(separator: "."))" }
    }

    private static func share(_ partsPerMillion: Int64?) -> [String] {
        // A server says none that is no share.
        partsPerMillion.flatMap { try? Share(partsPerMillion: $0) }.map { ["\($0)"] } ?? []
    }
}

extension SubjectSource {
    /// As in `header:NAME`.
    fileprivate var text: String? {
        if let header { return "header:\(header)" }
        if let cookie { return "cookie:\(cookie)" }
        return self.member.map { "member:\($0.joined(separator: "."))" }
    }
}
