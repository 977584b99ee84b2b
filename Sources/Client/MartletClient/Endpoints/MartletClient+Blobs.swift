import AsyncHTTPClient
public import MartletWire
import NIOCore
import NIOHTTP1

extension MartletClient {
    /// Lists all files of a version, in the order of their paths' bytes.
    public func files(of reference: VersionReference) async throws(MartletClientError) -> FileList {
        try await translatingErrors { try await self.server.read(.version(.get, reference, "files")) }
    }

    /// Reads a file of a version piece by piece. Nothing is checked: ``pull(_:into:overwriting:progress:)`` does that.
    ///
    /// - Parameters:
    ///   - path: The file's path within the version.
    ///   - reference: The version.
    ///   - range: Which of its bytes; all of them where absent.
    ///   - consume: Called with one piece after the other.
    public func readFile(
        _ path: String,
        of reference: VersionReference,
        range: Range<Int64>? = nil,
        _ consume: ([UInt8]) async throws -> Void
    ) async throws {
        // The header has no spelling for nothing.
        if let range, range.isEmpty { return }
        let bounds = range.map { "bytes=\($0.lowerBound)-\($0.upperBound - 1)" }
        let answer = try await translatingErrors {
            try await self.server.send(.file(path, of: reference).saying("Range", bounds))
        }
        if range != nil, answer.status != .partialContent {
            throw MartletClientError(.unexpectedAnswer, "the server does not send parts of files")
        }
        var pieces = answer.body.makeAsyncIterator()
        while let piece = try await translatingErrors({ try await pieces.next() }) {
            try await consume(Array(piece.readableBytesView))
        }
    }

    /// Whether the server has a file's bytes already.
    ///
    /// - Parameter digest: Their SHA-256 in hexadecimal.
    public func hasBlob(_ digest: String) async throws(MartletClientError) -> Bool {
        try await translatingErrors {
            let answer = try await self.server.answer(to: ServerCall(.head, ["blobs", digest]))
            switch answer.status.code {
            case 200..<300: return true
            case 404: return false
            default: throw await ServerConnection.error(from: answer)
            }
        }
    }

    /// Sends a file's bytes, to be registered later. A repetition changes nothing.
    ///
    /// - Parameters:
    ///   - path: A file on this machine.
    ///   - digest: Its SHA-256 in hexadecimal; the server refuses other bytes.
    public func sendBlob(fileAt path: String, digest: String) async throws(MartletClientError) {
        try await translatingErrors {
            let file = try await LocalFile.open(path)
            try await self.sendBlob(FileChunks(file: file, size: try await file.size()), digest: digest)
        }
    }

    func sendBlob(_ chunks: FileChunks, digest: String) async throws {
        var call = ServerCall(.put, ["blobs", digest])
        call.body = .file(chunks)
        try await self.server.perform(call)
    }
}

extension ServerCall {
    /// Asks for a file of a version.
    static func file(_ path: String, of reference: VersionReference) -> ServerCall {
        var call = ServerCall.version(.get, reference, "files")
        call.path += path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        return call
    }
}
