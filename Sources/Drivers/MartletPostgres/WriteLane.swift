import MartletCore
import MartletSQL

/// Runs writes in groups, as many groups at once as it has connections.
final class WriteLane: Sendable {
    /// How often a write is run: deadlocks and broken connections are rare, and hardly ever hit the same one twice.
    private static let attemptsMax = 5

    private let lane: ConnectionLane
    private let queue: WriteQueue
    private let patience: Duration

    init(_ settings: PostgresSettings, role: SessionRole, threads: Int) {
        self.lane = ConnectionLane(settings, role: role, threads: threads)
        self.queue = WriteQueue(threads: threads)
        self.patience = settings.patience
    }

    func run<Value: Sendable>(
        _ scope: WriteScope,
        _ body: @Sendable @escaping (any Connection) throws(MartletError) -> Value
    ) async throws(MartletError) -> Value {
        try await SuspendedWrite.run(scope, body, submit: self.submit)
    }

    func close() async throws(MartletError) { try await self.lane.close() }

    private func submit(_ write: any PendingWrite) {
        guard self.queue.append(write) else { return }
        self.lane.submit { connection in
            var next = self.queue.nextGroup()
            while let group = next {
                if let connection {
                    self.commit(group, on: connection)
                } else {
                    group.finish(.closed)
                }
                next = self.queue.nextGroup(after: group)
            }
        }
    }

    /// Commits a group, and again those of its writes that failed for a passing reason.
    private func commit(_ group: WriteGroup, on connection: PostgresConnection) {
        var retries = Retries(until: .now.advanced(by: self.patience))
        var remaining: WriteGroup? = group
        var attempts = 0
        while let group = remaining {
            let failure = self.attempt(group, on: connection, until: retries.deadline)
            attempts += 1
            let isOver = attempts == Self.attemptsMax || ContinuousClock.now > retries.deadline
            remaining = group.finish(failure) { !isOver && $0.isPassing }
            if remaining != nil { _ = retries.wait() }
        }
    }

    private func attempt(
        _ group: WriteGroup,
        on connection: PostgresConnection,
        until deadline: ContinuousClock.Instant
    ) -> MartletError? {
        do throws(MartletError) {
            try connection.open(until: deadline)
            return group.commit(on: connection)
        } catch {
            return error
        }
    }
}
