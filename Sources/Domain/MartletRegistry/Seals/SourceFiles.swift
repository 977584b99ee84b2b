import MartletArtifacts
import MartletCore
import MartletSQL

/// Finds the files below a version's source, inside a transaction.
enum SourceFiles {
    /// - Parameter uri: A `runs:` URI, or where the files lie.
    static func find(
        _ uri: String,
        in sources: any SourceDirectory,
        on db: any Connection
    ) throws(MartletError) -> VersionDraft.Files {
        guard let location = try self.location(of: uri, in: sources, on: db) else {
            return .unsealed(reason: "the run of its source is not known here")
        }
        guard let address = ArtifactAddress(uri: location) else {
            return .unsealed(reason: "its source lies outside of this server")
        }
        if let file = try SealedTree.file(at: address, on: db) { return .sealed(SealedTree([file]), file: file.path) }
        let files = try SealedTree.files(below: address, on: db)
        guard !files.isEmpty else {
            return .unsealed(reason: "there were no files at its source when it was registered")
        }
        return .sealed(SealedTree(files), file: nil)
    }

    /// Where files lie, with a `runs:` URI resolved; `nil` when there is no such run.
    static func location(
        of uri: String,
        in sources: any SourceDirectory,
        on db: any Connection
    ) throws(MartletError) -> String? {
        guard uri.hasPrefix("runs:"), case .run(let run, let path) = try VersionSource(parsing: uri) else { return uri }
        guard let root = try sources.artifactURI(of: run, on: db) else { return nil }
        return path.isEmpty ? root : "\(root)/\(path)"
    }
}
