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

    /// Counts the units of decisions that are not there yet, and what the gateway measured of those.
    mutating func count(_ decisions: [Decision], on db: any Connection) throws(MartletError) {
        var firsts: [[UInt8]: (decision: Decision, arm: Int)] = [:]
        for decision in decisions where firsts[decision.unit] == nil {
            if let arm = try self.arm(of: decision, on: db) { firsts[decision.unit] = (decision, arm) }
        }
        var units = firsts.map { (unit: $0.key, arm: $0.value.arm) }[...]
        while !units.isEmpty {
            // Few different lengths, so that few different statements are prepared.
            var length = Self.unitsPerStatement
            while length > units.count { length /= 2 }
            for row in try db.query(ExperimentQueries.insert(Array(units.prefix(length)), of: self.experiment.key)) {
                guard let first = firsts[row.bytes(0)] else { continue }
                try self.add(first.decision, arm: first.arm)
            }
            units = units.dropFirst(length)
        }
    }

    private mutating func add(_ decision: Decision, arm: Int) throws(MartletError) {
        self.sums.count(arm: arm, revision: decision.revision)
        for metric in self.experiment.design.metrics {
            guard let measured = GatewayMetric(rawValue: metric.name) else { continue }
            try self.sums.add(measured.value(of: decision), of: metric.name, arm: arm)
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
        try self.count([decision], on: db)
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
