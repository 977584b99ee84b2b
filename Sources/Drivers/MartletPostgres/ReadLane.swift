import MartletCore
import MartletSQL

/// Runs reads of one extent, as many at once as it has connections.
final class ReadLane: Sendable {
    /// How often a read begins anew when its connection breaks.
    private static let attemptsMax = 4

    private let lane: ConnectionLane
    private let patience: Duration
    /// How long a read may take; `nil` for any time.
    private let duration: Duration?

    init(_ settings: PostgresSettings, threads: Int, duration: Duration?) {
        self.lane = ConnectionLane(settings, role: duration == nil ? .patient : .reader, threads: threads)
        self.patience = settings.patience
        self.duration = duration
    }

    func run<Value: Sendable>(
        _ body: @Sendable @escaping (any Connection) throws(MartletError) -> Value
    ) async throws(MartletError) -> Value {
        // What may take any time may also wait for it.
        let deadline = self.duration.map { _ in ContinuousClock.now.advanced(by: self.patience) }
        let result: Result<Value, MartletError> = await withCheckedContinuation { continuation in
            self.lane.submit(until: deadline) { turn in
                continuation.resume(returning: self.read(body, turn, until: deadline))
            }
        }
        return try result.get()
    }

    func close() async throws(MartletError) { try await self.lane.close() }

    /// - Parameter deadline: Until when there must be a connection, and when nothing is tried again any more.
    private func read<Value>(
        _ body: (any Connection) throws(MartletError) -> Value,
        _ turn: ConnectionLane.Turn,
        until deadline: ContinuousClock.Instant?
    ) -> Result<Value, MartletError> {
        var attempts = 0
        while true {
            do throws(MartletError) {
                let connection = try turn.get()
                try connection.open(until: deadline ?? .now.advanced(by: self.patience))
                return .success(try connection.snapshot(for: self.duration, body))
            } catch {
                attempts += 1
                let isOver = attempts == Self.attemptsMax || deadline.map { $0 <= .now } ?? false
                guard error.isPassing, !isOver else { return .failure(error) }
            }
        }
    }
}
