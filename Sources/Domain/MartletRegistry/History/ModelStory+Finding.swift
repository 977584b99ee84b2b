import MartletCore

extension ModelStory {
    /// The version that a name meant then, as ``FoundVersion`` says what it means now; `nil` when it meant none.
    ///
    /// A number and a digest find a version that was deleted, too.
    package func version(_ selector: VersionSelector) -> Version? {
        switch selector {
        case .number(let number): self.versions[number.rawValue]
        case .digest(let digest): self.versions.values.first { $0.digest == digest.description }
        case .semantic(let range): self.newest(in: range)
        case .name(let name):
            if AliasName(trusted: name).meansLatest {
                self.present.max { $0.number < $1.number }
            } else if let version = self.newest(inStage: name.lowercased()) {
                version
            } else if Stage(rawValue: name.lowercased()) == nil {
                self.aliases[name].flatMap { self.versions[$0] }
            } else {
                // An alias of its name must not pass for a stage that nobody was in.
                nil
            }
        }
    }

    /// Those that nobody had deleted.
    private var present: [Version] { self.versions.values.filter { !$0.isDeleted } }

    /// The one that came last.
    private func newest(inStage stage: String) -> Version? {
        self.present.filter { $0.stage == stage }
            .max { ($0.move?.index ?? -1, $0.number) < ($1.move?.index ?? -1, $1.number) }
    }

    private func newest(in range: VersionRange) -> Version? {
        var best: (version: Version, number: SemanticVersion)?
        for version in self.present {
            // A version without a semantic version is in no range.
            guard let text = version.semanticVersion, let number = try? SemanticVersion(validating: text),
                range.contains(number), best.map({ $0.number < number }) ?? true
            else { continue }
            best = (version, number)
        }
        return best?.version
    }
}
