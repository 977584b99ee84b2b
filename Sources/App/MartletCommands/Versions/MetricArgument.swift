import ArgumentParser
package import MartletWire

/// `NAME=VALUE`, `NAME=VALUE@DATASET` or `NAME=VALUE@DATASET#DIGEST`.
package struct MetricArgument: ExpressibleByArgument, Sendable, Hashable {
    let name: String
    let value: Double
    let datasetName: String?
    let datasetDigest: String?

    package init?(argument: String) {
        guard let pair = PairArgument(argument: argument) else { return nil }
        let parts = pair.value.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard let value = parts.first.flatMap({ Double($0) }) else { return nil }
        self.name = pair.key
        self.value = value
        guard parts.count == 2 else {
            (self.datasetName, self.datasetDigest) = (nil, nil)
            return
        }
        guard let (name, digest) = DatasetArgument.nameAndDigest(parts[1]) else {
            guard !parts[1].isEmpty, !parts[1].contains("#") else { return nil }
            (self.datasetName, self.datasetDigest) = (String(parts[1]), nil)
            return
        }
        (self.datasetName, self.datasetDigest) = (name, digest)
    }

    /// - Parameter datasets: Where a dataset's digest is found that was only named.
    package func record(among datasets: [DatasetRecord]) -> MetricRecord {
        let digest = self.datasetDigest ?? datasets.first { $0.name == self.datasetName }?.digest
        return MetricRecord(
            name: self.name,
            value: self.value,
            datasetName: self.datasetName,
            datasetDigest: digest
        )
    }
}
