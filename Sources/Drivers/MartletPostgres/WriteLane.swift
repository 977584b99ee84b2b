import MartletCore
import MartletSQL

/// Runs writes in groups, as many groups at once as it has connections.
final class WriteLane: Sendable {
    /// How often a write is run: deadlocks and broken connections are rare, and hardly ever hit the same one twice.
    private static let attemptsMax = 5

    private let lane: ConnectionLane
    private let queue: WriteQueue
    private let patience: Duration
    /// Whether writes wait for their turn as long as it takes.
    private let isPatient: Bool
    private let sweeper = Sweeper()

    init(_ settings: PostgresSettings, role: SessionRole, threads: Int) {
        self.lane = ConnectionLane(settings, role: role, threads: threads)
        self.queue = WriteQueue(threads: threads)
        self.patience = settings.patience
        self.isPatient = role == .patient
    }

    func run<Value: Sendable>(
        _ scope: WriteScope,
        _ body: @Sendable @escaping (any Connection) throws(MartletError) -> Value
    ) async throws(MartletError) -> Value {
        try await SuspendedWrite.run(scope, body, submit: self.submit)
    }

    func close() async throws(MartletError) { try await self.lane.close() }

    private func submit(_ write: any PendingWrite) {
        guard self.queue.append(write) else {
            if !self.isPatient { self.sweeper.start { self.failOverdue() } }
            return
        }
        self.lane.submit { turn in
            var next = self.queue.nextGroup()
            while let group = next {
                self.commit(group, turn)
                next = self.queue.nextGroup(after: group)
            }
        }
    }

    /// Returns whether others still wait.
    private func failOverdue() -> Bool {
        let (overdue, isAwaited) = self.queue.takeWrites(askedBefore: .now - self.patience)
        for write in overdue { write.finish(.noTurn) }
        return isAwaited
    }

    /// Commits a group, and again those of its writes that failed for a passing reason and can still wait.
    private func commit(_ group: WriteGroup, _ turn: ConnectionLane.Turn) {
        // Each write has the time since it was asked for; what waits for its turn without an end has it from now on.
        let turnAt = self.isPatient ? ContinuousClock.now : nil
        var retries = Retries(until: (turnAt ?? group.askedAt.upperBound).advanced(by: self.patience))
        var remaining: WriteGroup? = group
        var attempts = 0
        while let group = remaining {
            let firstAt = turnAt ?? group.askedAt.lowerBound
            let failure = self.attempt(group, turn, until: firstAt.advanced(by: self.patience))
            attempts += 1
            let start = ContinuousClock.now - self.patience
            remaining = group.finish(failure) { write, error in
                attempts < Self.attemptsMax && error.isPassing && (turnAt ?? write.askedAt) > start
            }
            if remaining != nil { _ = retries.wait() }
        }
    }

    private func attempt(
        _ group: WriteGroup,
        _ turn: ConnectionLane.Turn,
        until deadline: ContinuousClock.Instant
    ) -> MartletError? {
        do throws(MartletError) {
            let connection = try turn.get()
            try connection.open(until: deadline)
            return group.commit(on: connection)
        } catch {
            return error
        }
    }
}
