import MartletCore
import MartletSQL

/// How far the sealing of decisions has come.
struct DecisionSealHead: Sendable {
    /// Everything before that moment is sealed.
    let end: Timestamp
    /// No records of what was decided before that moment are added any more.
    let open: Timestamp

    static func load(on db: any Connection) throws(MartletError) -> DecisionSealHead {
        guard let row = try db.queryOne(DecisionSealQueries.head) else {
            throw MartletError(.internal, "nothing says how far decisions are sealed")
        }
        return DecisionSealHead(
            end: Timestamp(milliseconds: row.integer(0)),
            open: Timestamp(milliseconds: row.integer(1))
        )
    }
}

extension WriteKey {
    /// Records of decisions: whoever has it alone moves ``DecisionSealHead/open``.
    static let decisions = WriteKey("decisions", "")
}
