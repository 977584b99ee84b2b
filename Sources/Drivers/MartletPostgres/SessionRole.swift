/// What a connection is used for all its life, and so what the server lets it take.
enum SessionRole: Sendable {
    /// Reads for clients.
    case reader
    /// Writes for clients.
    case writer
    /// What nobody waits for: no time limits.
    case patient

    /// Sets up the session, in one statement.
    ///
    /// - Parameter duration: How long a statement may take.
    func setUp(duration: Duration) -> String {
        let milliseconds = self == .patient ? 0 : duration.milliseconds
        let limits = [
            ("statement_timeout", milliseconds),
            // Below the limit of statements, so that who waits for another's lock is told so.
            ("lock_timeout", self == .writer ? milliseconds * 2 / 3 : 0),
            // A server that vanished must not keep its locks: the next four notice.
            ("idle_in_transaction_session_timeout", 2 * milliseconds),
            ("client_connection_check_interval", 5_000),
            ("tcp_keepalives_idle", 20),
            ("tcp_keepalives_interval", 5),
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
