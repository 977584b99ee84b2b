import Foundation
import MartletCore
package import MartletPostgres
import Synchronization

/// A PostgreSQL server of this test process alone: started when it is first needed, gone with the process.
///
/// Its databases sort like American English unless told otherwise, so that a text that forgets to say how it sorts is
/// found out.
package struct TestPostgres: Sendable {
    /// Keeps tests on machines without PostgreSQL possible, for those who say so.
    package static let isSkipped = ProcessInfo.processInfo.environment["MARTLET_SKIP_POSTGRES"] == "1"

    private static let shared = Result<TestPostgres, any Error> { try TestPostgres() }
    private static let databaseCount = Atomic(0)

    private let folder: String
    private let programs: String
    /// The server ends when this is closed, whatever this process dies of.
    private let lifeline: Pipe

    /// Makes an empty database and returns how to reach it.
    package static func makeDatabase() throws -> PostgresSettings {
        let server = try self.shared.get()
        let name = "test_\(self.databaseCount.add(1, ordering: .relaxed).newValue)"
        try server.run(
            "psql",
            ["-q", "-h", server.folder, "-U", "martlet", "-d", "postgres", "-c", "CREATE DATABASE \(name)"]
        )
        // Small, because many tests run at once.
        return PostgresSettings("host=\(server.folder) user=martlet dbname=\(name)", connections: 5)
    }

    private init() throws {
        self.programs = try Self.findPrograms()
        self.lifeline = Pipe()
        let said = Pipe()
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", Self.script, "sh", self.programs]
        process.standardInput = self.lifeline
        process.standardOutput = said
        try process.run()
        // The script says one line, and ends when it cannot.
        let line = String(decoding: said.fileHandleForReading.availableData, as: UTF8.self)
        guard line.hasPrefix("/") else {
            throw MartletError(.unavailable, "PostgreSQL did not start: \(line)")
        }
        self.folder = line.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func run(_ program: String, _ arguments: [String]) throws {
        let process = try Process.run(URL(filePath: "\(self.programs)/\(program)"), arguments: arguments)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw MartletError(.internal, "\(program) failed with \(process.terminationStatus)")
        }
    }

    /// Debian keeps the server's programs off the PATH.
    private static func findPrograms() throws -> String {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        let folders = versions.compactMap(Int.init).sorted(by: >).map { "\(root)/\($0)/bin" } + ["/usr/bin"]
        guard let found = folders.first(where: { FileManager.default.isExecutableFile(atPath: "\($0)/initdb") }) else {
            let hint = "install it (Debian: postgresql), or set MARTLET_SKIP_POSTGRES=1"
            throw MartletError(.unavailable, "there is no PostgreSQL to test with: \(hint)")
        }
        return found
    }

    /// Starts a server in a new folder, says which, and stops it when nobody holds the other end of its input.
    private static let script = """
        trap '' INT TERM
        exec 2>&1
        folder=$(mktemp -d /tmp/martlet-postgres-XXXXXX)
        # The server refuses to run as root.
        as=
        if [ "$(id -u)" -eq 0 ]; then
            as='setpriv --reuid=postgres --regid=postgres --clear-groups'
            chown postgres "$folder"
        fi
        cd "$folder"
        run() { $as "$@" >>"$folder/log" 2>&1 || { tail -n 5 "$folder/log"; rm -rf "$folder"; exit 1; }; }
        run "$1/initdb" -D "$folder/data" -U martlet -A trust -E UTF8 -N \
            --locale-provider=icu --icu-locale=en-US --locale=C.UTF-8
        run "$1/pg_ctl" -D "$folder/data" -w start -o "-k $folder -c listen_addresses= -c fsync=off \
            -c max_connections=1000 -c shared_buffers=64MB -c full_page_writes=off -c max_wal_size=4GB"
        echo "$folder"
        cat >/dev/null
        $as "$1/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null
        rm -rf "$folder"
        """
}
