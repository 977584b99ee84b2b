import MartletCore
import MartletLedger
import MartletRegistry
import MartletSearch
import MartletWire

extension HistoryPage {
    init(_ page: Page<LedgerReading>, question: Fingerprint) {
        self.init(
            entries: page.items.map { HistoryEntry($0) },
            nextPageToken: page.next.map { PageToken(question: question, fields: $0).text }
        )
    }
}

extension HistoryEntry {
    init(_ reading: LedgerReading) {
        self.init(
            index: reading.index,
            at: reading.at.text,
            actor: reading.actor,
            action: reading.actionName,
            model: reading.model,
            version: reading.version,
            reason: reading.reason,
            details: Dictionary(reading.details.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        )
    }
}

extension ModelState {
    /// - Parameter version: The only one to be told of; `nil` for all.
    init(_ story: ModelStory, only version: ModelStory.Version? = nil, of name: ModelName, at moment: Timestamp) {
        let versions = version.map { [$0] } ?? story.versions.values.sorted { $0.number < $1.number }
        self.init(
            model: story.name.isEmpty ? name.rawValue : story.name,
            at: moment.text,
            exists: story.exists,
            description: story.description,
            tags: story.tags,
            aliases: story.aliases,
            versions: versions.map { VersionState($0) }
        )
    }
}

extension VersionState {
    init(_ version: ModelStory.Version) {
        self.init(
            number: version.number,
            semanticVersion: version.semanticVersion,
            digest: version.digest,
            stage: version.stage,
            description: version.description.flatMap { $0.isEmpty ? nil : $0 },
            tags: version.tags,
            isDeleted: version.isDeleted,
            movedBy: version.move?.actor,
            movedAt: version.move?.at.text,
            moveReason: version.move?.reason
        )
    }
}
