import FoundationEssentials
import MartletBlobs
import MartletCore
import MartletS3

/// A blob store of the kind that the settings ask for, and how to close it.
struct OpenedBlobs: Sendable {
    let store: any BlobStore
    let close: @Sendable () async throws(MartletError) -> Void
    /// What is worth a warning.
    var remark: String?

    init(_ local: LocalBlobStore) {
        self.store = local
        self.close = { () async throws(MartletError) in try await local.close() }
    }

    private init(_ remote: S3BlobStore) {
        self.store = remote
        self.close = { () async throws(MartletError) in try await remote.close() }
        if !remote.honoursConditions {
            self.remark =
                "the object store ignores If-None-Match: a large file that two clients upload at the same moment may "
                + "take its space twice"
        }
    }

    /// Opens something else, or closes the store when that fails.
    func closingUnless<Value>(_ open: () throws(MartletError) -> Value) async throws(MartletError) -> Value {
        do throws(MartletError) {
            return try open()
        } catch {
            // What went wrong first is what to tell.
            try? await self.close()
            throw error
        }
    }

    /// Opens the store.
    ///
    /// - Parameter folder: Where bytes are kept unless the settings say otherwise.
    static func open(_ settings: BlobSettings, folder: DataFolder) async throws(MartletError) -> OpenedBlobs {
        guard let url = settings.url else { return OpenedBlobs(try LocalBlobStore(root: folder.blobsPath)) }
        var remote = S3Settings(
            url: url,
            endpoint: settings.endpoint,
            region: settings.region,
            isPathStyle: settings.isPathStyle,
            environment: ProcessInfo.processInfo.environment,
            now: Surroundings.system.now
        )
        remote.lendsURLs = settings.redirectsDownloads
        return OpenedBlobs(try await S3BlobStore.open(remote))
    }
}
