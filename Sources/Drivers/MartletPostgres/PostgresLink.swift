import CPostgres
import Glibc
import MartletCore
import MartletSQL

/// A connection of libpq, in pipeline mode and never waiting without an end.
///
/// What is sent gathers in libpq's buffer; ``receive()`` sends it in one go and reads all answers, so that a
/// transaction's beginning travels with its first statement.
///
/// Once a call has thrown an error that ``MartletError/endsConnection``, all that is left to do is to let go of it.
final class PostgresLink {
    private enum Expected { case ignored, kept, sync }

    /// How long nothing may come before it is asked whether the server is there at all. Statements may take longer.
    private static let silenceMax = Duration.seconds(2)
    /// How long that question may take, in seconds; libpq takes no less than two.
    private static let answerSecondsMax = 3

    private let handle: OpaquePointer
    private let connectionString: String
    private var expected: [Expected] = []
    /// Until when the server must have answered; `nil` when it may take as long as it needs.
    var deadline: ContinuousClock.Instant?
    /// How much memory the answer to one statement may take.
    var answerBytesMax = Int.max

    private init(_ handle: OpaquePointer, _ connectionString: String) {
        self.handle = handle
        self.connectionString = connectionString
    }

    deinit {
        PQfinish(self.handle)
    }

    var serverVersion: Int32 { PQserverVersion(self.handle) }
    var isInsideTransaction: Bool {
        let status = PQtransactionStatus(self.handle)
        return status == PQTRANS_INTRANS || status == PQTRANS_INERROR
    }

    func parameter(_ name: String) -> String? {
        PQparameterStatus(self.handle, name).map { String(cString: $0) }
    }

    /// Sends a statement without values that needs no preparation.
    func send(_ text: String, keepsResult: Bool = false) throws(MartletError) {
        let result = PQsendQueryParams(self.handle, text, 0, nil, nil, nil, nil, 1)
        try self.expect(keepsResult ? .kept : .ignored, result)
    }

    /// Has the server parse a statement; the result says which values it takes.
    func prepare(_ text: String, as name: String) throws(MartletError) {
        try self.expect(.ignored, PQsendPrepare(self.handle, name, text, 0, nil))
        try self.expect(.kept, PQsendDescribePrepared(self.handle, name))
    }

    func send(
        _ statement: PreparedStatement,
        _ parameters: PostgresParameters,
        keepsResult: Bool
    ) throws(MartletError) {
        let result = parameters.withPointers { pointers, lengths, formats in
            let count = Int32(pointers.count)
            return PQsendQueryPrepared(self.handle, statement.name, count, pointers, lengths, formats, 1)
        }
        try self.expect(keepsResult ? .kept : .ignored, result)
    }

    private func expect(_ expected: Expected, _ result: Int32) throws(MartletError) {
        guard result == 1 else { throw self.lost }
        self.expected.append(expected)
    }

    private var lost: MartletError { .connectionLost(Self.errorText(self.handle)) }

    fileprivate static func errorText(_ handle: OpaquePointer) -> String {
        String(cString: PQerrorMessage(handle)).split(separator: "\n").joined(separator: " ")
    }
}

extension PostgresLink {
    /// Sends what has gathered, waits for all answers, and returns those that were to be kept.
    ///
    /// - Throws: What the first statement that failed failed for; those after it were not run.
    func receive() throws(MartletError) -> [PostgresAnswer] {
        try self.expect(.sync, PQpipelineSync(self.handle))
        try self.flush()
        let expected = self.expected
        self.expected.removeAll(keepingCapacity: true)
        var kept: [PostgresAnswer] = []
        var failure: MartletError?
        for (index, each) in expected.enumerated() {
            switch each {
            case .ignored, .kept:
                let (answer, error) = try self.outcome()
                failure = failure ?? error
                if each == .kept { kept.append(answer) }
            case .sync:
                guard try self.next()?.status == PGRES_PIPELINE_SYNC else { throw self.lost }
                // Nobody waits for what was left alone.
                if index < expected.count - 1 { failure = nil }
            }
        }
        if let failure { throw failure }
        return kept
    }

    /// Sends what has gathered and leaves the answers for whoever asks next; a failure among them is told to nobody.
    func leave() throws(MartletError) {
        try self.expect(.sync, PQpipelineSync(self.handle))
        // What does not fit into the socket now is sent with the next statement.
        guard PQflush(self.handle) >= 0 else { throw self.lost }
    }

    private func outcome() throws(MartletError) -> (PostgresAnswer, MartletError?) {
        // Row by row, so that no answer is in memory twice, nor more of it than may be.
        PQsetSingleRowMode(self.handle)
        var answer = PostgresAnswer()
        var failure: MartletError?
        while let result = try self.next() {
            switch result.status {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE:
                try answer.append(result)
                guard answer.rows.byteCount <= self.answerBytesMax else { throw .answerTooLarge }
            // Not run, because one before it failed.
            case PGRES_PIPELINE_ABORTED: break
            default:
                guard PQstatus(self.handle) == CONNECTION_OK else { throw self.lost }
                failure = MartletError(postgres: result)
            }
        }
        return (answer, failure)
    }

    private func next() throws(MartletError) -> PostgresResult? {
        while PQisBusy(self.handle) == 1 {
            try self.wait(for: POLLIN)
            guard PQconsumeInput(self.handle) == 1 else { throw self.lost }
        }
        return PQgetResult(self.handle).map(PostgresResult.init)
    }

    private func flush() throws(MartletError) {
        while true {
            let result = PQflush(self.handle)
            if result == 0 { return }
            guard result == 1 else { throw self.lost }
            // A server that cannot send its answers takes no more statements.
            try self.wait(for: POLLIN | POLLOUT)
            guard PQconsumeInput(self.handle) == 1 else { throw self.lost }
        }
    }

    /// Waits as long as the deadline lets it, but not for a server that answers nobody.
    private func wait(for events: Int32) throws(MartletError) {
        var descriptor = pollfd(fd: PQsocket(self.handle), events: Int16(events), revents: 0)
        while true {
            let remaining = self.deadline.map { ContinuousClock.now.duration(to: $0) }
            let timeout = max(.zero, min(remaining ?? Self.silenceMax, Self.silenceMax))
            switch poll(&descriptor, 1, Int32(clamping: timeout.milliseconds)) {
            case 0:
                let isOver = remaining.map { $0 <= Self.silenceMax } ?? false
                guard !isOver, self.hasServer else { throw .databaseIsSilent }
            case 1...: return
            default: guard errno == EINTR else { throw .connectionLost("poll: \(errno)") }
            }
        }
    }
}

extension PostgresLink {
    /// Connects to the first server that will do.
    ///
    /// - Parameter seconds: How long one server may take, at least two, unless the connection string says it.
    static func connect(_ connectionString: String, within seconds: Int) throws(MartletError) -> PostgresLink {
        // What stands before the connection string it may overrule, and not what stands after it.
        let settings = ConnectionSettings([
            ("fallback_application_name", "martlet"), ("target_session_attrs", "read-write"),
            ("connect_timeout", "\(seconds)"),
            // The system would go on for minutes with a server whose machine or network is gone.
            ("tcp_user_timeout", "10000"), ("keepalives_idle", "10"), ("keepalives_interval", "3"),
            ("keepalives_count", "3"), ("dbname", connectionString), ("client_encoding", "UTF8"),
        ])
        guard let handle = PQconnectdbParams(settings.keywords, settings.values, 1) else {
            throw .connectionLost("no memory for a connection")
        }
        let link = PostgresLink(handle, connectionString)
        // Notices would go to standard error, where only our log belongs.
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        guard PQstatus(handle) == CONNECTION_OK else { throw link.lost }
        guard PQsetnonblocking(handle, 1) == 0, PQenterPipelineMode(handle) == 1 else { throw link.lost }
        return link
    }
}

extension PostgresLink {
    /// Whether a server answers that can be asked, be it with a refusal. Takes no longer than connecting may.
    static func hasServer(at connectionString: String) -> Bool {
        let settings = ConnectionSettings([
            ("connect_timeout", "\(Self.answerSecondsMax)"), ("dbname", connectionString),
        ])
        return PQpingParams(settings.keywords, settings.values, 1) == PQPING_OK
    }

    /// Whether the server of this link answers anybody, be it with a refusal.
    ///
    /// Asked on another connection, and not by a statement: this one may be at work for as long as it is allowed to.
    private var hasServer: Bool {
        let settings = ConnectionSettings([
            ("dbname", self.connectionString), ("connect_timeout", "\(Self.answerSecondsMax)"),
            // The one of several that this link goes to.
            ("host", PQhost(self.handle).map { String(cString: $0) } ?? ""),
            ("hostaddr", PQhostaddr(self.handle).map { String(cString: $0) } ?? ""),
            ("port", PQport(self.handle).map { String(cString: $0) } ?? ""),
        ])
        let answer = PQpingParams(settings.keywords, settings.values, 1)
        return answer == PQPING_OK || answer == PQPING_REJECT
    }
}

/// Pairs of keyword and value as libpq wants them: two lists of texts, each with a null pointer at the end.
private final class ConnectionSettings {
    let keywords: [UnsafePointer<CChar>?]
    let values: [UnsafePointer<CChar>?]

    init(_ pairs: [(String, String)]) {
        self.keywords = pairs.map { UnsafePointer(strdup($0.0)) } + [nil]
        self.values = pairs.map { UnsafePointer(strdup($0.1)) } + [nil]
    }

    deinit {
        for pointer in self.keywords + self.values { free(UnsafeMutablePointer(mutating: pointer)) }
    }
}
