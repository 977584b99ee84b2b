import FoundationEssentials
import MartletArtifacts
import MartletBlobs
import MartletCore
import MartletSQL
import MartletTestSupport
import NIOCore
import Synchronization

/// The artifact services over a temporary folder and a database in memory, with a clock that a test can move.
struct ArtifactWorld {
    let path: String
    let store: LocalBlobStore
    let database: any Database
    let clock: TestClock
    let artifacts: ArtifactService
    let uploads: MultipartUploadService
    let collector: BlobCollector
    private let claims: BlobClaims
    private let surroundings: Surroundings

    static func with(_ body: (ArtifactWorld) async throws -> Void) async throws {
        try await withTemporaryFolder { path in
            let world = try await ArtifactWorld(path: path)
            try await body(world)
            try await world.store.close()
            try await world.database.close()
        }
    }

    private init(path: String) async throws {
        self.path = path
        self.store = try LocalBlobStore(root: path)
        self.database = try await makeTestDatabase(ArtifactMigrations.all)
        let clock = TestClock()
        self.clock = clock
        let surroundings = Surroundings(
            now: { clock.now },
            randomBits: { (.random(in: 0...UInt64.max), .random(in: 0...UInt64.max)) }
        )
        self.surroundings = surroundings
        let claims = BlobClaims(database: self.database, blobs: self.store, surroundings: surroundings)
        self.claims = claims
        self.artifacts = ArtifactService(
            database: self.database,
            blobs: self.store,
            claims: claims,
            surroundings: surroundings
        )
        self.uploads = MultipartUploadService(
            database: self.database,
            blobs: self.store,
            claims: claims,
            surroundings: surroundings
        )
        self.collector = BlobCollector(
            database: self.database,
            blobs: self.store,
            claims: claims,
            surroundings: surroundings
        )
    }

    /// The same service, over another way to the same database.
    func artifacts(over database: any Database) -> ArtifactService {
        ArtifactService(
            database: database,
            blobs: self.store,
            claims: self.claims,
            surroundings: self.surroundings
        )
    }

    /// A service of its own, over another way to the same blobs.
    func uploads(over blobs: any BlobStore) -> MultipartUploadService {
        MultipartUploadService(
            database: self.database,
            blobs: blobs,
            claims: self.claims,
            surroundings: self.surroundings
        )
    }

    /// Another server's services, over the same blobs and rows.
    func server(over store: InterceptedStore, database: (any Database)? = nil) -> ArtifactServer {
        let database = database ?? self.database
        let claims = BlobClaims(database: database, blobs: store, surroundings: self.surroundings)
        return ArtifactServer(
            artifacts: ArtifactService(
                database: database,
                blobs: store,
                claims: claims,
                surroundings: self.surroundings
            ),
            uploads: MultipartUploadService(
                database: database,
                blobs: store,
                claims: claims,
                surroundings: self.surroundings
            ),
            collector: BlobCollector(
                database: database,
                blobs: store,
                claims: claims,
                surroundings: self.surroundings
            )
        )
    }

    func put(_ text: String, at path: String) async throws {
        try await self.artifacts.put(.text(text), at: try ArtifactPath(validating: path), in: .mlflow)
    }

    func text(at path: String) async throws -> String {
        let artifact = try await self.artifacts.artifact(at: try ArtifactPath(validating: path), in: .mlflow)
        var text = ByteBuffer()
        for try await buffer in try await self.artifacts.read(artifact, 0..<artifact.size) {
            text.writeImmutableBuffer(buffer)
        }
        return String(buffer: text)
    }

    /// Names and sizes of what lies in a folder, as `name` or `name=size`.
    func list(_ path: String?) async throws -> [String] {
        let folder = try path.map { text throws(MartletError) in try ArtifactPath(validating: text) }
        return try await self.artifacts.list(folder, in: .mlflow).map { entry in
            entry.size.map { "\(entry.name)=\($0)" } ?? "\(entry.name)/"
        }
    }

    func delete(_ path: String) async throws {
        try await self.artifacts.delete(try ArtifactPath(validating: path), in: .mlflow)
    }

    /// The digests of blobs that wait for a collector.
    func condemned() async throws -> [BlobDigest] {
        try await self.database.read { db throws(MartletError) in
            try db.query("SELECT sha256 FROM blob WHERE condemned_ms IS NOT NULL").map {
                BlobDigest(bytes: $0.bytes(0))
            }
        }
    }

    /// How many rows a table has.
    func count(_ table: SQL) async throws -> Int {
        try await self.database.read { db throws(MartletError) in
            Int(try db.queryOne("SELECT count(*) FROM \(table)")?.integer(0) ?? -1)
        }
    }

    /// The names of what is being received.
    func stagedNames() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(self.path)/staging")
    }

    func storedPath(of digest: BlobDigest) -> String {
        "\(self.path)/plain/\(digest.description.prefix(2))/\(digest)"
    }
}

/// A clock that stands still until somebody moves it.
final class TestClock: Sendable {
    private let milliseconds = Mutex<Int64>(1_000_000_000_000)

    var now: Timestamp { Timestamp(milliseconds: self.milliseconds.withLock { $0 }) }

    func advance(days: Int64) {
        self.advance(hours: days * 24)
    }

    func advance(hours: Int64) {
        self.milliseconds.withLock { $0 += hours * 3_600_000 }
    }
}

/// A body that arrives in pieces, and then perhaps breaks off.
struct Pieces: AsyncSequence {
    struct BrokenOff: Error {}

    let pieces: [ByteBuffer]
    var breaksOff = false

    struct AsyncIterator: AsyncIteratorProtocol {
        var rest: ArraySlice<ByteBuffer>
        let breaksOff: Bool

        mutating func next() async throws -> ByteBuffer? {
            if let piece = self.rest.popFirst() { return piece }
            if self.breaksOff { throw BrokenOff() }
            return nil
        }
    }

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(rest: self.pieces[...], breaksOff: self.breaksOff)
    }
}

extension IncomingFile<Pieces> {
    static func text(_ text: String) -> IncomingFile {
        IncomingFile(Pieces(pieces: [ByteBuffer(string: text)]), announcedSize: nil, sizeMax: nil)
    }
}
