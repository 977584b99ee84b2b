import MartletCapture
import MartletCore
import MartletEvents
import MartletJSON
import MartletSQL

/// Tells whoever listens what happens to models and versions, inside the transactions in which it does.
///
/// What is told, and of prompts in other words, is what `mlflow server` 3.17 tells; but only of what changes something:
/// there, a tag or an alias is also reported as deleted when there was none.
enum Announcement {
    static func creation(
        of model: FoundModel,
        description: String?,
        _ tags: [Tag],
        at now: Timestamp,
        on db: any Connection
    ) throws(MartletError) {
        let kind = tags.markPrompt ? EventKind.promptCreated : .modelCreated
        try Outbox.append(kind, on: db) {
            Event(kind, of: model.subject, at: now) { json in
                json.member("name", model.name.rawValue)
                json.tags(tags, ofPrompt: tags.markPrompt)
                // Empty rather than null, as there.
                json.member("description", description ?? "")
            }
        }
    }

    static func creation(of found: FoundVersion, at now: Timestamp, on db: any Connection) throws(MartletError) {
        let version = found.version
        let isPrompt = version.tags.markPrompt
        let kind = isPrompt ? EventKind.promptVersionCreated : .versionCreated
        try Outbox.append(kind, on: db) {
            Event(kind, of: found.subject, at: now) { json in
                json.members(of: found)
                if isPrompt {
                    json.orNull("template", version.tags.first { $0.key == RegisteredModel.promptTextTag }?.value)
                } else {
                    // Receivers are others than clients: credentials are not for them.
                    json.member("source", URLRedaction.redacted(version.source))
                    json.orNull("run_id", version.runID?.rawValue)
                }
                json.tags(version.tags, ofPrompt: isPrompt)
                json.orNull("description", version.description.flatMap { $0.isEmpty ? nil : $0 })
            }
        }
    }

    /// A tag of a model that is no prompt is nothing to tell.
    static func tag(
        _ key: String,
        setTo value: String?,
        on model: FoundModel,
        at now: Timestamp,
        on db: any Connection
    ) throws(MartletError) {
        let kind = value == nil ? EventKind.promptTagDeleted : .promptTagSet
        try Outbox.append(kind, on: db) { () throws(MartletError) in
            guard try model.isPrompt(on: db) else { return nil }
            return Event(kind, of: model.subject, at: now) { json in
                json.member("name", model.name.rawValue)
                json.tag(key, value)
            }
        }
    }

    /// - Parameter value: `nil` when the tag was deleted.
    static func tag(
        _ key: String,
        setTo value: String?,
        on found: FoundVersion,
        at now: Timestamp,
        on db: any Connection
    ) throws(MartletError) {
        let (ofModel, ofPrompt): (EventKind, EventKind) =
            value == nil ? (.versionTagDeleted, .promptVersionTagDeleted) : (.versionTagSet, .promptVersionTagSet)
        try Outbox.append(ofModel, ofPrompt, on: db) { () throws(MartletError) in
            Event(try found.model.isPrompt(on: db) ? ofPrompt : ofModel, of: found.subject, at: now) { json in
                json.members(of: found)
                json.tag(key, value)
            }
        }
    }

    /// - Parameter number: What it points at now; `nil` when it was deleted.
    static func alias(
        _ alias: AliasName,
        setTo number: VersionNumber?,
        on model: FoundModel,
        at now: Timestamp,
        on db: any Connection
    ) throws(MartletError) {
        let (ofModel, ofPrompt): (EventKind, EventKind) =
            number == nil
            ? (.versionAliasDeleted, .promptAliasDeleted) : (.versionAliasCreated, .promptAliasCreated)
        try Outbox.append(ofModel, ofPrompt, on: db) { () throws(MartletError) in
            Event(try model.isPrompt(on: db) ? ofPrompt : ofModel, of: model.subject, at: now) { json in
                json.member("name", model.name.rawValue)
                json.member("alias", alias.rawValue)
                json.member("version", number?.description)
            }
        }
    }

    static func move(
        of found: FoundVersion,
        to stage: StageName,
        by act: Act,
        at now: Timestamp,
        on db: any Connection
    ) throws(MartletError) {
        try Outbox.append(.versionMoved, on: db) {
            Event(.versionMoved, of: found.subject, at: now) { json in
                json.members(of: found)
                json.member("from", found.version.stageName.rawValue)
                json.member("to", stage.rawValue)
                json.member("actor", act.actor.rawValue)
                json.orNull("reason", act.reason)
            }
        }
    }
}

extension FoundModel {
    /// What happens to a model and its versions stays in order.
    fileprivate var subject: String { "model/\(self.key)" }

    fileprivate func isPrompt(on db: any Connection) throws(MartletError) -> Bool {
        try db.queryOne(RegisteredModelQueries.promptTag(of: self.key))?.text(0).lowercased() == "true"
    }
}

extension FoundVersion {
    fileprivate var model: FoundModel { FoundModel(key: self.modelKey, name: self.version.name) }
    fileprivate var subject: String { self.model.subject }
}

extension JSONWriter {
    /// The names by which receivers know a version.
    fileprivate mutating func members(of found: FoundVersion) {
        self.member("name", found.version.name.rawValue)
        self.member("version", found.version.number.description)
    }

    fileprivate mutating func tag(_ key: String, _ value: String?) {
        self.member("key", key)
        self.member("value", value)
    }

    /// Without those that only say that a prompt is one.
    fileprivate mutating func tags(_ tags: [Tag], ofPrompt isPrompt: Bool) {
        self.object("tags") { json in
            for tag in tags.distinct where !isPrompt || !RegisteredModel.promptMarks.contains(tag.key) {
                json.name(text: tag.key)
                json.string(tag.value)
            }
        }
    }

    fileprivate mutating func orNull(_ name: StaticString, _ text: String?) {
        guard let text else {
            self.name(name)
            self.null()
            return
        }
        self.member(name, text)
    }
}
