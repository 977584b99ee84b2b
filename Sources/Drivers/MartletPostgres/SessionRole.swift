/// What a connection is used for all its life, and so what the server lets it take.
enum SessionRole: Sendable {
    /// Reads for clients.
    case reader
    /// Writes for clients.
    case writer
    /// What nobody waits for: no time limits.
    case patient

    /// How long a write may let the server wait for its next statement. Bodies wait for nobody, so one that takes
    /// longer belongs to a server that is frozen or cut off; one that was only slow finds its connection broken, and
    /// is run again.
    private static let idleWriterMilliseconds: Int64 = 3_000

    /// Sets up the session, in one statement.
    ///
    /// - Parameter duration: How long a statement may take.
    func setUp(duration: Duration) -> String {
        let milliseconds = self == .patient ? 0 : duration.milliseconds
        let idleMilliseconds = self == .writer ? Self.idleWriterMilliseconds : 2 * milliseconds
        let limits = [
            ("statement_timeout", milliseconds),
            // Below the limit of statements, so that who waits for another's lock is told so.
            ("lock_timeout", self == .writer ? milliseconds * 2 / 3 : 0),
            // A server that froze or vanished must not keep its locks: the next six notice.
            ("idle_in_transaction_session_timeout", idleMilliseconds),
            ("client_connection_check_interval", 5_000),
            ("tcp_user_timeout", 10_000),
            ("tcp_keepalives_idle", 10),
            ("tcp_keepalives_interval", 3),
            ("tcp_keepalives_count", 3),
        ].map { ($0, String($1)) }
        // What clients ask for is written so that one index is walked and others are probed for each of its rows, until
        // a page is full. A server that has not counted its rows cannot know how few those are, and one that has takes
        // its disk for a slow one: either would rather read whole tables.
        let wayToPlan = self == .patient ? "on" : "off"
        let plans =
            ["seqscan", "bitmapscan", "hashjoin", "mergejoin"].map { ("enable_\($0)", wayToPlan) }
            // Joins are written in the order that is meant.
            + [("join_collapse_limit", "1")]
            // Compiling takes longer than any of our statements should.
            + [("jit", "off")]
            // So does starting processes to share one with.
            + (self == .patient ? [] : [("max_parallel_workers_per_gather", "0")])
        let calls = (limits + plans).map { "set_config('\($0)', '\($1)', false)" }.joined(separator: ", ")
        // An answer means that the row is durable, whatever a database was told to be content with.
        return """
            SELECT \(calls), CASE current_setting('synchronous_commit') WHEN 'off' \
            THEN set_config('synchronous_commit', 'on', false) END
            """
    }
}

extension Duration {
    /// Rounded down.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = self.components
        return seconds * 1_000 + attoseconds / 1_000_000_000_000_000
    }
}
