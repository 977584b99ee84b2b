package import MartletCore
package import MartletJournal
package import MartletSQL

/// Everything that a gateway tells of the requests that it has passed on.
package struct GatewayLogs: Sendable {
    package let decisions: DecisionLog
    package let meter: TrafficMeter
    package let drift: DriftLog
    package let payloads: PayloadLog
    package let units: ExperimentUnitLog

    /// - Parameter journal: Where records are until they are in the database; `nil` where others share that.
    package init(
        database: any Database,
        journal: JournalFiles?,
        surroundings: Surroundings,
        routes: RouteTable,
        references: DriftReferences
    ) {
        self.units = ExperimentUnitLog(database: database, underWay: routes.experiments)
        self.decisions = DecisionLog(database: database, journal: journal, units: self.units)
        self.meter = TrafficMeter(database: database, surroundings: surroundings)
        self.drift = DriftLog(database: database, references: references)
        self.payloads = PayloadLog(database: database)
    }

    /// Makes the records durable that nobody waits for, and writes who took part in experiments by them.
    ///
    /// - Parameter start: What was decided before is dropped.
    package func secureDecisions(from start: Timestamp) async throws(MartletError) {
        try await self.decisions.secure(from: start)
        try await self.units.flush()
    }

    /// Writes what was found in requests and answers, and what is kept of them.
    package func flushBodies() async throws(MartletError) {
        try await self.drift.flush()
        try await self.payloads.flush()
    }
}
