import Crypto
import MartletArtifacts
package import MartletCore
package import MartletSQL

/// Checks that the manifest of every version is what its digest says, and its files what its manifest says.
///
/// The bytes of the files themselves are the business of the inspection of artifacts.
package struct SealInspection: Sendable {
    private static let versionsPerPage = 100

    private let database: any Database

    package init(database: any Database) {
        self.database = database
    }

    /// Returns what is wrong, in words, and how many versions are as they were registered.
    package func run() async throws(MartletError) -> (problems: [String], intactCount: Int) {
        var problems: [String] = []
        var intactCount = 0
        var position: Int64 = 0
        while true {
            let start = position
            let page = try await self.database.read(.inspection) { db throws(MartletError) in
                var results: [(key: Int64, problem: String?)] = []
                for row in try db.query(ModelVersionQueries.sealed(after: start, limit: Self.versionsPerPage)) {
                    let found = ModelVersionQueries.decode(row)
                    results.append((found.key, try Self.problem(of: found, on: db)))
                }
                return results
            }
            guard let last = page.last else { return (problems, intactCount) }
            position = last.key
            problems += page.compactMap(\.problem)
            intactCount += page.count { $0.problem == nil }
        }
    }

    private static func problem(of found: FoundVersion, on db: any Connection) throws(MartletError) -> String? {
        let version = found.version
        let what = "version \(version.number) of '\(version.name)'"
        guard let seal = version.seal else { return nil }
        guard let row = try db.queryOne(ManifestQueries.body(of: found.key)) else { return "\(what) has no manifest" }
        let bytes = Array(row.text(0).utf8)
        guard seal.digest == BlobDigest(SHA256.hash(data: bytes)) else {
            return "\(what): its manifest was edited"
        }
        guard let manifest = try? Manifest(bytes: bytes) else { return "\(what): its manifest cannot be read" }
        guard manifest.files.tree == seal.tree else { return "\(what): its files are not those of its manifest" }
        guard let tree = seal.tree else { return nil }
        let files = try SealedTree.files(below: ArtifactAddress(SealedTree.folder(of: tree), in: .sealed), on: db)
        guard SealedTree(files).digest == tree else { return "\(what): its list of files was edited" }
        return nil
    }
}
