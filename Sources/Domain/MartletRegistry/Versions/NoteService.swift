package import MartletCore
import MartletJSON
import MartletLedger
package import MartletSQL

/// A remark on a version, which stands beside its manifest and never changes.
package struct VersionNote: Sendable, Hashable {
    /// 1, 2, 3 and so on.
    package let number: Int64
    package let author: ActorName
    package let text: String
    package let at: Timestamp
}

/// What people write about versions after they were sealed.
package struct NoteService: Sendable {
    private static let charactersMax = 100_000

    private let database: any Database
    private let surroundings: Surroundings

    package init(database: any Database, surroundings: Surroundings) {
        self.database = database
        self.surroundings = surroundings
    }

    package func add(
        _ text: String,
        to version: VersionSelector,
        of name: ModelName,
        by act: Act
    ) async throws(MartletError) -> VersionNote {
        guard !text.allSatisfy(\.isWhitespace), text.unicodeScalars.count <= Self.charactersMax else {
            throw .invalid("A note has 1 to \(Self.charactersMax) characters.")
        }
        let now = self.surroundings.now()
        return try await self.database.write { db throws(MartletError) in
            let found = try FoundVersion.find(version, of: name, on: db)
            let last = try db.queryOne(Self.last(of: found.key))?.optionalInteger(0) ?? 0
            let note = VersionNote(number: last + 1, author: act.actor, text: text, at: now)
            try db.execute(Self.insert(note, of: found.key))
            let details = [CanonicalJSON.Member("note", CanonicalJSON(note.number)), .init("text", text)]
            try Ledger.append(LedgerEvent(.noteVersion, of: found, by: act, at: now, details: details), on: db)
            return note
        }
    }

    /// Returns all notes, the oldest first.
    package func notes(of version: VersionSelector, of name: ModelName) async throws(MartletError) -> [VersionNote] {
        try await self.database.read { db throws(MartletError) in
            let found = try FoundVersion.find(version, of: name, on: db)
            return try db.query(Self.all(of: found.key)).map { row in
                VersionNote(
                    number: row.integer(0),
                    author: ActorName(trusted: row.text(1)),
                    text: row.text(2),
                    at: Timestamp(milliseconds: row.integer(3))
                )
            }
        }
    }
}

/// The statements.
extension NoteService {
    private static func last(of versionKey: Int64) -> SQL {
        "SELECT max(number) FROM version_note WHERE version_key = \(versionKey)"
    }

    private static func insert(_ note: VersionNote, of versionKey: Int64) -> SQL {
        """
        INSERT INTO version_note (version_key, number, author, text, written_ms)
        VALUES (\(versionKey), \(note.number), \(note.author.rawValue), \(note.text), \(note.at))
        """
    }

    private static func all(of versionKey: Int64) -> SQL {
        "SELECT number, author, text, written_ms FROM version_note WHERE version_key = \(versionKey) ORDER BY number"
    }
}
