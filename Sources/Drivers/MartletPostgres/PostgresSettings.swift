/// How to reach a PostgreSQL server, and how much of it to use.
package struct PostgresSettings: Sendable {
    /// Whatever libpq takes: a URL or `keyword=value` pairs, with all that it says about TLS, password and service
    /// files, and several hosts.
    package var connectionString: String
    package var lookups: Int
    package var searches: Int
    /// How many writes of different keys may run at once; one more runs those that need everything.
    package var writers: Int
    /// How many writes that only append may run at once: none of the others keeps them waiting.
    package var appenders: Int
    /// How long one read, and one statement of a write, may take.
    package var duration: Duration
    /// How long a request waits for a connection.
    package var patience: Duration

    /// - Parameter connections: How many connections to keep, at least five. Opening the schema and inspections take
    ///   one more each.
    package init(
        _ connectionString: String,
        connections: Int = 16,
        duration: Duration = .seconds(30),
        patience: Duration = .seconds(10)
    ) {
        self.connectionString = connectionString
        self.searches = max(1, connections / 4)
        self.lookups = max(1, connections / 4)
        self.appenders = max(1, connections / 8)
        self.writers = max(1, connections - 1 - self.appenders - self.searches - self.lookups)
        self.duration = duration
        self.patience = patience
    }
}
