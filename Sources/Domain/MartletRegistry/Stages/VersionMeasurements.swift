import MartletCore
import MartletSQL

/// The metrics of a version: those that were sealed with it, and those that were logged of it afterwards.
///
/// Many programs register a model first and measure it then. What they log later is no part of the manifest, which
/// never changes; it is evidence all the same, and says of itself that it came late. A metric that was sealed stays
/// what it was, whatever is logged under its name later.
enum VersionMeasurements {
    /// - Parameter names: Of the only metrics that are wanted; `nil` for all.
    static func find(
        of found: FoundVersion,
        named names: Set<String>? = nil,
        _ sources: any SourceDirectory,
        on db: any Connection
    ) throws(MartletError) -> [MeasuredMetric] {
        let sealed = try db.query(StageQueries.metrics(of: found.key)).map(StageQueries.decodeMetric)
        let wanted = sealed.filter { names?.contains($0.name) ?? true }
        let known = Set(sealed.map(\.name))
        let version = found.version
        // What was sealed is not overridden, so there may be nothing to look for.
        guard version.purgedAt == nil, version.runID != nil || version.loggedModelID != nil,
            names?.isSubset(of: known) != true
        else { return wanted }
        let late = try sources.metrics(run: version.runID, loggedModel: version.loggedModelID, named: names, on: db)
            .filter { !known.contains($0.name) && !$0.value.isNaN }
        return wanted + late.map { MeasuredMetric($0, isLate: true) }
    }
}

/// A metric of a version, as it is compared.
package struct MeasuredMetric: Sendable, Hashable {
    package let name: String
    /// Empty when nobody said.
    package let datasetName: String
    package let datasetDigest: String
    package let value: Double
    /// Whether it was logged after the version was sealed.
    package let isLate: Bool

    init(name: String, datasetName: String, datasetDigest: String, value: Double) {
        self.name = name
        self.datasetName = datasetName
        self.datasetDigest = datasetDigest
        self.value = value
        self.isLate = false
    }

    fileprivate init(_ metric: Manifest.Metric, isLate: Bool) {
        self.name = metric.name
        self.datasetName = metric.datasetName
        self.datasetDigest = metric.datasetDigest
        self.value = metric.value
        self.isLate = isLate
    }

    /// What it was measured on: what its digest says, whatever it is called; the name where there is no digest.
    var datasetKey: String { self.datasetDigest.isEmpty ? "name:\(self.datasetName)" : "digest:\(self.datasetDigest)" }

    func isOnSameDataset(as other: MeasuredMetric) -> Bool { self.datasetKey == other.datasetKey }

    /// Where and when it was measured, as far as that is worth saying.
    var circumstances: String {
        (self.datasetName.isEmpty ? "" : " on \(self.datasetName)") + (self.isLate ? " (logged after sealing)" : "")
    }
}
