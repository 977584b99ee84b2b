import FoundationEssentials
import Glibc
import MartletClient
import MartletCore

/// What was seen of a ledger at the last visit: without it, entries could be cut off at the end and nobody would know.
struct RememberedLedger: Codable, Sendable {
    /// The ledger's public key.
    var publicKey: String
    /// The last signed note.
    var checkpoint: String

    /// Returns what is remembered of a registry; `nil` when it was never visited.
    static func load(_ registry: String) throws -> RememberedLedger? {
        let path = self.path(registry)
        guard access(path, F_OK) == 0 else { return nil }
        let text = try TextFile.read(path)
        do {
            return try JSONDecoder().decode(RememberedLedger.self, from: Data(text.utf8))
        } catch {
            throw MartletClientError(
                .fileSystem,
                "what was remembered of the ledger cannot be read; if you know why, remove '\(path)'"
            )
        }
    }

    func save(_ registry: String) throws {
        try FileManager.default.createDirectory(
            atPath: Self.folder,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        try TextFile.write(try OutputOptions.text(self) + "\n", to: Self.path(registry))
    }

    static func path(_ registry: String) -> String {
        let name = String(registry.prefix { $0 != "?" && $0 != "#" }.trimmingSlashes)
        return "\(self.folder)/\(PercentEncoding.encode(name).suffix(200)).json"
    }

    /// As the XDG Base Directory Specification has it.
    private static var folder: String {
        let environment = ProcessInfo.processInfo.environment
        if let folder = environment["XDG_CONFIG_HOME"], folder.hasPrefix("/") { return "\(folder)/martlet/ledgers" }
        return "\(environment["HOME"] ?? "")/.config/martlet/ledgers"
    }
}

extension StringProtocol {
    fileprivate var trimmingSlashes: SubSequence {
        guard let last = self.lastIndex(where: { $0 != "/" }) else { return self[self.startIndex..<self.startIndex] }
        return self[...last]
    }
}
