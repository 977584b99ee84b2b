import MartletArtifacts
import MartletCapture
import MartletCore
import NIOCore

/// Compares the tensors of two safetensors files, reading as little as it can.
///
/// The headers say which tensors are there, of which type and shape. Whether two that are alike in that are the same is
/// known from the ``TensorIndex`` of both files. Where there is none yet they are read, both piece by piece, and no
/// further than to the first difference.
struct TensorComparison: Sendable {
    let artifacts: ArtifactService
    let path: String

    private(set) var changes: [VersionDiff.Tensor] = []
    private(set) var sameCount = 0

    init(artifacts: ArtifactService, path: String) {
        self.artifacts = artifacts
        self.path = path
    }

    /// - Parameter indexes: What is known of the old and of the new file.
    mutating func compare(
        _ old: Manifest.File,
        _ new: Manifest.File,
        _ indexes: (old: TensorIndex?, new: TensorIndex?)
    ) async throws(MartletError) {
        let reader = ModelReader(artifacts: self.artifacts)
        let oldHeader = try await reader.safetensors(of: old.digest, size: old.size)
        let newHeader = try await reader.safetensors(of: new.digest, size: new.size)
        let oldDigests = indexes.old?.digests(of: oldHeader)
        let newDigests = indexes.new?.digests(of: newHeader)
        let oldPositions = Dictionary(
            uniqueKeysWithValues: oldHeader.tensors.enumerated().map { (ExactText($1.name), $0) }
        )
        let newNames = Set(newHeader.tensors.map { ExactText($0.name) })
        for (position, tensor) in newHeader.tensors.enumerated() {
            guard let oldPosition = oldPositions[ExactText(tensor.name)] else {
                self.changes.append(.init(file: self.path, name: tensor.name, old: nil, new: tensor.summary))
                continue
            }
            let before = oldHeader.tensors[oldPosition]
            var isSame = before.dtype == tensor.dtype && before.shape == tensor.shape
            if isSame, let oldDigests, let newDigests {
                isSame = oldDigests[oldPosition] == newDigests[position]
            } else if isSame {
                isSame = try await self.isEqual(old.digest, before.bytes, new.digest, tensor.bytes)
            }
            if isSame {
                self.sameCount += 1
            } else {
                self.changes.append(
                    .init(file: self.path, name: tensor.name, old: before.summary, new: tensor.summary)
                )
            }
        }
        for tensor in oldHeader.tensors where !newNames.contains(ExactText(tensor.name)) {
            self.changes.append(.init(file: self.path, name: tensor.name, old: tensor.summary, new: nil))
        }
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

extension SafetensorsHeader.Tensor {
    /// As in `F32 [30522, 384]`.
    fileprivate var summary: String { "\(self.dtype) \(self.shape)" }
}
