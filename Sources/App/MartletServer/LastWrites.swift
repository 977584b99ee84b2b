import MartletCore
import MartletDeployments

/// What a server that stops still has to write.
struct LastWrites: Sendable {
    /// How long a database may take for it that may not be there: nobody should have to kill a server.
    private static let patience = Duration.seconds(10)

    let domain: Domain
    let store: ServerStore

    /// Writes what waits, and says to other servers that this one stops.
    ///
    /// - Throws: What the database said, with what was not written; also when it said nothing.
    func finish() async throws(MartletError) {
        // One of the server's own is a file, and answers.
        guard self.store.isShared else { return try await self.write() }
        do throws(MartletError) {
            guard let result = await result(within: Self.patience, of: self.write) else { throw .silence }
            try result.get()
        } catch {
            throw MartletError(error.code, "\(error.message); \(self.loss)", cause: error)
        }
    }

    private func write() async throws(MartletError) {
        let logs = self.domain.logs
        try await logs.secureDecisions()
        try await logs.decisions.flush()
        try await logs.meter.flush()
        try await logs.flushBodies()
        try await self.domain.effects.leave()
    }

    private var loss: String {
        let count = self.domain.logs.decisions.waitingCount
        return "not written: \(count) records of decisions that nobody waits for, and what was counted last"
    }
}

extension MartletError {
    fileprivate static var silence: MartletError { MartletError(.unavailable, "the database does not answer") }
}
