import Foundation
import MartletCore
package import MartletPostgres
import Synchronization

/// A PostgreSQL server that is gone with the test process, or with the last who holds it.
package final class TestPostgres: Sendable {
    /// Keeps tests on machines without PostgreSQL possible, for those who say so.
    package static let isSkipped = ProcessInfo.processInfo.environment["MARTLET_SKIP_POSTGRES"] == "1"

    private static let shared = Result<TestPostgres, any Error> { try TestPostgres() }
    private static let databaseCount = Atomic(0)

    private let folder: String
    /// The server ends when this is closed, whatever this process dies of.
    private let orders = Pipe()
    private let answers = Pipe()

    /// Makes an empty database on the server that most tests share, and returns how to reach it.
    package static func makeDatabase() throws -> PostgresSettings {
        try self.shared.get().makeDatabase()
    }

    /// Makes an empty database and returns how to reach it.
    ///
    /// - Parameter options: What else `CREATE DATABASE` is to be told.
    package func makeDatabase(_ options: String = "") throws -> PostgresSettings {
        let name = "test_\(Self.databaseCount.add(1, ordering: .relaxed).newValue)"
        try self.run("CREATE DATABASE \(name) \(options)")
        // Few connections, because many tests run at once.
        return PostgresSettings("host=\(self.folder) user=martlet dbname=\(name)", connections: 5)
    }

    /// Says how to reach a database over TLS, for a server that was started with it.
    ///
    /// - Parameters:
    ///   - host: What the certificate is asked for; it is for `localhost`.
    ///   - isTrusted: Whether its authority is.
    package func encrypted(
        _ settings: PostgresSettings,
        host: String,
        isTrusted: Bool
    ) throws -> PostgresSettings {
        let address = try String(contentsOfFile: "\(self.folder)/address", encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        let authority = isTrusted ? "\(self.folder)/authority.pem" : "/etc/ssl/certs/ca-certificates.crt"
        var settings = settings
        // What is said last counts.
        settings.connectionString +=
            " host=\(host) hostaddr=\(address) sslmode=verify-full sslrootcert=\(authority)"
        return settings
    }

    /// Ends the server as a crash would.
    package func crash() throws { try self.order("kill") }

    /// Starts the server after a crash.
    package func restart() throws { try self.order("start") }

    /// Has the server answer nobody, while `body` runs; connections to it stay, and others seem to be made.
    package func whileFrozen(_ body: () async throws -> Void) async throws {
        try self.order("freeze")
        do {
            try await body()
        } catch {
            try self.order("thaw")
            throw error
        }
        try self.order("thaw")
    }

    /// Starts a server.
    ///
    /// - Parameter withTLS: Whether it can also be reached over TLS.
    package init(withTLS: Bool = false) throws {
        let process = Process()
        process.arguments = withTLS ? ["tls"] : []
        process.executableURL =
            URL(filePath: #filePath).appending(path: "../../../../Scripts/postgres_for_tests.sh")
            .standardized
        process.standardInput = self.orders
        process.standardOutput = self.answers
        try process.run()
        // The script says one line: where the server is, or why there is none.
        let line = Self.line(from: self.answers)
        self.folder = line
        guard line.hasPrefix("/tmp/") else { throw MartletError(.unavailable, "PostgreSQL did not start: \(line)") }
    }

    private func order(_ order: String) throws {
        try self.orders.fileHandleForWriting.write(contentsOf: Data("\(order)\n".utf8))
        let answer = Self.line(from: self.answers)
        guard answer == "done" else { throw MartletError(.internal, "PostgreSQL: \(answer)") }
    }

    private static func line(from pipe: Pipe) -> String {
        String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func run(_ statement: String) throws {
        let arguments = ["-q", "-h", self.folder, "-U", "martlet", "-d", "postgres", "-c", statement]
        let process = try Process.run(URL(filePath: "/usr/bin/psql"), arguments: arguments)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw MartletError(.internal, "psql failed with \(process.terminationStatus)")
        }
    }
}

extension PostgresSettings {
    /// Where a test server's socket is.
    package var socketFolder: String? {
        self.connectionString.split(separator: " ").first { $0.hasPrefix("host=") }.map { String($0.dropFirst(5)) }
    }
}
