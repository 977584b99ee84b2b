import MartletCore
import MartletSQL

/// The metrics of a version: those that were sealed with it, and those that were logged of it afterwards.
///
/// Many programs register a model first and measure it then. What they log later is no part of the manifest, which
/// never changes; it is evidence all the same, and says of itself that it came late. A metric that was sealed stays
/// what it was, whatever is logged under its name later.
enum VersionMeasurements {
    /// - Parameter name: Of the only metric that is wanted.
    static func find(
        of found: FoundVersion,
        named name: String? = nil,
        _ sources: any SourceDirectory,
        on db: any Connection
    ) throws(MartletError) -> [MeasuredMetric] {
        let sealed = try db.query(StageQueries.metrics(of: found.key)).map(StageQueries.decodeMetric)
        let version = found.version
        // What was sealed is not overridden, so there is nothing to look for.
        if let name, sealed.contains(where: { $0.name == name }) { return sealed.filter { $0.name == name } }
        guard version.purgedAt == nil, version.runID != nil || version.loggedModelID != nil else {
            return sealed.filter { name == nil || $0.name == name }
        }
        let names = Set(sealed.map { ExactText($0.name) })
        let late = try sources.metrics(run: version.runID, loggedModel: version.loggedModelID, on: db)
            .filter { !names.contains(ExactText($0.name)) && !$0.value.isNaN }
        return (sealed + late.map { MeasuredMetric($0, isLate: true) }).filter { name == nil || $0.name == name }
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
