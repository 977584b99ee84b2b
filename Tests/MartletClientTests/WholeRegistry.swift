import FoundationEssentials
import Logging
import MartletClient
import MartletCore
import MartletServer
import MartletTestSupport

/// A server on a data folder of its own, as `--data` runs it, and folders to push from and to pull into.
struct WholeRegistry {
    let folder: String

    /// Serves the data folder while `body` runs.
    func withClient<Value: Sendable>(
        actor: String = "ada",
        _ body: (MartletClient) async throws -> Value
    ) async throws -> Value {
        let server = MartletServer(
            settings: ServerSettings(dataPath: "\(self.folder)/data", allowedHosts: ["*"]),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        // Not below the folder: the path of a socket must be short.
        let socket = "/tmp/martlet-\(UInt64.random(in: 0 ... .max)).socket"
        defer { try? FileManager.default.removeItem(atPath: socket) }
        return try await server.serve(onSocket: socket) {
            let url = "http+unix://\(PercentEncoding.encode(socket))"
            return try await withMartletClient(url: url, actor: actor) { try await body($0) }
        }
    }

    /// Makes a folder with files, and returns its path.
    func model(_ name: String, _ files: [String: String]) throws -> String {
        for (path, text) in files {
            let url = URL(filePath: "\(self.folder)/\(name)/\(path)")
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(text.utf8).write(to: url)
        }
        return "\(self.folder)/\(name)"
    }
}

/// Lends a registry that is empty.
func withWholeRegistry(_ body: (WholeRegistry) async throws -> Void) async throws {
    try await withTemporaryFolder { try await body(WholeRegistry(folder: $0)) }
}

/// The kind of error that `body` throws; `nil` when it throws none.
func clientErrorCode(of body: () async throws -> Void) async throws -> MartletClientError.Code? {
    do {
        try await body()
        return nil
    } catch let error as MartletClientError {
        return error.code
    }
}
