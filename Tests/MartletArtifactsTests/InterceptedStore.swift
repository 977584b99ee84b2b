import MartletArtifacts
import MartletBlobs
import MartletCore

/// The services of one of several servers.
struct ArtifactServer {
    let artifacts: ArtifactService
    let uploads: MultipartUploadService
    let collector: BlobCollector

    func put(_ text: String, at path: String) async throws {
        try await self.artifacts.put(.text(text), at: try ArtifactPath(validating: path), in: .mlflow)
    }

    func delete(_ path: String) async throws {
        try await self.artifacts.delete(try ArtifactPath(validating: path), in: .mlflow)
    }
}

/// A store in which things happen in between; unless told otherwise it says that other servers use it as well.
struct InterceptedStore: BlobStore {
    let base: any BlobStore
    var isShared = true
    var beforeAssembly: @Sendable () async throws -> Void = {}
    var beforeDeletion: @Sendable () async throws -> Void = {}
    var afterListing: @Sendable () async throws -> Void = {}

    func beginUpload() async throws(MartletError) -> any BlobUpload { try await self.base.beginUpload() }

    func assemble(_ parts: [StagedPart]) async throws(MartletError) -> any BlobUpload {
        try await self.run(self.beforeAssembly)
        return try await self.base.assemble(parts)
    }

    func listStaged() async throws(MartletError) -> [StagedPartID] { try await self.base.listStaged() }

    func removeStaged(_ parts: [StagedPartID]) async throws(MartletError) { try await self.base.removeStaged(parts) }

    func size(of digest: BlobDigest) async throws(MartletError) -> Int64? { try await self.base.size(of: digest) }

    func read(_ digest: BlobDigest, _ range: Range<Int64>) async throws(MartletError) -> BlobBytes {
        try await self.base.read(digest, range)
    }

    func delete(_ digest: BlobDigest) async throws(MartletError) {
        try await self.run(self.beforeDeletion)
        try await self.base.delete(digest)
    }

    func list(after digest: BlobDigest?) async throws(MartletError) -> [StoredBlob] {
        let files = try await self.base.list(after: digest)
        try await self.run(self.afterListing)
        return files
    }

    private func run(_ step: @Sendable () async throws -> Void) async throws(MartletError) {
        do { try await step() } catch let error as MartletError { throw error } catch {
            throw MartletError(.internal, "\(error)")
        }
    }
}
