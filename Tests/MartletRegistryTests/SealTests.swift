import Crypto
import MartletArtifacts
import MartletCapture
import MartletCore
import MartletJSON
import MartletLedger
import MartletRegistry
import MartletSearch
import MartletTestSupport
import Testing

@Suite("seals")
struct SealTests {
    @Test("a version's files are those that were there when it was registered, whatever is written later")
    func frozen() async throws {
        try await SealingWorld.with { world in
            try await world.put("one", at: "model.pkl")
            try await world.put("config", at: "sub/config.json")
            let version = try await world.register()
            try await world.put("two", at: "model.pkl")
            try await world.put("more", at: "later.txt")
            let files = try ArtifactPath(validating: "1/r1/artifacts")
            try await world.registry.artifacts.delete(files, in: .mlflow)
            #expect(try await world.text("model.pkl", of: version) == "one")
            #expect(try await world.text("sub/config.json", of: version) == "config")
            #expect(try await world.manifest(1).files.list.map(\.path) == ["model.pkl", "sub/config.json"])
            #expect(version.seal?.fileCount == 2)
            #expect(version.seal?.byteCount == 9)
        }
    }

    @Test("the digest is that of the manifest's bytes, and the ledger names it")
    func digest() async throws {
        try await SealingWorld.with { world in
            try await world.put("one", at: "model.pkl")
            let version = try await world.register()
            let text = try await world.registry.versions.manifest(.number(version.number), of: world.name)
            let digest = BlobDigest(SHA256.hash(data: Array(text.utf8)))
            #expect(version.seal?.digest == digest)
            #expect(try await world.registry.versions.version(digest).number == version.number)
            let entry = try #require(
                try await world.registry.history.history(of: world.name, version: .number(version.number), limit: 9)
                    .items.last
            )
            #expect(entry.action == .registerVersion)
            #expect(entry.text("digest") == digest.description)
            #expect(entry.actor == "ann")
            #expect(version.revision == entry.index)
        }
    }

    @Test("a manifest reads back as it was written")
    func roundTrip() async throws {
        var facts = SourceFacts()
        facts.hyperparameters = [Tag(key: "C", value: "1"), Tag(key: "é", value: "")]
        facts.datasets = [
            Manifest.Dataset(name: "d", digest: "x", sourceType: "local", source: "/d", context: "training")
        ]
        facts.code = Manifest.Code(repository: "r", commit: "c", isDirty: true)
        facts.metrics = [
            Manifest.Metric(name: "a", value: 0.1, step: 1 << 60, datasetName: "d", datasetDigest: "x"),
            Manifest.Metric(name: "b", value: .infinity, step: 0, datasetName: "", datasetDigest: ""),
        ]
        try await SealingWorld.with(facts: ["r1": facts]) { world in
            try await world.put("x", at: "model.pkl")
            try await world.register(tags: [Tag(key: "k", value: "v")])
            let manifest = try await world.manifest(1)
            #expect(manifest.hyperparameters == facts.hyperparameters)
            #expect(manifest.datasets == facts.datasets)
            #expect(manifest.code == facts.code)
            #expect(manifest.metrics == facts.metrics)
            #expect(manifest.tags == [Tag(key: "k", value: "v")])
            #expect(try Manifest(bytes: manifest.bytes) == manifest)
            #expect(manifest.captured == [.weights, .seal, .dataset, .code, .metric, .hyperparameters])
        }
    }

    @Test("the same files are one tree, however many versions have them")
    func sharedTree() async throws {
        try await SealingWorld.with { world in
            try await world.put("one", at: "model.pkl", of: "r1")
            try await world.put("one", at: "model.pkl", of: "r2")
            let first = try await world.register("r1")
            let second = try await world.register("r2")
            #expect(first.seal?.tree != nil)
            #expect(first.seal?.tree == second.seal?.tree)
            #expect(first.seal?.digest != second.seal?.digest)
        }
    }

    @Test("a source that is one file is sealed as that file")
    func singleFile() async throws {
        try await SealingWorld.with { world in
            try await world.put("one", at: "a b.pkl")
            let version = try await world.register(path: "/model/a b.pkl")
            #expect(version.artifactURI.hasSuffix("/a%20b.pkl"))
            let address = try #require(ArtifactAddress(uri: version.artifactURI))
            #expect(try await world.registry.artifacts.artifact(at: address.path, in: address.space).size == 3)
        }
    }

    @Test("a version without files here says so, and is found where its source says")
    func unsealed() async throws {
        try await SealingWorld.with { world in
            let empty = try await world.register()
            #expect(empty.seal?.tree == nil)
            #expect(empty.seal?.unsealedReason == "there were no files at its source when it was registered")
            #expect(empty.artifactURI == "runs:/r1/model")
            let new = NewModelVersion(name: world.name, source: "s3://bucket/x")
            let elsewhere = try await world.registry.versions.create(new, by: .tester)
            #expect(elsewhere.seal?.unsealedReason == "its source lies outside of this server")
            #expect(elsewhere.seal?.digest != nil)
        }
    }

    @Test("a version that was registered before its files were there can be sealed once they are, and only once")
    func lateSeal() async throws {
        try await SealingWorld.with { world in
            let empty = try await world.register()
            let selector = VersionSelector.number(empty.number)
            func seal() async throws -> ModelVersion {
                try await world.registry.versions.seal(selector, of: world.name, by: .tester)
            }
            #expect(try await errorCode { _ = try await seal() } == .conflict)
            try await world.put("one", at: "model.pkl")
            let sealed = try await seal()
            #expect(try await world.text("model.pkl", of: sealed) == "one")
            #expect(sealed.seal?.digest != empty.seal?.digest)
            #expect(sealed.semanticVersion == empty.semanticVersion)
            let entry = try await world.registry.history.history(of: world.name, limit: 1).items[0]
            #expect(entry.action == .sealVersion)
            #expect(entry.text("previousDigest") == empty.seal?.digest.description)
            #expect(try await errorCode { _ = try await seal() } == .conflict)
        }
    }

    @Test("a copy of a sealed version is sealed with the same tree")
    func copy() async throws {
        try await SealingWorld.with { world in
            try await world.put("one", at: "model.pkl")
            let original = try await world.register()
            let copyName = try await world.registry.addModel("copy")
            let new = NewModelVersion(name: copyName, source: "models:/iris/1")
            let copy = try await world.registry.versions.create(new, by: .tester)
            #expect(copy.seal?.tree == original.seal?.tree)
            #expect(copy.artifactURI == original.artifactURI)
        }
    }

    @Test("files that were sent for a version need no run, and must be stored")
    func pushed() async throws {
        try await SealingWorld.with { world in
            try await world.put("one", at: "x")
            let digest = BlobDigest(SHA256.hash(data: Array("one".utf8)))
            let path = try ArtifactPath(validating: "weights/model.bin")
            var new = NewModelVersion(
                name: world.name,
                source: "",
                files: [DeclaredFile(path: path, digest: digest, role: .other)]
            )
            let version = try await world.registry.versions.create(new, by: .tester)
            #expect(try await world.text("weights/model.bin", of: version) == "one")
            #expect(try await world.manifest(1).files.list.map(\.role) == [.other])
            #expect(version.source == version.artifactURI)
            let absent = BlobDigest(bytes: Array(repeating: 7, count: 32))
            new.files = [DeclaredFile(path: path, digest: absent, role: nil)]
            let code = try await errorCode { _ = try await world.registry.versions.create(new, by: .tester) }
            #expect(code == .notFound)
            #expect(
                try await world.registry.versions.version(try AliasName(validating: "latest"), of: world.name).number
                    == version.number
            )
        }
    }

    @Test("two files of one path, and a file below a file, are refused", arguments: [["a", "a"], ["a", "a/b"]])
    func clashingPaths(paths: [String]) async throws {
        try await SealingWorld.with { world in
            try await world.put("one", at: "x")
            let digest = BlobDigest(SHA256.hash(data: Array("one".utf8)))
            let files = try paths.map {
                DeclaredFile(path: try ArtifactPath(validating: $0), digest: digest, role: nil)
            }
            let new = NewModelVersion(name: world.name, source: "", files: files)
            let code = try await errorCode { _ = try await world.registry.versions.create(new, by: .tester) }
            #expect(code == .invalidArgument)
        }
    }

    @Test("a file that cannot be read is a problem of the manifest, and stops nothing")
    func unreadable() async throws {
        try await SealingWorld.with { world in
            try await world.put("flavors: [", at: "MLmodel")
            try await world.put("\u{FF}\u{FF}\u{FF}\u{FF}\u{FF}\u{FF}", at: "model.safetensors")
            try await world.register()
            let problems = try await world.manifest(1).problems
            #expect(problems.map(\.path) == ["MLmodel", "model.safetensors"])
        }
    }

    @Test("the author is who acts, or else who ran the run")
    func author() async throws {
        var facts = SourceFacts()
        facts.run = Manifest.Run(
            id: RunID(trusted: "r1"),
            name: "n",
            experimentID: ExperimentID(1),
            userName: "bob",
            status: "FINISHED",
            startedAt: Timestamp(milliseconds: 0),
            endedAt: nil
        )
        try await SealingWorld.with(facts: ["r1": facts]) { world in
            let authors = [
                try await world.register(by: "ann").author,
                try await world.register(by: "anonymous").author,
                try await world.register("r2", by: "anonymous").author,
            ]
            #expect(authors.map(\.rawValue) == ["ann", "bob", "anonymous"])
        }
    }
}
