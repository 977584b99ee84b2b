import MartletArtifacts
import MartletBlobs
import MartletCore
import MartletSQL
import MartletSQLite
import Testing

@Suite("Listing a folder")
struct ArtifactListingTests {
    @Test("files come with their sizes and folders once, in the order of the names' bytes")
    func order() async throws {
        try await ArtifactWorld.with { world in
            let paths = [
                "r/a/1", "r/a/2/x", "r/a.txt", "r/a b", "r/a0", "r/ab/x", "r/B", "r/z/y/x/w", "r/Z", "r/é",
                "r/e\u{301}/x", "r/日本",
                "r/😀/x", "r/%2F", "r/~",
            ]
            for path in paths { try await world.put("12345", at: path) }
            #expect(
                try await world.list("r") == [
                    "%2F=5", "B=5", "Z=5", "a/", "a b=5", "a.txt=5", "a0=5", "ab/", "e\u{301}/", "z/", "~=5", "é=5",
                    "日本=5",
                    "😀/",
                ]
            )
            #expect(try await world.list("r/a") == ["1=5", "2/"])
            #expect(try await world.list("r/e\u{301}") == ["x=5"])
            #expect(try await world.list("r/😀") == ["x=5"])
        }
    }

    @Test("the whole space is a folder, and neighbours with similar names are not in it")
    func neighbours() async throws {
        try await ArtifactWorld.with { world in
            for path in ["1/a", "10/b", "1.5", "1-x/c", "0"] { try await world.put("", at: path) }
            #expect(try await world.list(nil) == ["0=0", "1/", "1-x/", "1.5=0", "10/"])
            #expect(try await world.list("1") == ["a=0"])
        }
    }

    @Test("a file and nothing at all are empty folders")
    func emptiness() async throws {
        try await ArtifactWorld.with { world in
            try await world.put("x", at: "a/file")
            #expect(try await world.list("a/file") == [])
            #expect(try await world.list("b") == [])
        }
    }

    @Test("however much lies deeper, only children are listed")
    func depth() async throws {
        try await ArtifactWorld.with { world in
            try await world.put("x", at: "r/last")
            try await world.addEmptyFiles((0..<20_000).map { "r/folder\($0 % 4)/deep/\($0)" })
            #expect(try await world.list("r") == ["folder0/", "folder1/", "folder2/", "folder3/", "last=1"])
            #expect(try await world.list("r/folder0/deep").count == 5_000)
        }
    }
}

extension ArtifactWorld {
    /// Adds many names for nothing, without going through the store for each.
    func addEmptyFiles(_ paths: [String]) async throws {
        let upload = try await self.store.beginUpload()
        let blob = try await upload.commit()
        try await self.database.write { db throws(MartletError) in
            try db.execute("INSERT INTO blob (sha256, size, created_ms) VALUES (\(blob.digest), 0, 0)")
            var batch = SQLBatch(
                "INSERT INTO artifact (space, path, sha256, updated_ms) VALUES ('mlflow', ?, ?, 0)",
                columnCount: 2,
                rowCapacity: paths.count
            )
            for path in paths { batch.append(.text(path), blob.digest.sqlValue) }
            try db.execute(batch)
        }
    }
}
