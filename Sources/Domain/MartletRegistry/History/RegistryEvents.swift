import MartletCore
import MartletJSON
import MartletLedger

/// What happens to models and versions, as the ledger remembers it.
extension LedgerEvent {
    /// A change of a model.
    init(
        _ action: LedgerAction,
        of model: FoundModel,
        by act: Act,
        at now: Timestamp,
        details: [CanonicalJSON.Member] = []
    ) {
        self.init(
            action,
            of: .model(key: model.key, name: model.name.rawValue),
            by: act,
            at: now,
            details: details
        )
    }

    /// A change of a version, or of what points at it.
    init(
        _ action: LedgerAction,
        of found: FoundVersion,
        by act: Act,
        at now: Timestamp,
        details: [CanonicalJSON.Member] = []
    ) {
        let version = found.version
        let subject = Subject.version(
            version.number.rawValue,
            modelKey: found.modelKey,
            model: version.name.rawValue
        )
        self.init(action, of: subject, by: act, at: now, details: details)
    }
}

extension CanonicalJSON.Member {
    /// A text, or `null` for none.
    init(_ name: String, _ text: String?) {
        self.init(name, text.map(CanonicalJSON.string) ?? .null)
    }
}

extension [CanonicalJSON.Member] {
    static func tag(_ tag: Tag) -> [CanonicalJSON.Member] {
        [.init("key", tag.key), .init("value", tag.value)]
    }
}
