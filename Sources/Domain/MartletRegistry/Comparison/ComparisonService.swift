package import MartletArtifacts
import MartletCapture
package import MartletCore
package import MartletSQL

/// Compares versions: two with each other, or all of a model by a metric.
package struct ComparisonService: Sendable {
    private let database: any Database
    private let artifacts: ArtifactService

    package init(database: any Database, artifacts: ArtifactService) {
        self.database = database
        self.artifacts = artifacts
    }

    /// Says how two versions differ, of one model or of two.
    ///
    /// - Throws: `notFound` for a version that has no manifest.
    package func diff(
        from old: (ModelName, VersionSelector),
        to new: (ModelName, VersionSelector)
    ) async throws(MartletError) -> VersionDiff {
        let (before, after) = try await self.database.read { db throws(MartletError) in
            (try Self.find(old, on: db), try Self.find(new, on: db))
        }
        var diff = VersionDiff(before.version, after.version, before.manifest, after.manifest)
        let oldFiles = Dictionary(before.manifest.files.list.map { ($0.path, $0) }, uniquingKeysWith: { $1 })
        for file in after.manifest.files.list where file.path.hasSuffix(".safetensors") {
            guard let earlier = oldFiles[file.path] else { continue }
            try await self.compareTensors(earlier, file, &diff)
        }
        return diff
    }

    private func compareTensors(
        _ old: Manifest.File,
        _ new: Manifest.File,
        _ diff: inout VersionDiff
    ) async throws(MartletError) {
        guard old.digest != new.digest else { return }
        var comparison = TensorComparison(artifacts: self.artifacts, path: new.path)
        do throws(MartletError) {
            try await comparison.compare(old, new)
        } catch {
            // Lying headers were told at registration; the files are compared as files all the same.
            guard error.code == .invalidArgument else { throw error }
            return
        }
        diff.tensors += comparison.changes
        diff.sameTensorCount += comparison.sameCount
    }

    private static func find(
        _ version: (ModelName, VersionSelector),
        on db: any Connection
    ) throws(MartletError) -> (version: ModelVersion, manifest: Manifest) {
        let found = try FoundVersion.find(version.1, of: version.0, on: db)
        guard let manifest = try Manifest.find(of: found.key, on: db) else {
            throw MartletError(.notFound, "Version \(found.version.number) of '\(version.0)' has no manifest.")
        }
        return (found.version, manifest)
    }
}

/// Versions that were measured on the same dataset, the best first.
package struct Ranking: Sendable {
    package struct Entry: Sendable {
        package let number: VersionNumber
        package let semanticVersion: SemanticVersion?
        package let stage: StageName
        package let value: Double
    }

    /// Empty when nobody said.
    package let datasetName: String
    package let datasetDigest: String
    package internal(set) var entries: [Entry]
}

extension ComparisonService {
    private static let entriesMax = 1_000

    /// Ranks a model's versions by a metric: for each dataset apart, since only like compares with like.
    ///
    /// - Parameters:
    ///   - dataset: The name or the digest of the only one to look at.
    ///   - better: Which way is up; guessed from the metric's name where `nil`.
    package func best(
        of name: ModelName,
        by metric: String,
        on dataset: String?,
        better: MetricDirection
    ) async throws(MartletError) -> [Ranking] {
        try await self.database.read(.search) { db throws(MartletError) in
            let model = try FoundModel.find(name, on: db)
            let statement = ComparisonQueries.ranked(
                model.key,
                by: metric,
                on: dataset,
                better: better,
                limit: Self.entriesMax
            )
            var rankings: [Ranking] = []
            for row in try db.query(statement) {
                let entry = ComparisonQueries.decode(row)
                if rankings.last?.datasetName != row.text(0) || rankings.last?.datasetDigest != row.text(1) {
                    rankings.append(Ranking(datasetName: row.text(0), datasetDigest: row.text(1), entries: []))
                }
                rankings[rankings.count - 1].entries.append(entry)
            }
            return rankings
        }
    }
}
