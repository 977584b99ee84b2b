package import MartletCore
package import MartletSQL
import Synchronization

/// Which deployments have an experiment under way, as this process last saw it.
package final class ExperimentsUnderWay: Sendable {
    private let deployments = Mutex<Set<Int64>>([])

    package init() {}

    func contains(_ deploymentKey: Int64) -> Bool { self.deployments.withLock { $0.contains(deploymentKey) } }

    func replace(by deployments: Set<Int64>) { self.deployments.withLock { $0 = deployments } }
}

/// Where decisions are noted whose subjects an experiment is to count.
package final class ExperimentUnitLog: Sendable {
    /// How many may wait; those that come on top are counted and dropped.
    package static let capacity = 100_000
    private static let decisionsPerWrite = 512

    private struct State {
        /// By deployment.
        var waiting: [Int64: [Decision]] = [:]
        var count = 0
        var droppedCount = 0
    }

    private let database: any Database
    private let underWay: ExperimentsUnderWay
    private let state = Mutex(State())

    package init(database: any Database, underWay: ExperimentsUnderWay) {
        self.database = database
        self.underWay = underWay
    }

    /// How many decisions have been dropped since the start.
    package var droppedCount: Int { self.state.withLock { $0.droppedCount } }

    /// Notes a decision that has ended; it is counted with the next ``flush()``.
    func note(_ decision: Decision) {
        guard decision.shadowOf == nil, self.underWay.contains(decision.deploymentKey) else { return }
        self.state.withLock { state in
            guard state.count < Self.capacity else { return state.droppedCount += 1 }
            state.count += 1
            state.waiting[decision.deploymentKey, default: []].append(decision)
        }
    }

    /// Counts all that wait. What cannot be written waits for the next time. Not to be called twice at once.
    package func flush() async throws(MartletError) {
        while let (deploymentKey, decisions) = self.next() {
            try await self.database.write(.outcomes(of: deploymentKey)) { db throws(MartletError) in
                guard var counting = try ExperimentCounting(in: deploymentKey, on: db) else { return }
                try counting.count(decisions, on: db)
                try counting.write(on: db)
            }
            self.state.withLock { state in
                state.count -= decisions.count
                state.waiting[deploymentKey]?.removeFirst(decisions.count)
                if state.waiting[deploymentKey]?.isEmpty == true { state.waiting[deploymentKey] = nil }
            }
        }
    }

    private func next() -> (deploymentKey: Int64, decisions: [Decision])? {
        self.state.withLock { state in
            state.waiting.first.map { ($0.key, Array($0.value.prefix(Self.decisionsPerWrite))) }
        }
    }
}

extension WriteScope {
    /// Of all that is told or counted of a deployment's decisions, and added up.
    static func outcomes(of deploymentKey: Int64) -> WriteScope {
        .only(WriteKey("outcomes", String(deploymentKey)))
    }
}
