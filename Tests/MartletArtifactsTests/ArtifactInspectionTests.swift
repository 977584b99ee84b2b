import FoundationEssentials
import MartletArtifacts
import MartletBlobs
import MartletCore
import MartletSQL
import NIOCore
import Testing

@Suite("Inspecting artifacts")
struct ArtifactInspectionTests {
    @Test("all is well where nothing happened", arguments: [ArtifactInspection.Depth.sizes, .contents])
    func health(depth: ArtifactInspection.Depth) async throws {
        try await ArtifactWorld.with { world in
            for number in 0..<300 { try await world.put("content \(number)", at: "run/\(number)") }
            let (intact, findings) = try await world.inspect(depth)
            #expect(intact == 300)
            #expect(findings.isEmpty)
        }
    }

    @Test("a flipped byte is found by reading it")
    func flippedByte() async throws {
        try await ArtifactWorld.with { world in
            let blob = try await world.stored("hello", at: "a")
            try Data("hellp".utf8).write(to: URL(filePath: world.storedPath(of: blob.digest)))
            #expect(try await world.inspect(.sizes).findings.isEmpty)
            let (intact, findings) = try await world.inspect(.contents)
            #expect(intact == 0)
            #expect(findings == [.damaged(blob)])
            #expect(!ArtifactFinding.damaged(blob).isHarmless)
        }
    }

    @Test("missing and shortened files are found without reading")
    func missingFile() async throws {
        try await ArtifactWorld.with { world in
            let missing = try await world.stored("one", at: "a")
            let short = try await world.stored("two", at: "b")
            try await world.put("three", at: "c")
            try await world.store.delete(missing.digest)
            try Data().write(to: URL(filePath: world.storedPath(of: short.digest)))
            let (intact, findings) = try await world.inspect(.sizes)
            #expect(intact == 1)
            #expect(findings == [.missing(missing), .wrongSize(short, found: 0)])
            #expect(findings.allSatisfy { !$0.isHarmless })
        }
    }

    @Test("what a crash leaves behind is found and is harmless")
    func leftovers() async throws {
        try await ArtifactWorld.with { world in
            try await world.put("named", at: "a")
            let upload = try await world.store.beginUpload()
            try await upload.append(ByteBuffer(string: "unnamed"))
            let unnamed = try await upload.commit()
            let other = try await world.store.beginUpload()
            let part = try await other.stage()
            let (intact, findings) = try await world.inspect(.contents)
            #expect(intact == 1)
            #expect(findings == [.unnamed(unnamed), .leftover(part.id)])
            #expect(findings.allSatisfy { $0.isHarmless })
        }
    }

    @Test("a blob that nobody names may be missing: a copy of a folder that was made meanwhile")
    func missingCondemnedFile() async throws {
        try await ArtifactWorld.with { world in
            let blob = try await world.stored("one", at: "a")
            try await world.delete("a")
            #expect(try await world.inspect(.contents).intact == 1)
            try await world.store.delete(blob.digest)
            let (intact, findings) = try await world.inspect(.contents)
            #expect(intact == 0)
            #expect(findings.isEmpty)
        }
    }

    @Test("an open upload whose part is gone is found")
    func missingPart() async throws {
        try await ArtifactWorld.with { world in
            let path = try ArtifactPath(validating: "a")
            let id = try await world.uploads.create(at: path, in: .mlflow, partCount: 1)
            _ = try await world.uploads.put(.text("x"), asPart: 1, of: id)
            #expect(try await world.inspect(.contents).findings.isEmpty)
            let staged = try await world.store.listStaged()
            try await world.store.removeStaged(staged)
            #expect(try await world.inspect(.contents).findings == Set(staged.map { .missingPart($0) }))
        }
    }
}

extension ArtifactWorld {
    fileprivate func inspect(
        _ depth: ArtifactInspection.Depth
    ) async throws -> (intact: Int, findings: Set<ArtifactFinding>) {
        var findings: Set<ArtifactFinding> = []
        let inspection = ArtifactInspection(database: self.database, blobs: self.store)
        let intact = try await inspection.run(depth) { findings.insert($0) }
        return (intact, findings)
    }

    /// Puts a file and returns what it is stored as.
    fileprivate func stored(_ text: String, at path: String) async throws -> StoredBlob {
        try await self.put(text, at: path)
        let artifact = try await self.artifacts.artifact(at: try ArtifactPath(validating: path), in: .mlflow)
        return StoredBlob(digest: artifact.digest, size: artifact.size)
    }
}
