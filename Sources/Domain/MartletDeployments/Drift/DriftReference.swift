import MartletCore
import MartletJSON
import MartletStatistics

/// How features and scores were distributed when a version was trained: a file among those of the version.
///
/// docs/drift.md has the format, and a few lines of Python that write it.
final class DriftReference: Sendable {
    struct Feature: Sendable {
        let bins: FeatureBins
        let counts: BinCounts
    }

    /// What the file is called, in whatever folder.
    static let fileName = "martlet-reference.json"
    static let bytesMax: Int64 = 4 << 20

    /// By name.
    let features: [String: Feature]

    /// A reference of nothing.
    init() {
        self.features = [:]
    }

    init(_ bytes: [UInt8]) throws(MartletError) {
        guard let root = (try? JSONDocument(parsing: bytes, depthMax: Limits.jsonDepth))?.root,
            root["version"]?.integer == 1, let features = root["features"], features.kind == .object
        else { throw .invalid("a '\(Self.fileName)' is an object with 'version' 1 and 'features'") }
        var found: [String: Feature] = [:]
        for (name, json) in features.members { found[name.string ?? ""] = try Feature(json) }
        self.features = found
    }
}

extension DriftReference.Feature {
    /// Reads `{"cuts": […], "counts": […]}` or `{"categories": […], "counts": […]}`.
    fileprivate init(_ json: JSONValue) throws(MartletError) {
        let counts = json["counts"].map { Array($0.elements) } ?? []
        let numbers = json["cuts"].map { $0.elements.compactMap(\.double) }
        let names = json["categories"].map { $0.elements.compactMap(\.string) }
        switch (numbers, names) {
        case (let cuts?, nil): self.bins = try FeatureBins(.numbers(cuts: cuts))
        case (nil, let names?): self.bins = try FeatureBins(.categories(names))
        default: throw .invalid("a feature of a reference has 'cuts' or 'categories'")
        }
        self.counts = try BinCounts(
            self.bins,
            counts: try counts.map { json throws(MartletError) in
                guard let count = json.integer, count >= 0 else { throw .invalid("a count is a whole number") }
                return UInt64(count)
            }
        )
    }
}
