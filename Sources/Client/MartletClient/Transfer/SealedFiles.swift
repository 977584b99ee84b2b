import Crypto
import MartletCore
import MartletJSON
import MartletWire

/// The files that a version's manifest names: what its digest stands for.
struct SealedFiles {
    private struct File: Hashable {
        var path: String
        var sha256: String
        var size: Int64
    }

    private let files: Set<File>

    /// - Throws: ``MartletClientError/Code/integrity`` unless the manifest has the digest.
    init(manifest: [UInt8], digest: String) throws(MartletClientError) {
        guard Hexadecimal.string(Array(SHA256.hash(data: manifest))) == digest else {
            throw MartletClientError(.integrity, "the server's manifest does not have the digest sha256:\(digest)")
        }
        // Why it is none makes no difference.
        guard let root = try? JSONDocument(parsing: manifest, depthMax: 64).root else {
            throw MartletClientError(.integrity, "the server's manifest is not JSON")
        }
        var files: Set<File> = []
        for file in root["files"].map({ Array($0.elements) }) ?? [] {
            guard let path = file["path"]?.string, let sha256 = file["sha256"]?.string,
                let size = file["size"]?.integer
            else { throw MartletClientError(.integrity, "the server's manifest names a file without a digest") }
            files.insert(File(path: path, sha256: sha256, size: size))
        }
        self.files = files
    }

    /// Throws ``MartletClientError/Code/integrity`` unless `records` are these files, all of them and no others.
    func require(_ records: [FileRecord]) throws(MartletClientError) {
        let listed = Set(records.map { File(path: $0.path, sha256: $0.sha256, size: $0.size) })
        guard let wrong = listed.symmetricDifference(self.files).map(\.path).min() else { return }
        throw MartletClientError(.integrity, "the server's list of files is not that of the manifest: see '\(wrong)'")
    }
}

extension MartletClient {
    /// Lists the files of a version, and checks that they are those that its digest stands for, where it has one.
    ///
    /// - Parameters:
    ///   - version: The version.
    ///   - pinned: The same, by its number.
    ///   - asked: How the caller named it: a digest binds the server, other names do not.
    func sealedFiles(
        _ version: VersionRecord,
        _ pinned: VersionReference,
        asked: VersionReference
    ) async throws -> [FileRecord] {
        let scheme = "sha256:"
        if asked.version.hasPrefix(scheme), version.digest != String(asked.version.dropFirst(scheme.count)) {
            throw MartletClientError(.integrity, "the server sent another version than \(asked)")
        }
        let files = try await self.files(of: pinned).files
        guard let digest = version.digest, version.seal.state == "sealed" else { return files }
        try SealedFiles(manifest: try await self.manifest(of: pinned), digest: digest).require(files)
        return files
    }
}
