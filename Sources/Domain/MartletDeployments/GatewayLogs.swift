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

    /// - Parameters:
    ///   - journal: Where records are until they are in the database; `nil` where others share that.
    ///   - period: For how long decisions may be recorded.
    package init(
        database: any Database,
        journal: JournalFiles?,
        surroundings: Surroundings,
        routes: RouteTable,
        references: DriftReferences,
        period: SealingPeriod
    ) {
        self.units = ExperimentUnitLog(database: database)
        self.decisions = DecisionLog(database: database, journal: journal) { surroundings.now() - period.lateness }
        self.meter = TrafficMeter(database: database, surroundings: surroundings)
        self.drift = DriftLog(database: database, references: references)
        self.payloads = PayloadLog(database: database)
    }

    /// Makes the records durable that nobody waits for, and writes who took part in experiments by them.
    package func secureDecisions() async throws(MartletError) {
        try await self.decisions.secure()
        try await self.units.flush()
    }

    /// Writes what was found in requests and answers, and what is kept of them.
    package func flushBodies() async throws(MartletError) {
        try await self.drift.flush()
        try await self.payloads.flush()
    }
}
