import MartletCapture
import MartletCore
import MartletSQL

/// The SHA-256 of each tensor of a safetensors file, so that two files can be compared without reading any.
struct TensorIndex: Sendable {
    static let digestBytes = 32

    /// All digests, one after the other, in the order of the tensors' names.
    let bytes: [UInt8]

    /// The digests of a file's tensors, in the header's order; `nil` when they are not of this file.
    func digests(of header: SafetensorsHeader) -> [ArraySlice<UInt8>]? {
        guard !header.tensors.isEmpty, self.bytes.count == header.tensors.count * Self.digestBytes else { return nil }
        return stride(from: 0, to: self.bytes.count, by: Self.digestBytes).map {
            self.bytes[$0..<$0 + Self.digestBytes]
        }
    }

    /// `nil` when the file has not been read yet.
    static func find(_ file: BlobDigest, on db: any Connection) throws(MartletError) -> TensorIndex? {
        guard let row = try db.queryOne(TensorIndexQueries.find(file)), !row.isNull(0) else { return nil }
        return TensorIndex(bytes: row.bytes(0))
    }
}

/// Every statement that touches `tensor_index`.
enum TensorIndexQueries {
    static func find(_ file: BlobDigest) -> SQL {
        "SELECT digests FROM tensor_index WHERE sha256 = \(file)"
    }

    /// Notes which of a version's files are to be read.
    static func await(_ files: [Manifest.File]) -> SQLBatch {
        var batch = SQLBatch(
            "INSERT INTO tensor_index (sha256) VALUES (?) ON CONFLICT DO NOTHING",
            columnCount: 1
        )
        for file in files where file.path.hasSuffix(".safetensors") { batch.append(file.digest.sqlValue) }
        return batch
    }

    /// The next file that has not been read yet.
    static func pending(after file: BlobDigest?) -> SQL {
        let rest: SQL = if let file { "AND sha256 > \(file)" } else { "" }
        return "SELECT sha256 FROM tensor_index WHERE digests IS NULL \(rest) ORDER BY sha256 LIMIT 1"
    }

    static func set(_ digests: [UInt8], of file: BlobDigest) -> SQL {
        "UPDATE tensor_index SET digests = \(SQLValue.bytes(digests)) WHERE sha256 = \(file)"
    }

    static func delete(_ file: BlobDigest) -> SQL {
        "DELETE FROM tensor_index WHERE sha256 = \(file)"
    }
}
