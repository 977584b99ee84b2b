package import MartletCore
package import MartletSQL
import Synchronization

/// Which deployments have an experiment under way, as this process last saw it.
package final class ExperimentsUnderWay: Sendable {
    private let deployments = Mutex<Set<Int64>>([])

    package init() {}

    package func contains(_ deploymentKey: Int64) -> Bool { self.deployments.withLock { $0.contains(deploymentKey) } }

    func replace(by deployments: Set<Int64>) { self.deployments.withLock { $0 = deployments } }
}

/// Where decisions are noted that an experiment is to count.
package final class ExperimentUnitLog: Sendable {
    /// How many notes may wait; those that come on top are counted and dropped.
    package static let capacity = 100_000
    private static let notesPerWrite = 1_024

    private struct State {
        /// By deployment.
        var waiting: [Int64: [ExperimentNote]] = [:]
        var count = 0
        var droppedCount = 0
    }

    private let database: any Database
    private let state = Mutex(State())

    package init(database: any Database) {
        self.database = database
    }

    /// How many notes have been dropped since the start.
    package var droppedCount: Int { self.state.withLock { $0.droppedCount } }

    /// Notes that an arm was chosen; whom that is about is counted with the next ``flush()``, however long the answer
    /// takes.
    package func begin(_ decision: Decision) { self.add(ExperimentNote(decision, hasEnded: false)) }

    /// Notes that the answer has ended; what the gateway measured of it is counted with the next ``flush()``.
    package func end(_ decision: Decision) { self.add(ExperimentNote(decision, hasEnded: true)) }

    private func add(_ note: ExperimentNote) {
        self.state.withLock { state in
            guard state.count < Self.capacity else { return state.droppedCount += 1 }
            state.count += 1
            state.waiting[note.decision.deploymentKey, default: []].append(note)
        }
    }

    /// Counts all that wait. What cannot be written waits for the next time. Not to be called twice at once.
    package func flush() async throws(MartletError) {
        while let (deploymentKey, notes) = self.next() {
            try await self.database.write(.outcomes(of: deploymentKey)) { db throws(MartletError) in
                guard var counting = try ExperimentCounting(in: deploymentKey, on: db) else { return }
                try counting.count(notes, on: db)
                try counting.write(on: db)
            }
            self.state.withLock { state in
                state.count -= notes.count
                state.waiting[deploymentKey]?.removeFirst(notes.count)
                if state.waiting[deploymentKey]?.isEmpty == true { state.waiting[deploymentKey] = nil }
            }
        }
    }

    private func next() -> (deploymentKey: Int64, notes: [ExperimentNote])? {
        self.state.withLock { state in
            state.waiting.first.map { ($0.key, Array($0.value.prefix(Self.notesPerWrite))) }
        }
    }
}

/// What the gateway tells of a decision: that it was made, or how its answer has ended.
struct ExperimentNote: Sendable {
    let decision: Decision
    let hasEnded: Bool

    init(_ decision: Decision, hasEnded: Bool) {
        self.decision = decision
        self.hasEnded = hasEnded
    }
}

extension WriteScope {
    /// Of all that is told or counted of a deployment's decisions, and added up.
    static func outcomes(of deploymentKey: Int64) -> WriteScope {
        .only(WriteKey("outcomes", String(deploymentKey)))
    }
}
