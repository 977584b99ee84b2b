import Glibc
import Logging
import MartletClient
import MartletCore
import MartletServer

/// A data folder that a command opens itself: it serves the folder to itself alone, on a socket that nobody else sees.
struct LocalData {
    /// The longest path that a Unix socket can have, without the byte that ends it.
    private static let socketPathBytesMax = 107

    let path: String
    let makesData: Bool

    /// Serves the folder while `body` runs.
    func withServer<Value: Sendable>(_ body: (String) async throws -> Value) async throws -> Value {
        guard self.makesData || DataFolder.isPresent(at: self.path) else {
            throw MartletClientError(.notFound, "there is no Martlet data in '\(self.path)'")
        }
        let folder = try Self.makePrivateFolder()
        let socket = "\(folder)/socket"
        defer {
            unlink(socket)
            rmdir(folder)
        }
        return try await self.server.serve(onSocket: socket) {
            try await body("http+unix://\(PercentEncoding.encode(socket))")
        }
    }

    private var server: MartletServer {
        var logger = Logger(label: "martlet") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .error
        return MartletServer(
            settings: ServerSettings(dataPath: self.path, logLevel: .error, allowedHosts: ["*"]),
            logger: logger
        )
    }

    /// Makes a folder for the socket that only this user can enter.
    private static func makePrivateFolder() throws -> String {
        let variable = getenv("TMPDIR").map { String(cString: $0) }
        let parents = [variable, "/tmp"].compactMap { $0 }.filter { !$0.isEmpty }
        for parent in parents where parent.utf8.count + 24 <= self.socketPathBytesMax {
            var template = Array("\(parent)/martlet-XXXXXX".utf8CString)
            // Only its owner may do anything in it.
            if let path = mkdtemp(&template) { return String(cString: path) }
        }
        throw MartletError(.unavailable, "cannot make a temporary folder: \(String(cString: strerror(errno)))")
    }

    /// The same for all ways to write a path to the folder.
    static func absolutePath(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
