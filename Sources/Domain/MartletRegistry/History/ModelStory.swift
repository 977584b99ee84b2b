package import MartletCore
import MartletJSON
import MartletLedger

/// What a model and its versions were at one moment, told from the ledger's entries up to then.
package struct ModelStory: Sendable {
    package struct Version: Sendable, Hashable {
        package let number: Int64
        package fileprivate(set) var semanticVersion: String?
        package fileprivate(set) var digest: String?
        package fileprivate(set) var stage: String
        package fileprivate(set) var description: String?
        package fileprivate(set) var tags: [String: String] = [:]
        package fileprivate(set) var isDeleted = false
        package fileprivate(set) var isPurged = false
        /// The entry that last moved it; `nil` while nobody has.
        package fileprivate(set) var move: Move?
    }

    package struct Move: Sendable, Hashable {
        /// The place of the entry.
        package let index: Int64
        package let actor: String
        package let at: Timestamp
        package let reason: String?
    }

    package private(set) var name = ""
    package private(set) var exists = false
    package private(set) var description: String?
    package private(set) var tags: [String: String] = [:]
    private var allAliases: [String: Int64] = [:]
    /// By their numbers.
    package private(set) var versions: [Int64: Version] = [:]

    /// - Parameter entries: All of a model up to the moment, in order.
    init(_ entries: [LedgerReading]) {
        for entry in entries { self.add(entry) }
    }

    private mutating func add(_ entry: LedgerReading) {
        switch entry.action {
        case .createModel:
            self.name = entry.model
            self.exists = true
            self.description = entry.text("description")
            self.tags = entry.texts("tags")
        case .deleteModel: self.exists = false
        case .restoreModel: self.exists = true
        case .renameModel: self.name = entry.text("newName") ?? self.name
        case .describeModel: self.description = entry.text("description")
        case .tagModel: if let key = entry.text("key") { self.tags[key] = entry.text("value") }
        case .untagModel: if let key = entry.text("key") { self.tags[key] = nil }
        case .setAlias: if let alias = entry.text("alias") { self.allAliases[alias] = entry.version }
        case .deleteAlias: if let alias = entry.text("alias") { self.allAliases[alias] = nil }
        case .registerVersion: self.register(entry)
        case .registerKey, .setPolicy, nil: break
        default: if let number = entry.version { self.versions[number]?.add(entry) }
        }
    }

    /// Without those of versions that are hidden.
    package var aliases: [String: Int64] {
        self.allAliases.filter { self.versions[$0.value]?.isDeleted != true }
    }

    private mutating func register(_ entry: LedgerReading) {
        guard let number = entry.version else { return }
        self.versions[number] = Version(
            number: number,
            semanticVersion: entry.text("semanticVersion"),
            digest: entry.text("digest"),
            stage: entry.text("stage") ?? Stage.candidate.rawValue,
            description: entry.text("description"),
            tags: entry.texts("tags")
        )
    }
}

extension ModelStory.Version {
    fileprivate mutating func add(_ entry: LedgerReading) {
        switch entry.action {
        case .moveVersion, .rollBackVersion:
            self.stage = entry.text("to") ?? self.stage
            self.move = ModelStory.Move(index: entry.index, actor: entry.actor, at: entry.at, reason: entry.reason)
        case .renumberVersion: self.semanticVersion = entry.text("semanticVersion")
        case .describeVersion: self.description = entry.text("description")
        case .tagVersion: if let key = entry.text("key") { self.tags[key] = entry.text("value") }
        case .untagVersion: if let key = entry.text("key") { self.tags[key] = nil }
        case .sealVersion:
            self.digest = entry.text("digest") ?? self.digest
            self.semanticVersion = entry.text("semanticVersion") ?? self.semanticVersion
        case .deleteVersion: self.isDeleted = true
        case .restoreVersion: self.isDeleted = false
        case .purgeVersion: (self.isDeleted, self.isPurged) = (true, true)
        default: break
        }
    }
}

extension LedgerReading {
    /// The members of a detail that is an object of texts.
    fileprivate func texts(_ name: String) -> [String: String] {
        var texts: [String: String] = [:]
        guard let object = self.json[name] else { return texts }
        for (name, value) in object.members {
            if let name = name.string { texts[name] = value.string }
        }
        return texts
    }
}
