import FoundationEssentials
import MartletArtifacts
import MartletBlobs
import MartletCore
import MartletSQL
import MartletTestSupport
import NIOCore
import Testing

@Suite("Uploads in parts")
struct MultipartUploadTests {
    private static let path = "run/model.bin"

    @Test("parts that arrive in any order become one file, and nothing is visible before")
    func completion() async throws {
        try await ArtifactWorld.with { world in
            let id = try await world.create(3)
            var parts: [MultipartUploadPart] = []
            for (number, text) in [(3, "ghi"), (1, "abc"), (2, "def")] {
                parts.append(try await world.put(text, asPart: number, of: id))
            }
            #expect(try await world.list("run") == [])
            try await world.complete(id, parts)
            #expect(try await world.text(at: Self.path) == "abcdefghi")
            #expect(try world.stagedNames() == [])
        }
    }

    @Test("completing an upload again says that it is completed, whatever became of the file, and changes nothing")
    func repeatedCompletion() async throws {
        try await ArtifactWorld.with { world in
            let id = try await world.create(2)
            let parts = [try await world.put("a", asPart: 1, of: id), try await world.put("b", asPart: 2, of: id)]
            try await world.complete(id, parts)
            try await world.complete(id, parts.reversed())
            #expect(try await world.text(at: Self.path) == "ab")
            #expect(try await errorCode { try await world.complete(id, [parts[0]]) } == .invalidArgument)
            try await world.delete(Self.path)
            try await world.complete(id, parts)
            #expect(try await world.list("run") == [])
            #expect(try await world.inspectedFindings().isEmpty)
        }
    }

    @Test("a completed upload takes no parts, cannot be given up, and is forgotten after a while")
    func afterCompletion() async throws {
        try await ArtifactWorld.with { world in
            let id = try await world.create(1)
            let part = try await world.put("a", asPart: 1, of: id)
            try await world.complete(id, [part])
            let path = try ArtifactPath(validating: Self.path)
            #expect(try await errorCode { _ = try await world.put("b", asPart: 1, of: id) } == .conflict)
            #expect(try await errorCode { try await world.uploads.abort(id, at: path, in: .mlflow) } == .notFound)
            #expect(try world.stagedNames() == [])
            world.clock.advance(days: 6)
            try await world.uploads.forgetOld()
            try await world.complete(id, [part])
            world.clock.advance(days: 2)
            try await world.uploads.forgetOld()
            #expect(try await errorCode { try await world.complete(id, [part]) } == .notFound)
            #expect(try await world.count("upload") == 0)
            #expect(try await world.count("upload_part") == 0)
            #expect(try await world.text(at: Self.path) == "a")
        }
    }

    @Test("a name that cannot be is refused before any part is received, and before parts are put together")
    func refusedNames() async throws {
        try await ArtifactWorld.with { world in
            let id = try await world.create(1)
            let part = try await world.put("a", asPart: 1, of: id)
            try await world.put("x", at: "run/model.bin/x")
            let files = try await world.store.list(after: nil)
            #expect(try await errorCode { try await world.complete(id, [part]) } == .invalidArgument)
            #expect(try await errorCode { _ = try await world.create(1) } == .invalidArgument)
            #expect(try await world.store.list(after: nil) == files)
        }
    }

    @Test("a part that arrives twice counts once, with its last content")
    func replacedPart() async throws {
        try await ArtifactWorld.with { world in
            let id = try await world.create(1)
            let first = try await world.put("first", asPart: 1, of: id)
            let second = try await world.put("second", asPart: 1, of: id)
            #expect(try world.stagedNames().count == 1)
            #expect(try await errorCode { try await world.complete(id, [first]) } == .invalidArgument)
            try await world.complete(id, [second])
            #expect(try await world.text(at: Self.path) == "second")
        }
    }

    @Test("a list of parts that is not what has arrived is refused, and the upload goes on")
    func wrongLists() async throws {
        try await ArtifactWorld.with { world in
            let id = try await world.create(2)
            let first = try await world.put("a", asPart: 1, of: id)
            #expect(try await errorCode { try await world.complete(id, [first]) } == .invalidArgument)
            let second = try await world.put("b", asPart: 2, of: id)
            let swapped = [first, second].map { MultipartUploadPart(number: 3 - $0.number, tag: $0.tag) }
            for list in [[], [first], [first, first], [first, second, second], swapped] {
                #expect(try await errorCode { try await world.complete(id, list) } == .invalidArgument)
            }
            try await world.complete(id, [second, first])
            #expect(try await world.text(at: Self.path) == "ab")
        }
    }

    @Test("there are as many parts as were announced", arguments: [-1, 0, 3])
    func partNumbers(number: Int) async throws {
        try await ArtifactWorld.with { world in
            let id = try await world.create(2)
            #expect(try await errorCode { _ = try await world.put("x", asPart: number, of: id) } == .invalidArgument)
            #expect(try world.stagedNames() == [])
        }
    }

    @Test("an upload has a sensible number of parts", arguments: [-1, 0, 10_001])
    func partCounts(count: Int) async throws {
        try await ArtifactWorld.with { world in
            let code = try await errorCode { _ = try await world.create(count) }
            #expect(code == .invalidArgument)
        }
    }

    @Test("an upload that was given up leaves nothing and takes nothing more")
    func abortion() async throws {
        try await ArtifactWorld.with { world in
            let id = try await world.create(2)
            _ = try await world.put("a", asPart: 1, of: id)
            try await world.uploads.abort(id, at: try ArtifactPath(validating: Self.path), in: .mlflow)
            #expect(try world.stagedNames() == [])
            #expect(try await world.count("upload_part") == 0)
            #expect(try await errorCode { _ = try await world.put("b", asPart: 2, of: id) } == .notFound)
        }
    }

    @Test("an upload is that of one path and can be completed and given up under no other")
    func otherPath() async throws {
        try await ArtifactWorld.with { world in
            let id = try await world.create(1)
            let part = try await world.put("a", asPart: 1, of: id)
            let other = try ArtifactPath(validating: "run/other.bin")
            #expect(
                try await errorCode { try await world.uploads.complete(id, at: other, in: .mlflow, [part]) }
                    == .notFound
            )
            #expect(try await errorCode { try await world.uploads.abort(id, at: other, in: .mlflow) } == .notFound)
        }
    }

    @Test("a part that breaks off leaves nothing")
    func brokenPart() async throws {
        try await ArtifactWorld.with { world in
            let id = try await world.create(1)
            let pieces = Pieces(pieces: [ByteBuffer(string: "abc")], breaksOff: true)
            let file = IncomingFile(pieces, announcedSize: nil, sizeMax: nil)
            #expect(
                try await errorCode { _ = try await world.uploads.put(file, asPart: 1, of: id) } == .invalidArgument
            )
            #expect(try world.stagedNames() == [])
        }
    }

    @Test("the sweep keeps the parts of open uploads and removes everything else that was being received")
    func sweeping() async throws {
        try await ArtifactWorld.with { world in
            let old = try await world.create(1)
            _ = try await world.put("old", asPart: 1, of: old)
            world.clock.advance(days: 8)
            let open = try await world.create(1)
            let part = try await world.put("open", asPart: 1, of: open)
            try Data([1]).write(to: URL(filePath: "\(world.path)/staging/0123456789abcdef0123456789abcdef"))
            try await world.uploads.forgetOld()
            #expect(try world.stagedNames().count == 2, "what may be arriving stays while the server runs")
            try await world.uploads.removeLeftovers()
            #expect(try world.stagedNames().count == 1)
            #expect(try await errorCode { _ = try await world.put("x", asPart: 1, of: old) } == .notFound)
            try await world.complete(open, [part])
            #expect(try await world.text(at: Self.path) == "open")
        }
    }

    @Test(
        "only what was given out names an upload",
        arguments: ["", "x", "../../etc", "0123456789ABCDEF0123456789ABCDEF"]
    )
    func identifiers(text: String) {
        #expect(throws: MartletError.self) { try MultipartUploadID(validating: text) }
    }
}

extension ArtifactWorld {
    fileprivate func inspectedFindings() async throws -> [ArtifactFinding] {
        var findings: [ArtifactFinding] = []
        _ = try await ArtifactInspection(database: self.database, blobs: self.store).run(.contents) {
            findings.append($0)
        }
        return findings
    }

    func create(_ partCount: Int) async throws -> MultipartUploadID {
        let path = try ArtifactPath(validating: "run/model.bin")
        return try await self.uploads.create(at: path, in: .mlflow, partCount: partCount)
    }

    func put(
        _ text: String,
        asPart number: Int,
        of id: MultipartUploadID
    ) async throws -> MultipartUploadPart {
        try await self.uploads.put(.text(text), asPart: number, of: id)
    }

    func complete(
        _ id: MultipartUploadID,
        _ parts: [MultipartUploadPart],
        by uploads: MultipartUploadService? = nil
    ) async throws {
        try await (uploads ?? self.uploads).complete(
            id,
            at: try ArtifactPath(validating: "run/model.bin"),
            in: .mlflow,
            parts
        )
    }
}
