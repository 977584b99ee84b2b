import Glibc
import MartletCore
import MartletJSON
import NIOCore

/// A ledger in a file (`martlet-ledger/1`): one line of JSON that says whose it is, one for each entry with its exact
/// bytes, then one for each checkpoint.
public struct LedgerFile: Sendable {
    /// The only format that there is.
    public static let format = "martlet-ledger/1"
    private static let lineBytesMax = 64 * 1_024 * 1_024

    /// Where it is.
    public let path: String
    /// The name of the ledger.
    public let origin: String
    /// The key that the file claims to be signed with. Whoever can change the file can change this.
    public let publicKey: String
    /// The signed notes in the file.
    public let checkpoints: [String]

    /// Reads the file once, for everything but its entries.
    public init(path: String) async throws(MartletClientError) {
        self = try await translatingErrors { try await blocking { try LedgerFile(reading: path) } }
    }

    /// Reads all entries and checks them.
    ///
    /// - Parameters:
    ///   - publicKey: The ledger's, from somebody you trust.
    ///   - checkpoints: More signed notes, as from an earlier time.
    public func verify(
        publicKey: String,
        checkpoints: [String] = []
    ) async throws(MartletClientError) -> LedgerReport {
        try await translatingErrors {
            try await blocking {
                let notes = self.checkpoints + checkpoints
                var verifier = try LedgerVerifier(publicKey: publicKey, checkpoints: notes, origin: self.origin)
                try Self.forEachLine(of: self.path) { number, line in
                    if number > 0, Self.checkpoint(line) == nil { verifier.add(line) }
                }
                return verifier.report()
            }
        }
    }

    private init(reading path: String) throws {
        var head: (origin: String, publicKey: String)?
        var checkpoints: [String] = []
        try Self.forEachLine(of: path) { number, line in
            if number == 0 {
                head = Self.head(line)
            } else if let note = Self.checkpoint(line) {
                checkpoints.append(note)
            }
        }
        guard let head else {
            throw MartletClientError(.invalidArgument, "'\(path)' is not a ledger in the format \(Self.format)")
        }
        self.path = path
        self.origin = head.origin
        self.publicKey = head.publicKey
        self.checkpoints = checkpoints
    }

    private static func head(_ line: [UInt8]) -> (origin: String, publicKey: String)? {
        // Why it is none makes no difference.
        guard let root = (try? JSONDocument(parsing: line, depthMax: 8))?.root,
            root["format"]?.string == self.format,
            let origin = root["origin"]?.string, let publicKey = root["publicKey"]?.string
        else { return nil }
        return (origin, publicKey)
    }

    /// Returns the note in a line of a checkpoint; `nil` for an entry.
    private static func checkpoint(_ line: [UInt8]) -> String? {
        // Entries are by far the most, and need not be parsed to be told apart.
        guard line.starts(with: Array(#"{"checkpoint""#.utf8)) else { return nil }
        return (try? JSONDocument(parsing: line, depthMax: 8))?.root["checkpoint"]?.string
    }

    private static func forEachLine(of path: String, _ body: (Int, [UInt8]) throws -> Void) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw MartletClientError.system("cannot open", path) }
        let file = LocalFile(descriptor: descriptor, path: path)
        var (line, number, offset): ([UInt8], Int, Int64) = ([], 0, 0)
        while true {
            let piece = try file.read(at: offset)
            guard piece.readableBytes > 0 else { break }
            offset += Int64(piece.readableBytes)
            var rest = piece.readableBytesView[...]
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                try body(number, line + rest[..<end])
                (line, number) = ([], number + 1)
                rest = rest[rest.index(after: end)...]
            }
            line += rest
            guard line.count <= self.lineBytesMax else {
                throw MartletClientError(.invalidArgument, "'\(path)' has a line that is too long")
            }
        }
        if !line.isEmpty { try body(number, line) }
    }
}

extension LedgerFile {
    /// The file's first line.
    public static func headLine(origin: String, publicKey: String) -> [UInt8] {
        CanonicalJSON.object([
            .init("format", .string(self.format)), .init("origin", .string(origin)),
            .init("publicKey", .string(publicKey)),
        ]).bytes
    }

    /// The line of a checkpoint.
    public static func checkpointLine(_ note: String) -> [UInt8] {
        CanonicalJSON.object([.init("checkpoint", .string(note))]).bytes
    }
}
