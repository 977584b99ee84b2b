import MartletCore
import MartletPostgres

/// A database server to keep the rows in.
package struct DatabaseServer: Sendable {
    /// How many connections a server keeps open unless it is told otherwise.
    package static let defaultConnections = 16
    /// One for each kind of work that must not wait for another, and one more for writes.
    package static let connectionsMin = 5

    /// A URL or `keyword=value` pairs as PostgreSQL's own programs take them.
    package var connectionString: String
    package var connections: Int

    /// - Returns: `nil` for a text that is no connection string.
    package init?(_ connectionString: String, connections: Int = Self.defaultConnections) {
        let isURL = connectionString.hasPrefix("postgres://") || connectionString.hasPrefix("postgresql://")
        guard isURL || connectionString.contains("=") else { return nil }
        self.connectionString = connectionString
        self.connections = connections
    }

    func open() throws(MartletError) -> PostgresDatabase {
        try PostgresDatabase.open(PostgresSettings(self.connectionString, connections: self.connections))
    }
}
