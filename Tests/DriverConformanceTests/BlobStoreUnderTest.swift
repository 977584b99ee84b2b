import MartletBlobs
import MartletCore
import MartletS3
import MartletTestSupport
import Testing

/// Each blob store under test; a new driver joins with one case.
enum BlobStoreUnderTest: String, CaseIterable, CustomTestStringConvertible {
    case localDisk
    case seaweedfs
    case juicefs

    var testDescription: String { self.rawValue }

    /// All of them, unless somebody has ruled some out on purpose.
    static let available = S3TestServer.isRuledOut ? [localDisk] : allCases

    /// Lends an empty store.
    func withStore(_ body: @Sendable (any BlobStore) async throws -> Void) async throws {
        switch self {
        case .localDisk: try await Self.withLocalStore(body)
        case .seaweedfs: try await Self.withObjectStore(.seaweedfs, body)
        case .juicefs: try await Self.withObjectStore(.juicefs, body)
        }
    }

    private static func withLocalStore(_ body: (any BlobStore) async throws -> Void) async throws {
        try await withTemporaryFolder { path in
            let store = try LocalBlobStore(root: path)
            try await body(store)
            try await store.close()
        }
    }

    private static func withObjectStore(
        _ product: S3TestServer.Product,
        _ body: (any BlobStore) async throws -> Void
    ) async throws {
        try await S3TestServer.shared(product).settings().withStore { try await body($0) }
    }
}

/// Arguments of a test: each store with each of some values.
func eachStore<Value: Sendable>(with values: [Value]) -> [(BlobStoreUnderTest, Value)] {
    BlobStoreUnderTest.available.flatMap { store in values.map { (store, $0) } }
}
