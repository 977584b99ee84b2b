import MartletArtifacts
import MartletCapture
import MartletCore
import NIOCore

/// Compares the tensors of two versions, reading as little as it can.
///
/// The headers say which tensors are there, of which type and shape. Whether two that are alike in that are the same is
/// known from the ``TensorIndex`` of their files. Where there is none yet they are read, both piece by piece, and no
/// further than to the first difference.
struct TensorComparison: Sendable {
    /// A safetensors file, and what is known of its tensors.
    struct File: Sendable {
        let file: Manifest.File
        let header: SafetensorsHeader
        /// In the order of the header; `nil` while nobody has read the file.
        let digests: [ArraySlice<UInt8>]?
    }

    /// A tensor where it lies.
    fileprivate struct Place {
        let file: Manifest.File
        let tensor: SafetensorsHeader.Tensor
        let digest: ArraySlice<UInt8>?

        /// The same tensor of another version: of the same name in the same folder, in whatever file.
        var key: [ExactText] {
            let folder = self.file.path.lastIndex(of: "/").map { String(self.file.path[..<$0]) } ?? ""
            return [ExactText(folder), ExactText(self.tensor.name)]
        }
    }

    let artifacts: ArtifactService

    func compare(
        _ old: [File],
        _ new: [File]
    ) async throws(MartletError) -> (changes: [VersionDiff.Tensor], sameCount: Int) {
        var rest = Dictionary(Self.places(in: old).map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        var changes: [VersionDiff.Tensor] = []
        var sameCount = 0
        for place in Self.places(in: new) {
            let before = rest.removeValue(forKey: place.key)
            if let before, try await self.isSame(before, place) {
                sameCount += 1
            } else {
                changes.append(VersionDiff.Tensor(before, place))
            }
        }
        let removed = Self.places(in: old).filter { rest[$0.key] != nil }
        return (changes + removed.map { VersionDiff.Tensor($0, nil) }, sameCount)
    }

    private static func places(in files: [File]) -> [Place] {
        files.flatMap { file in
            file.header.tensors.enumerated().map { position, tensor in
                Place(file: file.file, tensor: tensor, digest: file.digests?[position])
            }
        }
    }

    private func isSame(_ old: Place, _ new: Place) async throws(MartletError) -> Bool {
        guard old.tensor.dtype == new.tensor.dtype, old.tensor.shape == new.tensor.shape else { return false }
        if let before = old.digest, let after = new.digest { return before == after }
        return try await self.isEqual(old.file.digest, old.tensor.bytes, new.file.digest, new.tensor.bytes)
    }

    private func isEqual(
        _ old: BlobDigest,
        _ oldRange: Range<Int64>,
        _ new: BlobDigest,
        _ newRange: Range<Int64>
    ) async throws(MartletError) -> Bool {
        guard oldRange.count == newRange.count else { return false }
        // Weights that were trained differ at once; a small look saves opening streams.
        let first = min(Int64(oldRange.count), Self.firstBytes)
        let oldFirst = try await self.artifacts.bytes(of: old, oldRange.prefix(first))
        let newFirst = try await self.artifacts.bytes(of: new, newRange.prefix(first))
        guard oldFirst == newFirst else { return false }
        var position = first
        while position < oldRange.count {
            let next = min(position + Self.pieceBytes, Int64(oldRange.count))
            let oldPiece = try await self.artifacts.bytes(of: old, oldRange.part(position..<next))
            let newPiece = try await self.artifacts.bytes(of: new, newRange.part(position..<next))
            guard oldPiece == newPiece else { return false }
            position = next
        }
        return true
    }

    private static let firstBytes: Int64 = 4_096
    private static let pieceBytes: Int64 = 1 << 20
}

extension Range<Int64> {
    fileprivate func prefix(_ count: Int64) -> Range<Int64> { self.part(0..<count) }

    /// A part of this range, counted from where it begins.
    fileprivate func part(_ part: Range<Int64>) -> Range<Int64> {
        self.lowerBound + part.lowerBound..<self.lowerBound + part.upperBound
    }
}

extension VersionDiff.Tensor {
    fileprivate init(_ old: TensorComparison.Place?, _ new: TensorComparison.Place?) {
        let place = new ?? old
        self.init(
            file: place?.file.path ?? "",
            name: place?.tensor.name ?? "",
            old: old?.tensor.summary,
            new: new?.tensor.summary
        )
    }
}

extension SafetensorsHeader.Tensor {
    /// As in `F32 [30522, 384]`.
    fileprivate var summary: String { "\(self.dtype) \(self.shape)" }
}
