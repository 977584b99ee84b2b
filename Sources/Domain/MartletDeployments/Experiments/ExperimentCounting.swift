import MartletCore
import MartletRouting
import MartletSQL
import MartletStatistics

/// An experiment that is under way, inside a write that adds to it.
struct ExperimentCounting {
    /// How many units are written with one statement.
    private static let unitsPerStatement = 64

    let experiment: DeploymentExperiment
    private var sums = ExperimentSums()
    /// The places in the plan of a revision's arms; `nil` for those that are not in it.
    private var placesByRevision: [Int64: [Int?]] = [:]

    /// Returns `nil` when none is under way.
    init?(in deploymentKey: Int64, on db: any Connection) throws(MartletError) {
        guard let row = try db.queryOne(ExperimentQueries.underWay(in: deploymentKey)) else { return nil }
        self.experiment = try ExperimentQueries.decode(row)
    }

    /// Returns the place in the plan of the arm that decided; `nil` when the decision is none of the experiment's.
    mutating func arm(of decision: Decision, on db: any Connection) throws(MartletError) -> Int? {
        guard decision.revision >= self.experiment.firstRevision, decision.shadowOf == nil else { return nil }
        let places = try self.places(inRevision: decision.revision, on: db)
        return places.indices.contains(decision.arm) ? places[decision.arm] : nil
    }

    private mutating func places(inRevision number: Int64, on db: any Connection) throws(MartletError) -> [Int?] {
        if let places = self.placesByRevision[number] { return places }
        let places = try db.query(ExperimentQueries.arms(of: number, in: self.experiment.deploymentKey)).map { row in
            self.experiment.design.place(of: ExperimentArm(row))
        }
        self.placesByRevision[number] = places
        return places
    }

    /// Counts the units of decisions that are not there yet, and what the gateway measured of those that have ended.
    mutating func count(_ notes: [ExperimentNote], on db: any Connection) throws(MartletError) {
        var own: [(decision: Decision, arm: Int)] = []
        var ended: [(decision: Decision, arm: Int)] = []
        for note in notes {
            guard let arm = try self.arm(of: note.decision, on: db) else { continue }
            own.append((note.decision, arm))
            if note.hasEnded { ended.append((note.decision, arm)) }
        }
        try self.countUnits(own, on: db)
        try self.measure(ended, on: db)
    }

    private mutating func countUnits(
        _ decisions: [(decision: Decision, arm: Int)],
        on db: any Connection
    ) throws(MartletError) {
        let firsts = Dictionary(decisions.map { ($0.decision.unit, $0) }) { first, _ in first }
        try Self.inPieces(Array(firsts)) { some throws(MartletError) in
            let units = some.map { (unit: $0.key, arm: $0.value.arm) }
            for row in try db.query(ExperimentQueries.insert(units, of: self.experiment.key)) {
                guard let first = firsts[row.bytes(0)] else { continue }
                self.sums.count(arm: first.arm, revision: first.decision.revision)
            }
        }
    }

    /// Adds what the gateway measured of decisions that have ended: of each unit's first one by the unit's arm.
    private mutating func measure(
        _ decisions: [(decision: Decision, arm: Int)],
        on db: any Connection
    ) throws(MartletError) {
        let measured = self.experiment.design.metrics.compactMap { GatewayMetric(rawValue: $0.name) }
        guard !measured.isEmpty else { return }
        for (arm, some) in Dictionary(grouping: decisions, by: \.arm) {
            let firsts = Dictionary(some.map { ($0.decision.unit, $0.decision) }) { first, _ in first }
            try Self.inPieces(Array(firsts.keys)) { units throws(MartletError) in
                for metric in measured {
                    let name = metric.rawValue
                    let statement = ExperimentQueries.insert(name, ofUnits: units, at: arm, in: self.experiment.key)
                    for row in try db.query(statement) {
                        guard let first = firsts[row.bytes(0)] else { continue }
                        try self.sums.add(metric.value(of: first), of: name, arm: arm)
                    }
                }
            }
        }
    }

    /// Calls `body` with pieces of few different lengths, so that few different statements are prepared.
    private static func inPieces<Element>(
        _ elements: [Element],
        _ body: (ArraySlice<Element>) throws(MartletError) -> Void
    ) throws(MartletError) {
        var rest = elements[...]
        while !rest.isEmpty {
            var length = Self.unitsPerStatement
            while length > rest.count { length /= 2 }
            try body(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
    }

    /// Refuses values that cannot be of the plan's metrics.
    func check(_ values: [String: Double]) throws(MartletError) {
        for metric in self.experiment.design.metrics {
            guard let value = values[metric.name], !metric.canBe(value) else { continue }
            throw .invalid(
                "'\(metric.name)' is \(metric.possibleValues) in the experiment that is under way, not \(value.brief)."
            )
        }
    }

    /// Counts outcomes of a decision, those that are the first of its unit.
    mutating func count(
        _ values: [String: Double],
        of decision: Decision,
        on db: any Connection
    ) throws(MartletError) {
        guard let arm = try self.arm(of: decision, on: db) else { return }
        // Also what was measured, if it has ended by what is recorded: a crash may have lost what the gateway noted.
        try self.count([ExperimentNote(decision, hasEnded: decision.hasEnded)], on: db)
        let key = self.experiment.key
        let row = try db.queryOne(ExperimentQueries.arm(of: decision.unit, in: key))
        guard row?.integer(0) == Int64(arm) else { return }
        for metric in self.experiment.design.metrics {
            guard let value = values[metric.name] else { continue }
            let isFirst = try db.execute(ExperimentQueries.insert(metric.name, of: decision.unit, in: key)) > 0
            if isFirst { try self.sums.add(value, of: metric.name, arm: arm) }
        }
    }

    /// Writes what was added up; to be called at the end.
    func write(on db: any Connection) throws(MartletError) {
        try self.sums.write(to: self.experiment.key, on: db)
    }
}

extension Decision {
    /// What counts once in an experiment: whom the decision is about, or else itself.
    var unit: [UInt8] { self.subject?.bytes ?? self.id.bytes }
}

extension ExperimentArm {
    /// - Parameter row: A name and a digest.
    init(_ row: SQLRow) {
        self.init(name: ArmName(trusted: row.text(0)), digest: BlobDigest(bytes: row.bytes(1)))
    }
}

extension ExperimentMetric {
    fileprivate func canBe(_ value: Double) -> Bool {
        switch self.outcomes {
        case .proportion: value == 0 || value == 1
        case .bounded(let range): range.contains(value)
        case .unbounded: true
        }
    }

    fileprivate var possibleValues: String {
        switch self.outcomes {
        case .proportion: "0 or 1"
        case .bounded(let range): "from \(range.lowerBound.brief) to \(range.upperBound.brief)"
        case .unbounded: "a number"
        }
    }
}
