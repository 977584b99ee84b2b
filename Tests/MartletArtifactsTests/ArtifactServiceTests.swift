import FoundationEssentials
import MartletArtifacts
import MartletBlobs
import MartletCore
import MartletSQL
import MartletTestSupport
import NIOCore
import Testing

@Suite("Artifacts")
struct ArtifactServiceTests {
    @Test("a file is found under its name, with its size and digest")
    func putAndGet() async throws {
        try await ArtifactWorld.with { world in
            try await world.put("hello", at: "run/model/MLmodel")
            let path = try ArtifactPath(validating: "run/model/MLmodel")
            let artifact = try await world.artifacts.artifact(at: path, in: .mlflow)
            #expect(artifact.size == 5)
            #expect("\(artifact.digest)" == "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")
            #expect(artifact.updatedAt == world.clock.now)
            #expect(try await world.text(at: "run/model/MLmodel") == "hello")
        }
    }

    @Test("names that differ only in how they compose a letter are different names")
    func unicodeNormalization() async throws {
        try await ArtifactWorld.with { world in
            try await world.put("one", at: "caf\u{E9}")
            try await world.put("two", at: "cafe\u{301}")
            #expect(try await world.text(at: "caf\u{E9}") == "one")
            #expect(try await world.text(at: "cafe\u{301}") == "two")
        }
    }

    @Test("equal bytes are stored once, whatever they are called")
    func deduplication() async throws {
        try await ArtifactWorld.with { world in
            for name in ["a/x", "b/y", "c"] { try await world.put("same", at: name) }
            #expect(try await world.count("blob") == 1)
            #expect(try await world.count("artifact") == 3)
            #expect(try await world.store.list(after: nil).count == 1)
        }
    }

    @Test("a second file under a name replaces the first, whose bytes then wait for the collector")
    func overwriting() async throws {
        try await ArtifactWorld.with { world in
            try await world.put("first", at: "a/x")
            let first = try await world.artifacts.artifact(at: try ArtifactPath(validating: "a/x"), in: .mlflow).digest
            try await world.put("second", at: "a/x")
            #expect(try await world.text(at: "a/x") == "second")
            #expect(try await world.condemned() == [first])
            try await world.put("first", at: "a/y")
            #expect(try await world.condemned() == [])
        }
    }

    @Test("putting the same bytes again under the same name condemns nothing")
    func overwritingWithTheSame() async throws {
        try await ArtifactWorld.with { world in
            for _ in 0..<2 { try await world.put("same", at: "a") }
            #expect(try await world.condemned() == [])
        }
    }

    @Test("a name is that of a file or of a folder, never both")
    func filesAndFolders() async throws {
        try await ArtifactWorld.with { world in
            try await world.put("x", at: "a/b/c")
            for path in ["a", "a/b", "a/b/c/d", "a/b/c/d/e"] {
                #expect(try await errorCode { try await world.put("y", at: path) } == .invalidArgument)
            }
            #expect(try await errorCode { _ = try await world.text(at: "a/b") } == .invalidArgument)
            #expect(try await errorCode { _ = try await world.text(at: "a/x") } == .notFound)
            try await world.put("z", at: "a/b.c")
            try await world.put("z", at: "a/b0")
            #expect(try await world.list("a") == ["b/", "b.c=1", "b0=1"])
        }
    }

    @Test("a name that cannot be is refused before any byte is received", arguments: ["a/b", "a/b/c/d"])
    func earlyRefusal(path: String) async throws {
        try await ArtifactWorld.with { world in
            try await world.put("x", at: "a/b/c")
            let before = try await world.store.list(after: nil)
            let pieces = Pieces(pieces: [ByteBuffer(string: "y")], breaksOff: true)
            let file = IncomingFile(pieces, announcedSize: nil, sizeMax: nil)
            do {
                try await world.artifacts.put(file, at: try ArtifactPath(validating: path), in: .mlflow)
                Issue.record("'\(path)' was accepted")
            } catch let error as MartletError {
                #expect(error.message.contains("Artifact path"))
            }
            #expect(try await world.store.list(after: nil) == before)
        }
    }

    @Test("a folder goes with all that is below it, and with nothing else")
    func deletion() async throws {
        try await ArtifactWorld.with { world in
            for path in ["a/b/c", "a/b/d/e", "a/b.txt", "a/b0", "a/bc/d"] { try await world.put(path, at: path) }
            try await world.put("a/b/c", at: "copy")
            try await world.delete("a/b")
            #expect(try await world.list("a") == ["b.txt=7", "b0=4", "bc/"])
            #expect(try await world.condemned().count == 1)
            try await world.delete("a/bc/d")
            try await world.delete("a/nothing")
            #expect(try await world.list("a") == ["b.txt=7", "b0=4"])
        }
    }

    @Test("everything below a folder is listed in the order of its paths")
    func tree() async throws {
        try await ArtifactWorld.with { world in
            for path in ["m/b", "m/a/z", "m/a.txt", "m0", "l"] { try await world.put(path, at: path) }
            let tree = try await world.artifacts.tree(under: try ArtifactPath(validating: "m"), in: .mlflow)
            #expect(tree.map(\.path.text) == ["m/a.txt", "m/a/z", "m/b"])
            #expect(tree.map(\.size) == [7, 5, 3])
        }
    }

    @Test(
        "a file that breaks off, or is not as long as announced, or too long, leaves nothing",
        arguments: [(true, nil, nil), (false, 7, nil), (false, 5, nil), (false, nil, 5), (false, 6, 5)]
            as [(Bool, Int64?, Int64?)]
    )
    func incompleteFiles(breaksOff: Bool, announced: Int64?, sizeMax: Int64?) async throws {
        try await ArtifactWorld.with { world in
            let pieces = Pieces(pieces: [ByteBuffer(string: "abc"), ByteBuffer(string: "def")], breaksOff: breaksOff)
            let file = IncomingFile(pieces, announcedSize: announced, sizeMax: sizeMax)
            let code = try await errorCode {
                try await world.artifacts.put(file, at: try ArtifactPath(validating: "a"), in: .mlflow)
            }
            #expect(code == (sizeMax == nil ? .invalidArgument : .limitExceeded))
            #expect(try await world.list(nil) == [])
            #expect(try world.stagedNames() == [])
            #expect(try await world.store.list(after: nil) == [])
        }
    }

    @Test("a file whose request was cancelled leaves nothing, though its body ended as if it were complete")
    func cancellation() async throws {
        try await ArtifactWorld.with { world in
            let putting = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                try await world.put("abc", at: "a")
            }
            let code = try await errorCode { try await putting.value }
            #expect(code == .invalidArgument)
            #expect(try await world.list(nil) == [])
            #expect(try world.stagedNames() == [])
        }
    }
}
