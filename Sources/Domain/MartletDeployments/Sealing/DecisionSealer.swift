package import MartletCore
import MartletJSON
import MartletLedger
import MartletProofs
package import MartletSQL

/// Seals the records of decisions, one period after the other.
///
/// The Merkle root of a deployment's records of a period becomes an entry of the ledger; from then on none of them can
/// be changed, added or taken away unnoticed.
package struct DecisionSealer: Sendable {
    private static let rowsPerRead = 5_000

    private let database: any Database
    private let surroundings: Surroundings
    private let period: SealingPeriod

    package init(database: any Database, surroundings: Surroundings, period: SealingPeriod) {
        self.database = database
        self.surroundings = surroundings
        self.period = period
    }

    /// Seals the oldest period that has decisions and is over.
    ///
    /// - Returns: Whether there was one.
    package func sealNext() async throws(MartletError) -> Bool {
        let (end, first) = try await self.database.read(.search) { db throws(MartletError) in
            let end = try Self.end(on: db)
            return (end, try db.queryOne(DecisionQueries.first(from: end)).map { DecisionQueries.decode($0).at })
        }
        let now = self.surroundings.now()
        guard let first, let range = self.period.containing(first, after: end), self.period.isSettled(range, at: now)
        else { return false }
        let trees = try await self.trees(range)
        try await self.database.write { db throws(MartletError) in
            // Another server may have been faster.
            guard try Self.end(on: db) == end else { return }
            for (key, tree) in trees.sorted(by: { $0.key < $1.key }) {
                try Self.seal(tree, of: key, range, at: now, on: db)
            }
            try db.execute(DecisionSealQueries.moveEnd(to: range.upperBound))
        }
        return true
    }

    /// Everything before that moment is sealed.
    private static func end(on db: any Connection) throws(MartletError) -> Timestamp {
        Timestamp(milliseconds: try db.queryOne(DecisionSealQueries.end)?.integer(0) ?? 0)
    }

    /// By deployment.
    private func trees(_ range: Range<Timestamp>) async throws(MartletError) -> [Int64: DecisionTree] {
        var trees: [Int64: DecisionTree] = [:]
        var start = DecisionID(first: range.lowerBound)
        while true {
            let lines = try await self.lines(from: start, until: DecisionID(first: range.upperBound))
            for line in lines { trees[line.deploymentKey, default: DecisionTree()].append(line.text, of: line.id) }
            guard lines.count == Self.rowsPerRead, let last = lines.last else { return trees }
            start = last.id.next
        }
    }

    private func lines(
        from start: DecisionID,
        until end: DecisionID
    ) async throws(MartletError) -> [(id: DecisionID, deploymentKey: Int64, text: String)] {
        try await self.database.read(.search) { db throws(MartletError) in
            var context = DecisionContext()
            var lines: [(id: DecisionID, deploymentKey: Int64, text: String)] = []
            for row in try db.query(DecisionQueries.all(from: start, until: end, limit: Self.rowsPerRead)) {
                let decision = DecisionQueries.decode(row)
                lines.append((decision.id, decision.deploymentKey, try context.line(of: decision, on: db).text))
            }
            return lines
        }
    }

    private static func seal(
        _ tree: DecisionTree,
        of key: Int64,
        _ range: Range<Timestamp>,
        at now: Timestamp,
        on db: any Connection
    ) throws(MartletError) {
        var context = DecisionContext()
        let name = try context.deployment(key, on: db).name
        let blocks = tree.blocks
        let root = try blocks.tree.root()
        let event = LedgerEvent(
            .sealDecisions,
            of: .deployment(key: key, name: name.rawValue),
            by: Act(by: .martlet),
            at: now,
            details: [
                .init("count", .init(tree.count)),
                .init("from", .string(range.lowerBound.text)),
                .init("root", .string(root.description)),
                .init("until", .string(range.upperBound.text)),
            ]
        )
        let seal = DecisionSeal(
            deploymentKey: key,
            start: range.lowerBound,
            end: range.upperBound,
            count: tree.count,
            root: root,
            blocks: blocks,
            entry: try Ledger.append(event, on: db)
        )
        try db.execute(DecisionSealQueries.insert(seal))
    }
}
