package import MartletCore

/// A named set of runs.
package struct Experiment: Sendable, Hashable {
    package var id: ExperimentID
    package var name: String
    /// Where the artifacts of its runs go: a URI that their own are derived from.
    package var artifactLocation: String
    package var createdAt: Timestamp
    package var updatedAt: Timestamp
    package var isDeleted: Bool
    package var tags: [Tag]
}
