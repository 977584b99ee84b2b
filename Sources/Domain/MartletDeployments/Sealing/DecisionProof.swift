import MartletCore
package import MartletProofs
import MartletSQL

/// Proves that the record of a decision is one of those that were sealed.
package struct DecisionProof: Sendable {
    /// The bytes of the record, as text: canonical JSON.
    package let record: String
    /// Its place among ``count`` records of the same deployment and time, in the order of their ids.
    package let index: Int64
    package let count: Int64
    /// From the record up to the root that the entry names.
    package let path: [MerkleHash]
    /// The place of the seal's entry in the ledger.
    package let entry: Int64

    /// - Throws: `conflict` for a decision that is too young; `integrity` when its record, or another one near it, is
    ///   not what it was.
    init(_ decision: Decision, on db: any Connection) throws(MartletError) {
        let seal = try Self.seal(of: decision, on: db)
        guard let block = seal.blocks.index(of: decision.id) else { throw Self.changed }
        let lines = try Self.lines(of: block, in: seal, on: db)
        guard let place = lines.firstIndex(where: { $0.id == decision.id }) else { throw Self.changed }
        let leaves = MerkleTree(lines.map { MerkleHash(leaf: $0.text.utf8) })
        guard try leaves.root() == seal.blocks[block].root else { throw Self.changed }
        self.record = lines[place].text
        self.index = Int64(block * DecisionTree.blockSize + place)
        self.count = seal.count
        self.path =
            try leaves.inclusionProof(of: UInt64(place)) + seal.blocks.tree.inclusionProof(of: UInt64(block))
        self.entry = seal.entry
    }

    private static func seal(of decision: Decision, on db: any Connection) throws(MartletError) -> DecisionSeal {
        let row = try db.queryOne(DecisionSealQueries.find(of: decision.deploymentKey, at: decision.at))
        guard let seal = try row.map({ row throws(MartletError) in try DecisionSealQueries.decode(row) }),
            decision.at < seal.end
        else {
            throw MartletError(
                .conflict,
                "The record of that decision is not sealed yet: that is done some time after the end of its period."
            )
        }
        return seal
    }

    private static func lines(
        of block: Int,
        in seal: DecisionSeal,
        on db: any Connection
    ) throws(MartletError) -> [(id: DecisionID, text: String)] {
        let following = block + 1
        let end =
            following < seal.blocks.count ? seal.blocks[following].first : DecisionID(first: seal.end)
        var context = DecisionContext()
        let rows = try db.query(
            DecisionQueries.all(
                of: seal.deploymentKey,
                from: seal.blocks[block].first,
                until: end,
                // One more than there can be, if nobody has added any.
                limit: DecisionTree.blockSize + 1
            )
        )
        var lines: [(id: DecisionID, text: String)] = []
        for row in rows {
            let decision = DecisionQueries.decode(row)
            lines.append((decision.id, try context.line(of: decision, on: db).text))
        }
        return lines
    }

    private static var changed: MartletError {
        MartletError(.integrity, "the records of decisions of that time are not what was sealed")
    }
}
