public import MartletWire

/// What a pull has done.
public struct PullResult: Sendable {
    /// The version that is in the folder now.
    public let version: VersionRecord
    /// How many files were written.
    public let filesWritten: Int
    /// How many files were there already, with the right bytes.
    public let filesKept: Int
    /// How many bytes all files of the version have.
    public let bytes: Int64
}

extension MartletClient {
    /// How many files are transferred at the same time.
    static let filesAtOnce = 4

    /// Brings all files of a version into a folder, and checks every byte of them.
    ///
    /// The list of files must be that of the version's manifest, and the manifest must have the version's digest: name
    /// a version by its digest, and no server can give you another one.
    ///
    /// Each file is first written under a name that ends with `.martlet-partial`, and gets its own when its SHA-256 is
    /// right and the bytes are on the disk. After an interruption, a pull of the same version goes on where it was.
    /// Files of the folder that the version does not have are left alone.
    ///
    /// - Parameters:
    ///   - reference: The version.
    ///   - folder: Made where needed. Nothing outside of it is written, whatever the server says.
    ///   - overwriting: Whether files may be replaced that have other bytes.
    ///   - progress: Told how far the pull is.
    /// - Throws: ``MartletClientError/Code/wouldOverwrite`` before anything is written, if files are there that have
    ///   other bytes and `overwriting` is not set.
    public func pull(
        _ reference: VersionReference,
        into folder: String,
        overwriting: Bool = false,
        progress: @escaping ProgressObserver = { _ in }
    ) async throws(MartletClientError) -> PullResult {
        try await translatingErrors {
            let version = try await self.version(reference)
            // An alias may move on while files are under way; a number does not.
            let pinned = VersionReference(model: version.model, number: version.number)
            let files = try await self.sealedFiles(version, pinned, asked: reference)
            let plan = try PullPlan(files)
            let root = try await blocking { try LocalFolder.open(making: folder) }
            let missing = try await plan.missing(in: root, overwriting: overwriting, progress)
            let bytes = missing.reduce(0) { $0 + $1.record.size }
            let counter = ProgressCounter(.init(.transferring, files: missing.count, bytes: bytes), progress)
            try await forEach(missing, atOnce: Self.filesAtOnce) { file in
                try await FileDownload(
                    server: self.server,
                    version: pinned,
                    record: file.record,
                    path: file.path,
                    counter: counter
                ).run(into: root)
            }
            return PullResult(
                version: version,
                filesWritten: missing.count,
                filesKept: files.count - missing.count,
                bytes: files.reduce(0) { $0 + $1.size }
            )
        }
    }
}
