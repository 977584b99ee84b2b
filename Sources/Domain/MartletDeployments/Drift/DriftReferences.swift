package import MartletArtifacts
import MartletCore
import MartletRegistry
package import MartletSQL
import Synchronization

/// The references of versions, each of which is read once.
package final class DriftReferences: Sendable {
    private static let capacity = 1_000

    private let database: any Database
    private let artifacts: ArtifactService
    private let known = Mutex<[Int64: DriftReference]>([:])

    package init(database: any Database, artifacts: ArtifactService) {
        self.database = database
        self.artifacts = artifacts
    }

    /// Returns what a version was trained on; a reference of nothing where it has none that can be read.
    func reference(ofVersion key: Int64) async throws(MartletError) -> DriftReference {
        if let known = self.known.withLock({ $0[key] }) { return known }
        let reference = try await self.read(ofVersion: key)
        self.known.withLock { known in
            if known.count >= Self.capacity { known = [:] }
            known[key] = reference
        }
        return reference
    }

    private func read(ofVersion key: Int64) async throws(MartletError) -> DriftReference {
        let file = try await self.database.read(.search) { db throws(MartletError) in
            try ServableVersion.find(key: key, on: db).files(on: db).filter(Self.isReference)
                .min { $0.path.utf8.count < $1.path.utf8.count }
        }
        guard let file, file.size <= DriftReference.bytesMax else { return DriftReference() }
        let bytes = try await self.artifacts.bytes(of: file.digest, 0..<file.size)
        // What cannot be read is nothing to compare with; who asks for drift is told that there is no reference.
        return (try? DriftReference(bytes)) ?? DriftReference()
    }

    private static func isReference(_ file: SealedTree.File) -> Bool {
        file.path.split(separator: "/").last.map { $0 == DriftReference.fileName } ?? false
    }
}
