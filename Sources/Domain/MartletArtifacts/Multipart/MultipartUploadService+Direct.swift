import MartletBlobs
package import MartletCore

/// Uploads whose parts their senders bring to the object store themselves.
extension MultipartUploadService {
    /// Returns where the sender of an upload that was just created is to `PUT` its parts, in their order; `nil` when
    /// they go through this server.
    package func addressesOfParts(
        of id: MultipartUploadID,
        partCount: Int
    ) async throws(MartletError) -> [String]? {
        guard self.blobs.takesDirectUploads, let direct = StagedPartID(id.rawValue) else { return nil }
        return try await self.blobs.beginDirectUpload(direct, partCount: partCount)
    }

    /// Makes one file of what is in the object store. It is read once: nothing gets a name before we know its digest.
    func join(
        _ upload: MultipartUpload,
        _ declared: [MultipartUploadPart],
        sizeMax: Int64?
    ) async throws(MartletError) {
        guard let id = StagedPartID(upload.id.rawValue) else { throw .uploadNotFound(upload.id) }
        let tags = declared.sorted { $0.number < $1.number }.map(\.tag)
        let file = try await self.blobs.joinDirectUpload(id, tags)
        if let sizeMax, try await file.seal().size > sizeMax {
            throw MartletError(.limitExceeded, "the file is larger than \(sizeMax) bytes")
        }
        try await self.publish(file, upload)
        await self.removeDirect(upload.id)
    }

    /// Removes what is left of an upload in the object store, but nothing that has a name.
    func removeDirect(_ id: MultipartUploadID) async {
        guard let direct = StagedPartID(id.rawValue) else { return }
        // What cannot be removed now is swept when it is old.
        try? await self.blobs.removeDirectUpload(direct)
    }
}
