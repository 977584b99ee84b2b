package import MartletCore

/// Where files lie, as clients spell it: a path, of which one folder holds the sealed trees.
package struct ArtifactAddress: Sendable, Hashable {
    package static let scheme = "mlflow-artifacts:"
    private static let sealedFolder = "sealed"

    package let space: ArtifactSpace
    package let path: ArtifactPath

    /// - Parameter path: `sealed/` and the digest of a tree lead into the tree; everything else is as it is.
    package init(_ path: ArtifactPath) {
        let parts = path.text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == Self.sealedFolder, let digest = parts[1].split(separator: "/").first,
            (try? BlobDigest(validating: String(digest))) != nil
        else {
            self.space = .mlflow
            self.path = path
            return
        }
        self.space = .sealed
        self.path = ArtifactPath(stored: String(parts[1]))
    }

    /// - Parameter path: Within the space.
    package init(_ path: ArtifactPath, in space: ArtifactSpace) {
        self.space = space
        self.path = path
    }

    /// Reads `mlflow-artifacts:/PATH`; `nil` for what does not lie with us.
    package init?(uri: String) {
        guard uri.hasPrefix(Self.scheme) else { return nil }
        let path = uri.dropFirst(Self.scheme.count)
        guard path.hasPrefix("/"), !path.hasPrefix("//") else { return nil }
        guard let path = try? ArtifactPath(percentEncoded: path.drop { $0 == "/" }) else { return nil }
        self.init(path)
    }

    /// The URI of a tree.
    package static func uri(ofTree digest: BlobDigest) -> String { "\(self.scheme)/\(self.sealedFolder)/\(digest)" }

    /// - Throws: `invalidArgument` for what can no longer be written to.
    package func requireWritable() throws(MartletError) {
        guard self.space != .sealed else {
            throw .invalid("'\(Self.sealedFolder)/\(self.path)' belongs to a sealed version, which never changes")
        }
    }
}
