package import MartletCore
package import MartletLedger
package import MartletSearch
package import MartletSQL

/// What was: who did what to models and versions, and what they were at any moment.
package struct HistoryService: Sendable {
    private let database: any Database
    private let surroundings: Surroundings

    package init(database: any Database, surroundings: Surroundings) {
        self.database = database
        self.surroundings = surroundings
    }

    package var now: Timestamp { self.surroundings.now() }

    /// Returns the place of the entry that says what a version's digest is: that of its registration, unless it was
    /// sealed later.
    ///
    /// - Throws: `notFound` for a version that there never was.
    package func digestEntry(of number: VersionNumber, of name: ModelName) async throws(MartletError) -> Int64 {
        try await self.database.read { db throws(MartletError) in
            let model = try FoundModel.findEvenDeleted(name, on: db)
            guard let entry = try Ledger.digestEntry(of: model.key, version: number.rawValue, on: db) else {
                throw MartletError(.notFound, "The ledger does not know how version \(number) of '\(name)' began.")
            }
            return entry
        }
    }

    /// Returns a page of what happened to a model, or to one of its versions, the newest first. Deleted ones have a
    /// history too.
    ///
    /// - Parameters:
    ///   - moment: Leaves out what came after it.
    ///   - index: Where the page before this one ended.
    package func history(
        of name: ModelName,
        version: VersionSelector? = nil,
        until moment: Timestamp? = nil,
        before index: Int64? = nil,
        limit: Int
    ) async throws(MartletError) -> Page<LedgerReading> {
        try await self.database.read(.search) { db throws(MartletError) in
            let model = try Self.model(name, at: moment, on: db)
            let number = try version.map { selector throws(MartletError) in
                try Self.number(selector, of: name, on: db)
            }
            let entries = try Ledger.history(
                of: model.key,
                version: number,
                until: moment,
                before: index,
                limit: limit + 1,
                on: db
            )
            return Page(Array(entries.prefix(limit)), hasNext: entries.count > limit) { .integer($0.index) }
        }
    }

    /// Returns what a model was at a moment. A deleted one is found too, by its last name.
    package func story(of name: ModelName, at moment: Timestamp) async throws(MartletError) -> ModelStory {
        try await self.database.read(.search) { db throws(MartletError) in
            let model = try FoundModel.find(name, at: moment, on: db)
            return ModelStory(try Ledger.story(of: model.key, until: moment, on: db))
        }
    }

    /// Returns what a model was at a moment, and the version that a name meant then.
    ///
    /// - Throws: `notFound` when it meant none.
    package func story(
        of selector: VersionSelector,
        of name: ModelName,
        at moment: Timestamp
    ) async throws(MartletError) -> (story: ModelStory, version: ModelStory.Version) {
        let story = try await self.story(of: name, at: moment)
        guard let version = story.version(selector) else {
            let past = story.exists ? "" : ": there was no such model"
            throw MartletError(.notFound, "There was no version '\(selector)' of '\(name)' at \(moment.text)\(past).")
        }
        return (story, version)
    }

    private static func model(
        _ name: ModelName,
        at moment: Timestamp?,
        on db: any Connection
    ) throws(MartletError) -> FoundModel {
        guard let moment else { return try FoundModel.findEvenDeleted(name, on: db) }
        return try FoundModel.find(name, at: moment, on: db)
    }

    /// A number finds a deleted version too; every other name means what it means now.
    private static func number(
        _ selector: VersionSelector,
        of name: ModelName,
        on db: any Connection
    ) throws(MartletError) -> Int64 {
        guard case .number(let number) = selector else {
            return try FoundVersion.find(selector, of: name, on: db).version.number.rawValue
        }
        return try FoundVersion.findEvenDeleted(number, of: name, on: db).version.number.rawValue
    }
}
