import AsyncHTTPClient
import Crypto
import MartletCore
import MartletWire
import NIOCore
import NIOHTTP1

/// Brings one file of a version into a folder: resumes what an earlier attempt has left, and names the file only when
/// its bytes are what they should be.
struct FileDownload: Sendable {
    /// Attempts in a row that may fail without bringing a single byte.
    private static let fruitlessAttemptsMax = 4

    let server: ServerConnection
    let version: VersionReference
    let record: FileRecord
    let path: SafePath
    let counter: ProgressCounter

    func run(into root: LocalFolder) async throws {
        let (folder, file) = try await blocking {
            guard let folder = try root.parent(of: self.path, making: true) else {
                throw MartletClientError(.fileSystem, "the folder of '\(self.path)' was removed")
            }
            return (folder, try folder.exclusiveFile(self.partialName))
        }
        var incoming = IncomingFile(file: file, size: self.record.size)
        try await incoming.resume()
        let wasResumed = incoming.offset > 0
        self.counter.add(bytes: Int(incoming.offset))
        try await self.complete(&incoming)
        if incoming.digest != self.record.sha256, wasResumed {
            // What was there need not be ours.
            try await self.restart(&incoming)
            try await self.complete(&incoming)
        }
        guard incoming.digest == self.record.sha256 else {
            try await blocking { try folder.remove(self.partialName) }
            throw MartletClientError(.integrity, "the server sent wrong bytes for '\(self.path)'")
        }
        try await blocking {
            try file.synchronize()
            try folder.rename(self.partialName, to: self.path.name)
        }
        self.counter.addFile()
    }

    /// The same for the same bytes at the same path, so that a later pull finds it.
    private var partialName: String {
        let digest = SHA256.hash(data: Array("\(self.path)\n\(self.record.sha256)".utf8))
        return ".\(Hexadecimal.string(Array(digest.prefix(8))))\(SafePath.partialSuffix)"
    }

    private func complete(_ incoming: inout IncomingFile) async throws {
        var fruitlessAttempts = 0
        while !incoming.isComplete {
            let offset = incoming.offset
            do {
                try await self.receive(&incoming)
            } catch {
                let error = MartletClientError(error)
                fruitlessAttempts = incoming.offset > offset ? 0 : fruitlessAttempts + 1
                guard error.code == .unreachable, fruitlessAttempts < Self.fruitlessAttemptsMax else { throw error }
                try await Task.sleep(for: .milliseconds(250 << fruitlessAttempts))
            }
        }
    }

    private func receive(_ incoming: inout IncomingFile) async throws {
        var call = ServerCall.file(self.record.path, of: self.version)
        if incoming.offset > 0 { call = call.saying("Range", "bytes=\(incoming.offset)-") }
        let answer = try await self.server.send(call)
        if incoming.offset > 0, answer.status != .partialContent { try await self.restart(&incoming) }
        do {
            for try await piece in answer.body {
                try await incoming.append(piece)
                self.counter.add(bytes: piece.readableBytes)
            }
        } catch {
            // What has come is kept for the next attempt.
            try await incoming.flush()
            throw error
        }
        try await incoming.flush()
        guard incoming.isComplete else {
            throw MartletClientError(.unreachable, "the server stopped in the middle of '\(self.path)'")
        }
    }

    private func restart(_ incoming: inout IncomingFile) async throws {
        self.counter.add(bytes: -Int(incoming.offset))
        try await incoming.restart()
    }
}
