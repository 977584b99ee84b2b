package import MartletBlobs
package import MartletCore
package import MartletSQL

/// Compares what the tables say of artifacts with what the blob store holds.
///
/// Rows and files are read side by side in the order of their digests, a page at a time, so memory stays flat
/// however many there are. The server must not be running: what is arriving would be reported.
package struct ArtifactInspection: Sendable {
    package enum Depth: Sendable {
        /// Every file is there and has the right size.
        case sizes
        /// And every byte is what it was; takes as long as reading everything does.
        case contents
    }

    private let database: any Database
    private let blobs: any BlobStore

    package init(database: any Database, blobs: any BlobStore) {
        self.database = database
        self.blobs = blobs
    }

    /// Reports each finding as it is made, and returns how many blobs are as they should be.
    package func run(
        _ depth: Depth,
        report: (ArtifactFinding) -> Void
    ) async throws(MartletError) -> Int {
        var rows = BlobPages { digest throws(MartletError) in try await self.rows(after: digest) }
        var files = BlobPages { digest throws(MartletError) in try await self.blobs.list(after: digest) }
        var intact = 0
        while let pair = try await BlobPages.next(&rows, &files) {
            if let finding = try await self.finding(row: pair.0, file: pair.1, depth) {
                if try await self.matters(finding) { report(finding) }
            } else {
                intact += 1
            }
        }
        try await self.inspectStaging(report)
        return intact
    }

    private func finding(
        row: StoredBlob?,
        file: StoredBlob?,
        _ depth: Depth
    ) async throws(MartletError) -> ArtifactFinding? {
        guard let row else { return file.map { .unnamed($0) } }
        guard let file else { return .missing(row) }
        guard file.size == row.size else { return .wrongSize(row, found: file.size) }
        switch depth {
        case .sizes: return nil
        case .contents: return try await self.blobs.isIntact(row) ? nil : .damaged(row)
        }
    }

    /// Whether a finding is worth a word. The file of a blob that nobody names is gone from a copy of the folder when
    /// the collector came between the copy of the rows and that of the files.
    private func matters(_ finding: ArtifactFinding) async throws(MartletError) -> Bool {
        guard case .missing(let blob) = finding else { return true }
        return try await self.database.read { db throws(MartletError) in
            try db.queryOne(BlobQueries.isCondemned(blob.digest)) == nil
        }
    }

    private func rows(after digest: BlobDigest?) async throws(MartletError) -> [StoredBlob] {
        try await self.database.read { db throws(MartletError) in
            try db.query(BlobQueries.page(after: digest, limit: 1_000)).map(BlobQueries.decode)
        }
    }

    private func inspectStaging(_ report: (ArtifactFinding) -> Void) async throws(MartletError) {
        let ids = try await self.database.read(.inspection) { db throws(MartletError) in
            try db.query(MultipartUploadQueries.allStagedIDs).compactMap { StagedPartID($0.text(0)) }
        }
        let promised = Set(ids)
        let present = Set(try await self.blobs.listStaged())
        for id in promised.subtracting(present) { report(.missingPart(id)) }
        for id in present.subtracting(promised) { report(.leftover(id)) }
    }
}

/// A listing of blobs in the order of their digests, fetched page by page.
private struct BlobPages {
    private let fetch: (BlobDigest?) async throws(MartletError) -> [StoredBlob]
    private var page: ArraySlice<StoredBlob> = []
    private var last: BlobDigest?
    private var isAtEnd = false

    init(_ fetch: @escaping (BlobDigest?) async throws(MartletError) -> [StoredBlob]) {
        self.fetch = fetch
    }

    /// The next blob of either listing, from one or from both; `nil` when both have ended.
    static func next(
        _ left: inout BlobPages,
        _ right: inout BlobPages
    ) async throws(MartletError) -> (StoredBlob?, StoredBlob?)? {
        let (first, second) = (try await left.first(), try await right.first())
        guard let digest = [first, second].compactMap({ $0?.digest }).min(by: self.precedes) else { return nil }
        let pair = (first?.digest == digest ? first : nil, second?.digest == digest ? second : nil)
        if pair.0 != nil { left.page.removeFirst() }
        if pair.1 != nil { right.page.removeFirst() }
        return pair
    }

    private mutating func first() async throws(MartletError) -> StoredBlob? {
        if self.page.isEmpty, !self.isAtEnd {
            self.page = try await self.fetch(self.last)[...]
            self.last = self.page.last?.digest
            self.isAtEnd = self.page.isEmpty
        }
        return self.page.first
    }

    private static func precedes(_ left: BlobDigest, _ right: BlobDigest) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}
