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
        let now = self.surroundings.now()
        while let (range, head) = try await self.oldestPeriod(settledAt: now) {
            if range.upperBound <= head.open {
                try await self.seal(range, after: head.end, at: now)
                return true
            }
            // What was added until then may be of a period before that.
            try await self.close(until: range.upperBound)
        }
        return false
    }

    private func seal(_ range: Range<Timestamp>, after end: Timestamp, at now: Timestamp) async throws(MartletError) {
        let trees = try await self.trees(range)
        try await self.database.write { db throws(MartletError) in
            // Another server may have been faster.
            guard try DecisionSealHead.load(on: db).end == end else { return }
            for (key, tree) in trees.sorted(by: { $0.key < $1.key }) {
                try Self.seal(tree, of: key, range, at: now, on: db)
            }
            try db.execute(DecisionSealQueries.moveEnd(to: range.upperBound))
        }
    }

    private func oldestPeriod(
        settledAt now: Timestamp
    ) async throws(MartletError) -> (Range<Timestamp>, DecisionSealHead)? {
        try await self.database.read(.search) { db throws(MartletError) in
            let head = try DecisionSealHead.load(on: db)
            guard let row = try db.queryOne(DecisionQueries.first(from: head.end)),
                let range = self.period.containing(DecisionQueries.decode(row).at, after: head.end),
                self.period.isSettled(range, at: now)
            else { return nil }
            return (range, head)
        }
    }

    /// Waits for the records that are being added, and has no more added of that time.
    private func close(until end: Timestamp) async throws(MartletError) {
        try await self.database.write(.only(.decisions)) { db throws(MartletError) in
            try db.execute(DecisionSealQueries.moveOpen(to: end))
        }
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
