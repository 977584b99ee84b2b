import Foundation
import MartletCore
package import MartletPostgres
import Synchronization

/// A PostgreSQL server of this test process alone: started when it is first needed, gone with the process.
package struct TestPostgres: Sendable {
    /// Keeps tests on machines without PostgreSQL possible, for those who say so.
    package static let isSkipped = ProcessInfo.processInfo.environment["MARTLET_SKIP_POSTGRES"] == "1"

    private static let shared = Result<TestPostgres, any Error> { try TestPostgres() }
    private static let databaseCount = Atomic(0)

    private let folder: String
    /// The server ends when this is closed, whatever this process dies of.
    private let lifeline: Pipe

    /// Makes an empty database and returns how to reach it.
    package static func makeDatabase() throws -> PostgresSettings {
        let server = try self.shared.get()
        let name = "test_\(self.databaseCount.add(1, ordering: .relaxed).newValue)"
        try server.run("CREATE DATABASE \(name)")
        // Few connections, because many tests run at once.
        return PostgresSettings("host=\(server.folder) user=martlet dbname=\(name)", connections: 5)
    }

    private init() throws {
        self.lifeline = Pipe()
        let said = Pipe()
        let process = Process()
        process.executableURL =
            URL(filePath: #filePath).appending(path: "../../../../Scripts/postgres_for_tests.sh")
            .standardized
        process.standardInput = self.lifeline
        process.standardOutput = said
        try process.run()
        // The script says one line: where the server is, or why there is none.
        let line = String(decoding: said.fileHandleForReading.availableData, as: UTF8.self)
        self.folder = line.trimmingCharacters(in: .whitespacesAndNewlines)
        guard line.hasPrefix("/tmp/") else { throw MartletError(.unavailable, "PostgreSQL did not start: \(line)") }
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
