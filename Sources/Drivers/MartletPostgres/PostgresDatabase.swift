package import MartletCore
package import MartletSQL

/// PostgreSQL through libpq. The only module that imports CPostgres.
///
/// Several servers may use one database. A read is one snapshot (REPEATABLE READ). A write is READ COMMITTED and holds
/// the advisory locks of its ``WriteScope``, so that what it has seen stays so until it has committed.
///
/// Nothing waits without an end, and each kind of waiting has a limit of its own:
/// - for a turn, a connection and other attempts: ``PostgresSettings/patience``, counted from when the work was asked
///   for, so that a queue does not make it longer. Inspections and changes of the schema wait for their turn as long
///   as it takes.
/// - for a statement: ``PostgresSettings/duration``, which the server keeps to; a little more should it not.
/// - for a server that answers nobody: some five seconds. Whoever waits asks on another connection whether it is there
///   (``PostgresLink``), so that long statements are not taken for a silent server.
/// - for a machine or network that is gone: ten seconds for what is sent, twenty for an idle connection (TCP).
/// - for another server's locks: two thirds of a statement's time. One that freezes within a write loses them after
///   three seconds (``SessionRole``).
package final class PostgresDatabase: Database {
    private let lookups: ReadLane
    private let searches: ReadLane
    private let inspections: ReadLane
    private let keyedWrites: WriteLane
    private let appends: WriteLane
    private let wholeWrites: WriteLane
    private let schemaWrites: WriteLane

    /// Prepares to use a database; connects when something is to be done.
    package init(_ settings: PostgresSettings) {
        self.lookups = ReadLane(settings, threads: settings.lookups, duration: settings.duration)
        self.searches = ReadLane(settings, threads: settings.searches, duration: settings.duration)
        self.inspections = ReadLane(settings, threads: 1, duration: nil)
        self.keyedWrites = WriteLane(settings, role: .writer, threads: settings.writers)
        self.appends = WriteLane(settings, role: .writer, threads: settings.appenders)
        self.wholeWrites = WriteLane(settings, role: .writer, threads: 1)
        self.schemaWrites = WriteLane(settings, role: .patient, threads: 1)
    }

    /// Connects once, so that a wrong setting is told at the start.
    ///
    /// Waits for a server that is not there yet, but not for one that refuses. Blocks its thread meanwhile.
    package static func open(_ settings: PostgresSettings) throws(MartletError) -> PostgresDatabase {
        let connection = PostgresConnection(settings, role: .patient)
        var retries = Retries(until: .now.advanced(by: settings.patience))
        while true {
            do throws(MartletError) {
                try connection.openOnce(until: retries.deadline)
                return PostgresDatabase(settings)
            } catch {
                let isRefused = error.isRefusal || PostgresLink.hasServer(at: settings.connectionString)
                guard !isRefused, retries.wait() else { throw error.atStart }
            }
        }
    }

    package func read<Value: Sendable>(
        _ extent: ReadExtent,
        _ body: @Sendable @escaping (any Connection) throws(MartletError) -> Value
    ) async throws(MartletError) -> Value {
        let lane =
            switch extent {
            case .lookup: self.lookups
            case .search: self.searches
            case .inspection: self.inspections
            }
        return try await lane.run(body)
    }

    @discardableResult
    package func write<Value: Sendable>(
        _ scope: WriteScope,
        _ body: @Sendable @escaping (any Connection) throws(MartletError) -> Value
    ) async throws(MartletError) -> Value {
        let lane =
            switch scope {
            case .only: self.keyedWrites
            case .appending: self.appends
            case .everything: self.wholeWrites
            case .schema: self.schemaWrites
            }
        return try await lane.run(scope, body)
    }

    /// Waits for running work, then closes every connection.
    package func close() async throws(MartletError) {
        try await closeAll(
            self.lookups.close,
            self.searches.close,
            self.inspections.close,
            self.keyedWrites.close,
            self.appends.close,
            self.wholeWrites.close,
            self.schemaWrites.close
        )
    }
}

extension MartletError {
    /// Whether a server will not do, whatever it answers.
    fileprivate var isRefusal: Bool {
        // One whose certificate will not do has not come to answer, and never will.
        let isOfCertificate = (self.cause as? PostgresMessage)?.text.contains("certificate") ?? false
        return self.code == .unsupported || isOfCertificate
    }

    /// Who starts a server may know what a client may not: libpq's own words, which never contain a password.
    fileprivate var atStart: MartletError {
        guard let message = self.cause as? PostgresMessage else { return self }
        // libpq says what is wrong with a certificate, but not where to name whom to trust.
        let isUntrusted = message.text.contains("certificate verify failed")
        let advice = isUntrusted ? "; name the file of its authority there as sslrootcert" : ""
        return MartletError(
            self.code,
            "the database cannot be used (--database): \(message.text)\(advice)",
            cause: message
        )
    }
}
