import FoundationEssentials
import MartletClient
import MartletTestSupport
import MartletWire
import Testing

@Suite("Pulling a version")
struct PullTests {
    private static let large = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
    private let reference = VersionReference(model: "a model/with @", version: "production")

    private func code(_ body: () async throws -> Void) async -> MartletClientError.Code? {
        do {
            try await body()
            return nil
        } catch { return (error as? MartletClientError)?.code }
    }

    @Test("all files arrive, in their folders, and nothing else is left behind")
    func wholeVersion() async throws {
        let files: [String: [UInt8]] = ["MLmodel": Array("flavors:".utf8), "data/w.bin": Self.large, "empty": []]
        try await FileServer(files).withClient { client in
            try await withTemporaryFolder { folder in
                let result = try await client.pull(self.reference, into: folder)
                #expect(result.filesWritten == 3)
                #expect(try contents(of: folder) == files)
                let again = try await client.pull(self.reference, into: folder)
                #expect((again.filesWritten, again.filesKept) == (0, 3))
            }
        }
    }

    @Test("a connection that breaks is taken up again where it broke")
    func brokenConnection() async throws {
        let server = FileServer(["w.bin": Self.large])
        server.change { $0.breaks = [1_500_000, 700_000] }
        try await server.withClient { client in
            try await withTemporaryFolder { folder in
                _ = try await client.pull(self.reference, into: folder)
                #expect(try contents(of: folder) == ["w.bin": Self.large])
            }
        }
        let ranges = server.now.ranges
        #expect(ranges.count == 3 && ranges[0] == nil && ranges[2] != nil, "\(ranges)")
    }

    @Test("a pull that was given up goes on where it was, and only then")
    func resumption() async throws {
        let server = FileServer(["w.bin": Self.large])
        server.change { $0.breaks = [2_000_000, 0, 0, 0, 0, 0] }
        try await server.withClient { client in
            try await withTemporaryFolder { folder in
                let failure = await self.code { _ = try await client.pull(self.reference, into: folder) }
                #expect(failure == .unreachable)
                let partial = try #require(try contents(of: folder).first)
                #expect(partial.key.hasSuffix(".martlet-partial"))
                server.change { ($0.breaks, $0.ranges) = ([], []) }
                _ = try await client.pull(self.reference, into: folder)
                #expect(try contents(of: folder) == ["w.bin": Self.large])
                // How much had come when the connection was cut is the network's choice.
                #expect(server.now.ranges == [partial.value.isEmpty ? nil : "bytes=\(partial.value.count)-"])
            }
        }
    }

    @Test("what was left behind and is wrong is fetched again, also from a server that sends no parts")
    func wrongRemainder() async throws {
        for answersRanges in [true, false] {
            let server = FileServer(["w.bin": Self.large])
            server.change { ($0.breaks, $0.answersRanges) = ([1_000_000, 0, 0, 0, 0, 0], answersRanges) }
            try await server.withClient { client in
                try await withTemporaryFolder { folder in
                    _ = await self.code { _ = try await client.pull(self.reference, into: folder) }
                    server.change { $0.breaks = [] }
                    let partial = try #require(try contents(of: folder).keys.first)
                    try Data(repeating: 7, count: 5_000).write(to: URL(filePath: "\(folder)/\(partial)"))
                    _ = try await client.pull(self.reference, into: folder)
                    #expect(try contents(of: folder) == ["w.bin": Self.large])
                }
            }
        }
    }

    @Test("bytes with another digest never get the file's name")
    func wrongBytes() async throws {
        let server = FileServer(["w.bin": [1, 2, 3]])
        let digest = FileServer.digest([1, 2, 4])
        server.change { $0.listed = [FileRecord(path: "w.bin", role: "other", size: 3, sha256: digest)] }
        try await server.withClient { client in
            try await withTemporaryFolder { folder in
                let failure = await self.code { _ = try await client.pull(self.reference, into: folder) }
                #expect(failure == .integrity)
                let left = try contents(of: folder)
                #expect(left.isEmpty)
            }
        }
    }

    @Test("the list of files must be that of the manifest, and the manifest that of the digest")
    func manifest() async throws {
        let server = FileServer(["w.bin": [1]])
        let entry = #"{"path":"w.bin","role":"other","sha256":"\#(FileServer.digest([1]))","size":1}"#
        let right = Array(#"{"files":[\#(entry)]}"#.utf8)
        let other = Array(#"{"files":[\#(entry.replacing("w.bin", with: "v.bin"))]}"#.utf8)
        let digest = FileServer.digest(right)
        try await server.withClient { client in
            try await withTemporaryFolder { folder in
                let byDigest = VersionReference(model: "iris", version: "sha256:\(digest)")
                server.change { $0.manifest = (right, digest) }
                _ = try await client.pull(byDigest, into: folder)
                server.change { $0.manifest = (other, digest) }
                #expect(await self.code { _ = try await client.pull(byDigest, into: folder) } == .integrity)
                server.change { $0.manifest = (other, FileServer.digest(other)) }
                #expect(await self.code { _ = try await client.pull(byDigest, into: folder) } == .integrity)
                #expect(await self.code { _ = try await client.pull(self.reference, into: folder) } == .integrity)
            }
        }
    }

    @Test("more bytes than were announced are refused")
    func tooManyBytes() async throws {
        let server = FileServer(["w.bin": [1, 2, 3, 4]])
        let digest = FileServer.digest([1, 2, 3])
        server.change { $0.listed = [FileRecord(path: "w.bin", role: "other", size: 3, sha256: digest)] }
        try await server.withClient { client in
            try await withTemporaryFolder { folder in
                let failure = await self.code { _ = try await client.pull(self.reference, into: folder) }
                #expect(failure == .integrity)
            }
        }
    }

    @Test(
        "a server cannot make a pull write outside of its folder",
        arguments: ["../escaped", "/tmp/escaped", "a/../../escaped", "link/escaped", "a\\b"]
    )
    func escapes(path: String) async throws {
        let server = FileServer(["x": [1]])
        let record = FileRecord(path: path, role: "other", size: 1, sha256: FileServer.digest([1]))
        server.change { $0.listed = [record] }
        try await server.withClient { client in
            try await withTemporaryFolder { outside in
                let folder = outside + "/target"
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                try FileManager.default.createSymbolicLink(atPath: "\(folder)/link", withDestinationPath: outside)
                let failure = await self.code { _ = try await client.pull(self.reference, into: folder) }
                #expect(failure == .unsafePath)
                #expect(!FileManager.default.fileExists(atPath: "\(outside)/escaped"))
            }
        }
    }

    @Test("a file that is a link is replaced itself, and what it leads to stays")
    func linkInPlaceOfFile() async throws {
        try await FileServer(["w.bin": [1]]).withClient { client in
            try await withTemporaryFolder { outside in
                let folder = outside + "/target"
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                try Data([9]).write(to: URL(filePath: "\(outside)/secret"))
                try FileManager.default.createSymbolicLink(atPath: "\(folder)/w.bin", withDestinationPath: "../secret")
                let failure = await self.code { _ = try await client.pull(self.reference, into: folder) }
                #expect(failure == .wouldOverwrite)
                _ = try await client.pull(self.reference, into: folder, overwriting: true)
                #expect(try Data(contentsOf: URL(filePath: "\(outside)/secret")) == Data([9]))
                #expect(try Data(contentsOf: URL(filePath: "\(folder)/w.bin")) == Data([1]))
            }
        }
    }

    @Test("a list with a file twice, or with a file that is a folder, is refused")
    func impossibleLists() async throws {
        for paths in [["a", "a"], ["a", "a/b"]] {
            let server = FileServer()
            let digest = FileServer.digest([])
            let records = paths.map { FileRecord(path: $0, role: "other", size: 0, sha256: digest) }
            server.change { $0.listed = records }
            try await server.withClient { client in
                try await withTemporaryFolder { folder in
                    let failure = await self.code { _ = try await client.pull(self.reference, into: folder) }
                    #expect(failure == .unsafePath)
                }
            }
        }
    }

    @Test("files with other bytes are kept unless told otherwise, and nothing is written before that is known")
    func overwriting() async throws {
        try await FileServer(["a": [1], "b": [2, 2]]).withClient { client in
            try await withTemporaryFolder { folder in
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                try Data([9, 9]).write(to: URL(filePath: "\(folder)/b"))
                let failure = await self.code { _ = try await client.pull(self.reference, into: folder) }
                #expect(failure == .wouldOverwrite)
                #expect(try contents(of: folder) == ["b": [9, 9]])
                _ = try await client.pull(self.reference, into: folder, overwriting: true)
                #expect(try contents(of: folder) == ["a": [1], "b": [2, 2]])
            }
        }
    }

    @Test("where nobody answers, the error says so")
    func unreachable() async throws {
        try await withMartletClient(url: "http://127.0.0.1:1") { client in
            #expect(await self.code { _ = try await client.models() } == .unreachable)
        }
    }
}

/// All files below a folder, by their paths.
func contents(of folder: String) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for path in (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? [] {
        var isFolder: Bool = false
        _ = FileManager.default.fileExists(atPath: "\(folder)/\(path)", isDirectory: &isFolder)
        if !isFolder { files[path] = Array(try Data(contentsOf: URL(filePath: "\(folder)/\(path)"))) }
    }
    return files
}
