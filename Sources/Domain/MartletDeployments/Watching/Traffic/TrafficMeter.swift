package import MartletCore
package import MartletSQL
import Synchronization

/// Counts what came of the requests that this process has passed on.
///
/// A request costs one short lock, which it shares with few others; adding up is for whoever calls ``flush()``.
package final class TrafficMeter: Sendable {
    /// Rows that may wait for a database that is away; of more, the oldest are dropped.
    private static let rowsMax = 100_000
    private static let rowsPerWrite = 500
    private static let shardCount = 8

    private struct Sample: Sendable {
        let route: Route
        let arm: Int
        let ending: TrafficSums.Ending
        let agreement: Agreement?
        let microseconds: UInt64
    }

    private final class Shard: Sendable {
        /// Requests that may wait to be added up, which happens every second.
        private static let capacity = 1 << 18

        private let samples = Mutex<[Sample]>([])

        /// Returns whether there was room for it.
        func add(_ sample: Sample) -> Bool {
            self.samples.withLock { samples in
                guard samples.count < Self.capacity else { return false }
                samples.append(sample)
                return true
            }
        }

        func take() -> [Sample] {
            self.samples.withLock { samples in
                let taken = samples
                samples = []
                samples.reserveCapacity(taken.count)
                return taken
            }
        }
    }

    private struct State {
        var waiting: [TrafficRow] = []
        var lastMoment = Timestamp(milliseconds: 0)
        var totals = TrafficTotals()
        var droppedCount = 0
    }

    private let database: any Database
    private let surroundings: Surroundings
    /// Keeps this process's rows apart from those of others.
    private let server: String
    private let shards = (0..<TrafficMeter.shardCount).map { _ in Shard() }
    private let state = Mutex(State())

    package init(database: any Database, surroundings: Surroundings) {
        self.database = database
        self.surroundings = surroundings
        self.server = String(surroundings.randomIdentifier().prefix(16))
    }

    /// Notes how a request ended; to be called once for each, also for copies that shadows get.
    ///
    /// - Parameter agreement: Of a shadow's answer with the one that was returned.
    package func count(
        _ arm: Int,
        of route: Route,
        _ ending: TrafficSums.Ending,
        microseconds: Int64,
        _ agreement: Agreement? = nil
    ) {
        let sample = Sample(
            route: route,
            arm: arm,
            ending: ending,
            agreement: agreement,
            microseconds: UInt64(clamping: microseconds)
        )
        // The last bits of a duration are as good as chance.
        let shard = self.shards[Int(truncatingIfNeeded: sample.microseconds) & (Self.shardCount - 1)]
        if !shard.add(sample) { self.state.withLock { $0.droppedCount += 1 } }
    }

    /// All that was counted since the start, as of the last ``flush()``.
    package var totals: TrafficTotals { self.state.withLock { $0.totals } }

    /// Requests that the database does not know of, because there was no room for them to wait.
    package var droppedCount: Int { self.state.withLock { $0.droppedCount } }

    /// Adds up what has come since the last time, and writes it. What cannot be written waits for the next time.
    ///
    /// To be called by one task at a time.
    package func flush() async throws(MartletError) {
        self.addUp()
        while true {
            let rows = self.state.withLock { Array($0.waiting.prefix(Self.rowsPerWrite)) }
            guard !rows.isEmpty else { return }
            let server = self.server
            // Nobody else writes rows of this server.
            try await self.database.write(.only(WriteKey("traffic", server))) { db throws(MartletError) in
                try db.execute(TrafficQueries.insert(rows, of: server))
            }
            self.state.withLock { $0.waiting.removeFirst(rows.count) }
        }
    }

    private func addUp() {
        let samples = self.shards.flatMap { $0.take() }
        guard !samples.isEmpty else { return }
        let byArm = Dictionary(grouping: samples) { sample in
            let deployment = sample.route.deployment
            return ArmKey(deploymentKey: deployment.key, revision: deployment.revision.number, arm: sample.arm)
        }
        let now = self.surroundings.now()
        self.state.withLock { state in
            // Rows are told apart by their moment, so no two of them may share one.
            let moment = max(now, state.lastMoment + TimeSpan(milliseconds: 1))
            state.lastMoment = moment
            for (key, samples) in byArm {
                var sums = TrafficSums()
                for sample in samples {
                    sums.record(sample.ending, microseconds: sample.microseconds, sample.agreement)
                }
                state.waiting.append(TrafficRow(key: key, at: moment, sums: sums))
                let counted = samples.map { ($0.ending, $0.microseconds, $0.agreement) }
                state.totals.add(counted, samples[0].route, arm: key.arm)
            }
            let surplus = max(0, state.waiting.count - Self.rowsMax)
            state.droppedCount += state.waiting.prefix(surplus).reduce(0) { $0 + Int($1.requests) }
            state.waiting.removeFirst(surplus)
        }
    }
}
