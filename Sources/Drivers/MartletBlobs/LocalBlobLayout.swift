import MartletCore
import MartletFiles

/// Which file is where. Paths are made of our own identifiers only; nothing that a client says ever
/// becomes a part of one.
struct LocalBlobLayout: Sendable {
    let root: String

    var staging: String { "\(self.root)/staging" }
    private var plain: String { "\(self.root)/plain" }

    func path(of part: StagedPartID) -> String {
        "\(self.staging)/\(part.rawValue)"
    }

    func path(of digest: BlobDigest) -> String {
        "\(self.directory(of: digest))/\(digest)"
    }

    func directory(of digest: BlobDigest) -> String {
        self.directory(ofShard: digest.bytes[0])
    }

    private func directory(ofShard shard: UInt8) -> String {
        "\(self.plain)/\(Hexadecimal.string([shard]))"
    }

    /// Makes all folders, so that no upload ever has to, and makes their names durable.
    func create() throws(MartletError) {
        var isNew = try FileSystem.makeDirectory(self.root)
        for path in [self.staging, self.plain] + (0...UInt8.max).map(self.directory(ofShard:)) {
            isNew = try FileSystem.makeDirectory(path) || isNew
        }
        guard isNew else { return }
        try FileSystem.synchronizeDirectory(self.plain)
        try FileSystem.synchronizeDirectory(self.root)
        try FileSystem.synchronizeDirectory("\(self.root)/..")
    }

    /// Returns what is stored under digests that begin with `shard` and follow `digest`, sorted.
    func blobs(inShard shard: UInt8, after digest: BlobDigest?) throws(MartletError) -> [StoredBlob] {
        let last = digest?.description ?? ""
        var blobs: [StoredBlob] = []
        for name in try FileSystem.names(in: self.directory(ofShard: shard)).sorted() where name > last {
            // Whatever else lies in our folders is not ours.
            guard let bytes = Hexadecimal.bytes(name), bytes.count == BlobDigest.byteCount, bytes[0] == shard else {
                continue
            }
            let digest = BlobDigest(bytes: bytes)
            // It may have been deleted since its name was read.
            guard let size = try FileSystem.size(of: self.path(of: digest)) else { continue }
            blobs.append(StoredBlob(digest: digest, size: size))
        }
        return blobs
    }
}
