import MartletArtifacts
import MartletBlobs
import MartletCore
import MartletLedger
import MartletRegistry
import MartletSQL
import MartletTestSupport
import NIOCore
import Synchronization
import Testing

/// A registry over real files: runs whose artifacts lie in a temporary folder.
struct SealingWorld {
    let registry: Registry
    let name: ModelName
    private let store: CountingStore

    /// How many bytes of stored files have been asked for.
    var readBytes: Int { self.store.readBytes }

    /// - Parameters:
    ///   - facts: What runs say of themselves, by their ids.
    ///   - lateMetrics: What runs log after they were registered.
    static func with(
        facts: [String: SourceFacts] = [:],
        lateMetrics: [String: [Manifest.Metric]] = [:],
        _ body: (SealingWorld) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let blobs = try LocalBlobStore(root: folder)
            let database = try await makeTestDatabase(Registry.migrations)
            let ids = (1...9).map { RunID(trusted: "r\($0)") }
            let sources = KnownSources(
                runs: Dictionary(uniqueKeysWithValues: ids.map { ($0, "mlflow-artifacts:/1/\($0)/artifacts") }),
                facts: Dictionary(uniqueKeysWithValues: facts.map { (RunID(trusted: $0.key), $0.value) }),
                lateMetrics: Dictionary(uniqueKeysWithValues: lateMetrics.map { (RunID(trusted: $0.key), $0.value) })
            )
            let store = CountingStore(blobs)
            let registry = Registry(on: database, blobs: store, sources: sources)
            let name = try await registry.addModel("iris")
            try await body(SealingWorld(registry: registry, name: name, store: store))
            try await blobs.close()
            try await database.close()
        }
    }

    /// Stores a file of a run's model.
    func put(_ text: String, at path: String, of run: String = "r1") async throws {
        let bytes = SingleBuffer(ByteBuffer(string: text))
        try await self.registry.artifacts.put(
            IncomingFile(bytes, announcedSize: nil, sizeMax: nil),
            at: try ArtifactPath(validating: "1/\(run)/artifacts/model/\(path)"),
            in: .mlflow
        )
    }

    /// Registers the model of a run.
    @discardableResult
    func register(
        _ run: String = "r1",
        path: String = "/model",
        tags: [Tag] = [],
        semanticVersion: String? = nil,
        by actor: String = "ann"
    ) async throws -> ModelVersion {
        let new = NewModelVersion(
            name: self.name,
            source: "runs:/\(run)\(path)",
            runID: RunID(trusted: run),
            tags: tags,
            semanticVersion: try semanticVersion.map { try SemanticVersion(validating: $0) }
        )
        return try await self.registry.versions.create(new, by: Act(by: ActorName(trusted: actor)))
    }

    func manifest(_ number: Int64) async throws -> Manifest {
        let selector = VersionSelector.number(VersionNumber(number))
        return try Manifest(bytes: Array(try await self.registry.versions.manifest(selector, of: self.name).utf8))
    }

    /// The text of a version's file.
    func text(_ path: String, of version: ModelVersion) async throws -> String {
        let address = try #require(ArtifactAddress(uri: version.artifactURI))
        let artifact = try await self.registry.artifacts.artifact(
            at: try address.path.appending(try ArtifactPath(validating: path)),
            in: address.space
        )
        let bytes = try await self.registry.artifacts.bytes(of: artifact.digest, 0..<artifact.size)
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// One buffer, as a body that arrives.
struct SingleBuffer: AsyncSequence, Sendable {
    private let buffer: ByteBuffer

    init(_ buffer: ByteBuffer) {
        self.buffer = buffer
    }

    func makeAsyncIterator() -> AsyncStream<ByteBuffer>.Iterator {
        let buffer = self.buffer
        return AsyncStream { continuation in
            continuation.yield(buffer)
            continuation.finish()
        }.makeAsyncIterator()
    }
}

/// A store that counts what is read from another one.
private final class CountingStore: BlobStore {
    private let store: LocalBlobStore
    private let count = Mutex(0)

    var readBytes: Int { self.count.withLock { $0 } }

    init(_ store: LocalBlobStore) {
        self.store = store
    }

    func read(_ digest: BlobDigest, _ range: Range<Int64>) async throws(MartletError) -> BlobBytes {
        self.count.withLock { $0 += range.count }
        return try await self.store.read(digest, range)
    }

    func beginUpload() async throws(MartletError) -> any BlobUpload { try await self.store.beginUpload() }

    func assemble(_ parts: [StagedPart]) async throws(MartletError) -> any BlobUpload {
        try await self.store.assemble(parts)
    }

    func listStaged() async throws(MartletError) -> [StagedPartID] { try await self.store.listStaged() }

    func removeStaged(_ parts: [StagedPartID]) async throws(MartletError) { try await self.store.removeStaged(parts) }

    func size(of digest: BlobDigest) async throws(MartletError) -> Int64? { try await self.store.size(of: digest) }

    func delete(_ digest: BlobDigest) async throws(MartletError) { try await self.store.delete(digest) }

    func list(after digest: BlobDigest?) async throws(MartletError) -> [StoredBlob] {
        try await self.store.list(after: digest)
    }
}
