import MartletCore
import MartletSQL

/// Gives out semantic versions inside a transaction: unique within a model, and none ever twice.
enum SemanticNumbering {
    /// The tag by which a client says what a version shall be called.
    static let tag = "martlet.version"

    /// Returns the next free number.
    ///
    /// - Parameters:
    ///   - parent: The number to move on from; `nil` for the highest there is.
    static func next(
        _ part: Bump.Part,
        after parent: SemanticVersion?,
        of modelKey: Int64,
        on db: any Connection
    ) throws(MartletError) -> SemanticVersion {
        guard let highest = try self.highest(.between(.zero, .end), of: modelKey, on: db) else { return .first }
        let parent = parent ?? highest
        switch part {
        case .major: return SemanticVersion(highest.major + 1, 0, 0)
        case .minor:
            let range = VersionRange.between(
                SemanticVersion(parent.major, 0, 0),
                SemanticVersion(parent.major + 1, 0, 0)
            )
            let last = try self.highest(range, of: modelKey, on: db) ?? parent
            return SemanticVersion(last.major, last.minor + 1, 0)
        case .patch:
            let range = VersionRange.between(
                SemanticVersion(parent.major, parent.minor, 0),
                SemanticVersion(parent.major, parent.minor + 1, 0)
            )
            let last = try self.highest(range, of: modelKey, on: db) ?? parent
            return SemanticVersion(last.major, last.minor, last.patch + 1)
        }
    }

    /// Throws `alreadyExists` when a number is, or ever was, a version's.
    static func requireFree(
        _ version: SemanticVersion,
        of modelKey: Int64,
        on db: any Connection
    ) throws(MartletError) {
        guard let highest = try self.highest(.exact(version), of: modelKey, on: db) else { return }
        throw MartletError(
            .alreadyExists,
            "There is, or was, a version \(highest) of this model; semantic versions are never used twice."
        )
    }

    /// The highest number of a range that was ever given out.
    private static func highest(
        _ range: VersionRange,
        of modelKey: Int64,
        on db: any Connection
    ) throws(MartletError) -> SemanticVersion? {
        var highest: SemanticVersion?
        for statement in NumberingQueries.highest(range, of: modelKey) {
            guard let row = try db.queryOne(statement) else { continue }
            let found = SemanticVersion(row.integer(0), row.integer(1), row.integer(2))
            highest = max(highest ?? found, found)
        }
        return highest
    }
}

extension SemanticVersion {
    fileprivate static let zero = SemanticVersion(0, 0, 0)
    fileprivate static let end = SemanticVersion(.max, 0, 0)
}
