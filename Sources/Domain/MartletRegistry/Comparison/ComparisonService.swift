package import MartletArtifacts
import MartletCapture
package import MartletCore
package import MartletSQL

/// Compares versions: two with each other, or all of a model by a metric.
package struct ComparisonService: Sendable {
    private let database: any Database
    private let artifacts: ArtifactService
    private let sources: any SourceDirectory

    /// - Parameter sources: Asked for metrics that were logged after a version was sealed.
    package init(database: any Database, artifacts: ArtifactService, sources: any SourceDirectory) {
        self.database = database
        self.artifacts = artifacts
        self.sources = sources
    }

    /// Says how two versions differ, of one model or of two.
    ///
    /// - Throws: `notFound` for a version that has no manifest.
    package func diff(
        from old: (ModelName, VersionSelector),
        to new: (ModelName, VersionSelector)
    ) async throws(MartletError) -> VersionDiff {
        let sources = self.sources
        let (before, after) = try await self.database.read { db throws(MartletError) in
            (try Self.find(old, sources, on: db), try Self.find(new, sources, on: db))
        }
        var diff = VersionDiff(before, after)
        try await self.compareTensors(before.manifest.files.list, after.manifest.files.list, &diff)
        return diff
    }

    /// Returns the metrics of a version, those that were logged after it was sealed last.
    package func measurements(
        of version: VersionSelector,
        of name: ModelName
    ) async throws(MartletError) -> [MeasuredMetric] {
        let sources = self.sources
        return try await self.database.read { db throws(MartletError) in
            try VersionMeasurements.find(of: try FoundVersion.find(version, of: name, on: db), sources, on: db)
        }
    }

    /// Compares what is in safetensors files that are not in both versions; which file a tensor is in does not matter.
    private func compareTensors(
        _ old: [Manifest.File],
        _ new: [Manifest.File],
        _ diff: inout VersionDiff
    ) async throws(MartletError) {
        let (oldDigests, newDigests) = (Set(old.map(\.digest)), Set(new.map(\.digest)))
        let before = old.filter { $0.path.hasSuffix(".safetensors") && !newDigests.contains($0.digest) }
        let after = new.filter { $0.path.hasSuffix(".safetensors") && !oldDigests.contains($0.digest) }
        let (oldTensors, newTensors) = (try await self.tensors(of: before), try await self.tensors(of: after))
        // With nothing on one side there is nothing to compare; the files say so.
        guard !oldTensors.isEmpty, !newTensors.isEmpty else { return }
        let found = try await TensorComparison(artifacts: self.artifacts).compare(oldTensors, newTensors)
        diff.tensors = found.changes
        diff.sameTensorCount = found.sameCount
    }

    private func tensors(of files: [Manifest.File]) async throws(MartletError) -> [TensorComparison.File] {
        var found: [TensorComparison.File] = []
        for file in files {
            let index = try await self.database.read { db throws(MartletError) in
                try TensorIndex.find(file.digest, on: db)
            }
            do throws(MartletError) {
                let header = try await ModelReader(artifacts: self.artifacts).safetensors(
                    of: file.digest,
                    size: file.size
                )
                found.append(TensorComparison.File(file: file, header: header, digests: index?.digests(of: header)))
            } catch {
                // A lying header was told at registration; the files are compared as files all the same.
                guard error.code == .invalidArgument else { throw error }
            }
        }
        return found
    }

    private static func find(
        _ version: (ModelName, VersionSelector),
        _ sources: any SourceDirectory,
        on db: any Connection
    ) throws(MartletError) -> ComparedVersion {
        let found = try FoundVersion.find(version.1, of: version.0, on: db)
        guard let manifest = try Manifest.find(of: found.key, on: db) else {
            throw MartletError(.notFound, "Version \(found.version.number) of '\(version.0)' has no manifest.")
        }
        return ComparedVersion(
            version: found.version,
            manifest: manifest,
            metrics: try VersionMeasurements.find(of: found, sources, on: db)
        )
    }
}

/// One side of a comparison.
struct ComparedVersion: Sendable {
    let version: ModelVersion
    let manifest: Manifest
    let metrics: [MeasuredMetric]
}

/// Versions that were measured on the same dataset, the best first.
package struct Ranking: Sendable {
    package struct Entry: Sendable {
        package let number: VersionNumber
        package let semanticVersion: SemanticVersion?
        package let stage: StageName
        package let value: Double
        /// Whether it was logged after the version was sealed.
        package let isLate: Bool
    }

    /// Empty when nobody said.
    package let datasetName: String
    package let datasetDigest: String
    package internal(set) var entries: [Entry]
}

extension ComparisonService {
    private static let versionsMax = 10_000

    /// Ranks a model's versions by a metric: for each dataset apart, since only like compares with like.
    ///
    /// - Parameters:
    ///   - dataset: The name or the digest of the only one to look at.
    ///   - better: Which way is up.
    package func best(
        of name: ModelName,
        by metric: String,
        on dataset: String?,
        better: MetricDirection
    ) async throws(MartletError) -> [Ranking] {
        let sources = self.sources
        return try await self.database.read(.search) { db throws(MartletError) in
            let model = try FoundModel.find(name, on: db)
            var rankings: [String: Ranking] = [:]
            for row in try db.query(ModelVersionQueries.all(of: model.key, limit: Self.versionsMax)) {
                let found = ModelVersionQueries.decode(row)
                for measured in try VersionMeasurements.find(of: found, named: [metric], sources, on: db) {
                    if let dataset, ![measured.datasetName, measured.datasetDigest].contains(dataset) { continue }
                    rankings[measured.datasetKey, default: Ranking(of: measured)].add(found.version, measured)
                }
            }
            return rankings.values.map { $0.sorted(better) }
                .sorted { ($0.datasetName, $0.datasetDigest) < ($1.datasetName, $1.datasetDigest) }
        }
    }
}

extension Ranking {
    fileprivate init(of metric: MeasuredMetric) {
        self.init(datasetName: metric.datasetName, datasetDigest: metric.datasetDigest, entries: [])
    }

    fileprivate mutating func add(_ version: ModelVersion, _ metric: MeasuredMetric) {
        self.entries.append(
            Entry(
                number: version.number,
                semanticVersion: version.semanticVersion,
                stage: version.stageName,
                value: metric.value,
                isLate: metric.isLate
            )
        )
    }

    /// The best first; of equal ones, the oldest.
    fileprivate func sorted(_ better: MetricDirection) -> Ranking {
        var sorted = self
        sorted.entries.sort { left, right in
            let gain = better.gain(from: right.value, to: left.value)
            return gain == 0 ? left.number < right.number : gain > 0
        }
        return sorted
    }
}
