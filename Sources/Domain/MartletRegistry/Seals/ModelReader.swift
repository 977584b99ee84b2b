import MartletArtifacts
import MartletCapture
import MartletCore
import NIOCore

/// Reads the few files of a version that say something about it, each up to a limit, outside of any transaction.
struct ModelReader: Sendable {
    let artifacts: ArtifactService

    /// What cannot be read becomes a problem of the capture; nothing here fails a registration.
    func capture(_ tree: SealedTree) async -> CapturedModel {
        let files = tree.files.map { WellKnownFiles.File(path: $0.path, size: $0.size) }
        let digests = Dictionary(tree.files.map { ($0.path, $0.digest) }, uniquingKeysWith: { $1 })
        var capture = ModelCapture(files: files)
        let sizes = Dictionary(files.map { ($0.path, $0.size) }, uniquingKeysWith: { $1 })
        for path in capture.wellKnown.texts {
            guard let digest = digests[path], let size = sizes[path] else { continue }
            do throws(MartletError) {
                capture.add(text: try await self.artifacts.bytes(of: digest, 0..<size), of: path)
            } catch {
                capture.fail(path, error.message)
            }
        }
        for file in capture.wellKnown.safetensors {
            guard let digest = digests[file.path] else { continue }
            do throws(MartletError) {
                capture.add(header: try await self.header(of: digest, size: file.size), of: file)
            } catch {
                capture.fail(file.path, error.message)
            }
        }
        return capture.finish()
    }

    /// The header of a safetensors file, without the eight bytes before it that say how long it is.
    func header(of digest: BlobDigest, size: Int64) async throws(MartletError) -> [UInt8] {
        let lengthBytes = Int64(SafetensorsHeader.lengthBytes)
        let first = try await self.artifacts.bytes(of: digest, 0..<min(lengthBytes, size))
        let length = Int64(try SafetensorsHeader.headerLength(firstBytes: first, fileSize: size))
        return try await self.artifacts.bytes(of: digest, lengthBytes..<lengthBytes + length)
    }

    /// What the header of a safetensors file says.
    func safetensors(of digest: BlobDigest, size: Int64) async throws(MartletError) -> SafetensorsHeader {
        try SafetensorsHeader(header: try await self.header(of: digest, size: size), fileSize: size)
    }
}
