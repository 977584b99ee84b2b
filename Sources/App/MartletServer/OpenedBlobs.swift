import FoundationEssentials
import MartletBlobs
import MartletCore
import MartletS3

/// A blob store of the kind that the settings ask for, and how to close it.
///
/// A class, because Swift 6.3's optimiser breaks an async function with typed errors that returns as large a struct.
final class OpenedBlobs: Sendable {
    let store: any BlobStore
    let close: @Sendable () async throws(MartletError) -> Void
    /// What is worth a warning.
    let remark: String?

    private static let ignoredConditions =
        "the object store ignores If-None-Match: a large file that two clients upload at the same moment may take its "
        + "space twice"

    init(_ local: LocalBlobStore) {
        self.store = local
        self.close = { () async throws(MartletError) in try await local.close() }
        self.remark = nil
    }

    private init(_ remote: S3BlobStore) {
        self.store = remote
        self.close = { () async throws(MartletError) in try await remote.close() }
        self.remark = remote.honoursConditions ? nil : Self.ignoredConditions
    }

    /// Opens the object store that the settings name.
    static func open(_ settings: BlobSettings) async throws(MartletError) -> OpenedBlobs {
        var remote = S3Settings(
            url: settings.url ?? "",
            endpoint: settings.endpoint,
            region: settings.region,
            isPathStyle: settings.isPathStyle,
            environment: ProcessInfo.processInfo.environment,
            now: Surroundings.system.now
        )
        remote.lendsURLs = settings.redirectsDownloads
        remote.takesDirectUploads = settings.takesDirectUploads
        return OpenedBlobs(try await S3BlobStore.open(remote))
    }
}
