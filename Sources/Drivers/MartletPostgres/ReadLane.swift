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
        let deadline = ContinuousClock.now.advanced(by: self.patience)
        let result: Result<Value, MartletError> = await withCheckedContinuation { continuation in
            self.lane.submit { connection in
                continuation.resume(returning: self.read(body, on: connection, until: deadline))
            }
        }
        return try result.get()
    }

    func close() async throws(MartletError) { try await self.lane.close() }

    /// - Parameter deadline: Until when there must be a connection.
    private func read<Value>(
        _ body: (any Connection) throws(MartletError) -> Value,
        on connection: PostgresConnection?,
        until deadline: ContinuousClock.Instant
    ) -> Result<Value, MartletError> {
        guard let connection else { return .failure(.closed) }
        var attempts = 0
        while true {
            do throws(MartletError) {
                try connection.open(until: deadline)
                return .success(try connection.snapshot(for: self.duration, body))
            } catch {
                attempts += 1
                guard error.isPassing, attempts < Self.attemptsMax else { return .failure(error) }
            }
        }
    }
}
