package import MartletCore
package import NIOCore

/// A place that keeps files, each once, under the SHA-256 of its bytes. One conformance per product.
///
/// Nothing is visible before it is durable: ``BlobUpload/commit()`` returns when the bytes would
/// survive a loss of power, and until then nobody can read them. Every operation may be called from
/// any task and repeated after a failure. A full disk throws `storageFull`, leaves what is stored
/// readable and leaves nothing new behind once the upload is discarded.
package protocol BlobStore: Sendable {
    /// Says whose files these are, from now on and before anything is stored or removed: two registries that shared a
    /// place would each take the other's files for garbage. To be called at every start.
    ///
    /// - Throws: `conflict` when they are another registry's.
    func dedicate(to registry: String) async throws(MartletError)

    /// Begins to receive the bytes of one file.
    func beginUpload() async throws(MartletError) -> any BlobUpload

    /// Begins a file that consists of parts, in the order given, as if their bytes had been received again. The parts
    /// must stay until this returns; it does not remove them.
    func assemble(_ parts: [StagedPart]) async throws(MartletError) -> any BlobUpload

    /// Lists everything that was received and is not visible: parts, and what a crash left behind.
    func listStaged() async throws(MartletError) -> [StagedPartID]

    /// Whether other processes may be using the store at the same time.
    var isShared: Bool { get }

    /// Lists those parts that nobody can be about to give a row to, if this process has just started or the store is
    /// shared: all that ``listStaged()`` does, or all that are old.
    func listAbandoned() async throws(MartletError) -> [StagedPartID]

    /// Removes what uploads that never ended have left and ``listStaged()`` does not show. At any time.
    func removeUnfinished() async throws(MartletError)

    /// Removes parts; one that does not exist is no error.
    func removeStaged(_ parts: [StagedPartID]) async throws(MartletError)

    /// Returns how many bytes a file has, or `nil` when it is not stored.
    func size(of digest: BlobDigest) async throws(MartletError) -> Int64?

    /// Opens a file, or a part of it, for reading.
    ///
    /// - Throws: `integrity` when it is not stored or ends before `range` does: the caller has a row
    ///   that says otherwise.
    func read(_ digest: BlobDigest, _ range: Range<Int64>) async throws(MartletError) -> BlobBytes

    /// Returns a URL from which anybody may read a file for some minutes without this server; `nil` when files are to
    /// be read through it.
    func temporaryURL(of blob: StoredBlob) async throws(MartletError) -> String?

    /// Whether senders bring the parts of an upload to the store themselves.
    var takesDirectUploads: Bool { get }

    /// Begins an upload whose parts its sender brings to the store itself, and returns where to `PUT` them, in their
    /// order. Only if the store ``takesDirectUploads``.
    ///
    /// - Parameter id: That nothing has.
    func beginDirectUpload(_ id: StagedPartID, partCount: Int) async throws(MartletError) -> [String]

    /// Makes one file of the parts of such an upload, which nobody knows yet. May be repeated.
    ///
    /// - Parameter tags: What the store answered for each of them, in their order.
    /// - Throws: `invalidArgument` when those are not the parts that the store has; `notFound` for no such upload.
    func joinDirectUpload(_ id: StagedPartID, _ tags: [String]) async throws(MartletError) -> any ReceivedBlob

    /// Forgets such an upload with everything of it that was not committed; none is no error.
    func removeDirectUpload(_ id: StagedPartID) async throws(MartletError)

    /// Removes a file; one that is not stored is no error.
    func delete(_ digest: BlobDigest) async throws(MartletError)

    /// Lists some of the files whose digests follow `digest`, in ascending order; none when there is
    /// nothing more.
    func list(after digest: BlobDigest?) async throws(MartletError) -> [StoredBlob]
}

extension BlobStore {
    package func dedicate(to registry: String) async throws(MartletError) {}

    package var isShared: Bool { false }

    package func listAbandoned() async throws(MartletError) -> [StagedPartID] { try await self.listStaged() }

    package func removeUnfinished() async throws(MartletError) {}

    package func temporaryURL(of blob: StoredBlob) async throws(MartletError) -> String? { nil }

    package var takesDirectUploads: Bool { false }

    package func beginDirectUpload(_ id: StagedPartID, partCount: Int) async throws(MartletError) -> [String] {
        throw .noDirectUploads
    }

    package func joinDirectUpload(
        _ id: StagedPartID,
        _ tags: [String]
    ) async throws(MartletError) -> any ReceivedBlob {
        throw .noDirectUploads
    }

    package func removeDirectUpload(_ id: StagedPartID) async throws(MartletError) {}
}

extension MartletError {
    /// As when the server was started with other settings while an upload was under way.
    fileprivate static var noDirectUploads: MartletError {
        MartletError(.unsupported, "the server does not take uploads into its object store any more; begin again")
    }
}

/// A file whose bytes are all there, and that nobody can see yet.
///
/// Used by one task at a time.
package protocol ReceivedBlob {
    /// Says what has been received. Nothing is visible yet.
    ///
    /// Only for who must know the digest before ``commit()`` looks whether the bytes are stored already.
    func seal() async throws(MartletError) -> StoredBlob

    /// Makes the file durable and visible. If the same bytes are stored already, nothing is written.
    func commit() async throws(MartletError) -> StoredBlob
}

/// One file on its way into a ``BlobStore``.
///
/// ``seal()`` ends the receiving. Every upload must end with ``commit()``, ``stage()`` or ``discard()``; when anything
/// throws, with ``discard()``. That also undoes a ``stage()``, but never a ``commit()``: others may count on the bytes.
package protocol BlobUpload: ReceivedBlob {
    /// Takes the next bytes. Returns when there is room for more, so that a sender is slowed down to
    /// what the disk can take.
    func append(_ bytes: ByteBuffer) async throws(MartletError)

    /// Makes the bytes durable, but visible only to ``BlobStore/assemble(_:)``.
    func stage() async throws(MartletError) -> StagedPart

    /// Forgets everything that was received.
    func discard() async
}

/// The bytes of a stored file in order, to be read once.
package typealias BlobBytes = any AsyncSequence<ByteBuffer, MartletError> & Sendable

/// A file in a ``BlobStore``.
package struct StoredBlob: Sendable, Hashable {
    package let digest: BlobDigest
    package let size: Int64

    package init(digest: BlobDigest, size: Int64) {
        self.digest = digest
        self.size = size
    }
}

/// A part of a file that arrives in several requests.
package struct StagedPart: Sendable, Hashable {
    package let id: StagedPartID
    package let digest: BlobDigest
    package let size: Int64

    package init(id: StagedPartID, digest: BlobDigest, size: Int64) {
        self.id = id
        self.digest = digest
        self.size = size
    }
}

/// Names something that is not visible yet: 32 lowercase hexadecimal digits, chosen by the store.
package struct StagedPartID: Sendable, Hashable {
    package let rawValue: String

    /// Returns `nil` for everything that no store has chosen.
    package init?(_ text: String) {
        guard text.utf8.count == 32, Hexadecimal.bytes(text) != nil else { return nil }
        self.rawValue = text
    }

    private init(bits: (UInt64, UInt64)) {
        self.rawValue = Hexadecimal.string(bits.0) + Hexadecimal.string(bits.1)
    }

    /// A name that nothing has.
    package static func random() -> StagedPartID {
        StagedPartID(bits: (.random(in: 0...UInt64.max), .random(in: 0...UInt64.max)))
    }
}
