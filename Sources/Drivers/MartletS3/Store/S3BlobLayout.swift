package import MartletBlobs
package import MartletCore

/// Which object is where. Keys are made of our own identifiers only.
package struct S3BlobLayout: Sendable {
    static let largeSuffix = ".large"

    let prefix: String

    /// What says whose files these are.
    package var registry: String { "\(self.prefix)registry" }
    package var blobs: String { "\(self.prefix)blobs/" }
    package var data: String { "\(self.prefix)data/" }
    package var staging: String { "\(self.prefix)staging/" }
    package var direct: String { "\(self.prefix)direct/" }
    package var pending: String { "\(self.prefix)pending/" }

    /// The bytes of a small file.
    package func small(_ digest: BlobDigest) -> String {
        "\(self.blobs)\(Hexadecimal.string([digest.bytes[0]]))/\(digest)"
    }

    /// What says where a large file is.
    package func large(_ digest: BlobDigest) -> String { self.small(digest) + Self.largeSuffix }

    /// The bytes of a large file or part.
    package func data(_ id: StagedPartID) -> String { self.data + id.rawValue }

    /// The bytes of a small part, or nothing for a large one.
    package func staged(_ id: StagedPartID) -> String { self.staging + id.rawValue }

    /// What says how the store calls an upload whose parts do not come through us.
    package func direct(_ id: StagedPartID) -> String { self.direct + id.rawValue }

    /// That a large file is being published.
    package func pending(_ id: StagedPartID, _ digest: BlobDigest) -> String {
        "\(self.pending)\(id.rawValue).\(digest)"
    }

    /// Behind everything that is stored under a digest, and before what follows.
    package func end(of digest: BlobDigest) -> String { self.small(digest) + "~" }

    /// The digest in the key of a small file, or of what says where a large one is; `nil` for what is not ours.
    package func digest(inKey key: String) -> (digest: BlobDigest, isLarge: Bool)? {
        guard key.hasPrefix(self.blobs) else { return nil }
        let isLarge = key.hasSuffix(Self.largeSuffix)
        let name = key.dropFirst(self.blobs.count + 3).dropLast(isLarge ? Self.largeSuffix.count : 0)
        guard let bytes = Hexadecimal.bytes(String(name)), bytes.count == BlobDigest.byteCount else { return nil }
        let digest = BlobDigest(bytes: bytes)
        return key == (isLarge ? self.large(digest) : self.small(digest)) ? (digest, isLarge) : nil
    }

    /// The two parts of a key that says that a file is being published.
    package func publication(inKey key: String) -> (id: StagedPartID, digest: BlobDigest)? {
        let words = key.dropFirst(self.pending.count).split(separator: ".", maxSplits: 1)
        guard key.hasPrefix(self.pending), words.count == 2, let id = StagedPartID(String(words[0])),
            let bytes = Hexadecimal.bytes(String(words[1])), bytes.count == BlobDigest.byteCount
        else { return nil }
        return (id, BlobDigest(bytes: bytes))
    }
}

/// Where the bytes of a large file are: what the object under its digest says.
struct LargeBlob: Sendable, Hashable {
    let id: StagedPartID
    let size: Int64

    /// As in `8f0e…21 52428800`.
    var text: String { "\(self.id.rawValue) \(self.size)\n" }

    init(id: StagedPartID, size: Int64) {
        self.id = id
        self.size = size
    }

    init?(_ text: String) {
        let words = text.split(separator: " ")
        guard words.count == 2, let id = StagedPartID(String(words[0])),
            let last = words[1].split(separator: "\n").first,
            let size = Int64(last), size >= 0
        else { return nil }
        self.init(id: id, size: size)
    }
}
