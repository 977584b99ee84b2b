package import MartletCore

/// What the makers of a version, its run and its logged model, say of it: the parts of its manifest that no file tells.
package struct SourceFacts: Sendable {
    package var run: Manifest.Run?
    package var hyperparameters: [Tag] = []
    package var datasets: [Manifest.Dataset] = []
    package var code = Manifest.Code()
    /// What is said of machine and system.
    package var environmentTags: [Tag] = []
    package var metrics: [Manifest.Metric] = []

    package init() {}

    /// These facts, and what its author adds to them; where both say something, the author is right.
    func merging(_ own: SourceFacts?) -> SourceFacts {
        guard let own else { return self }
        var merged = self
        merged.hyperparameters = (self.hyperparameters + own.hyperparameters).distinct
        merged.datasets += own.datasets
        merged.environmentTags = (self.environmentTags + own.environmentTags).distinct
        merged.code = own.code == Manifest.Code() ? self.code : own.code
        let names = Set(own.metrics.map(\.name))
        merged.metrics = self.metrics.filter { !names.contains($0.name) } + own.metrics
        return merged
    }
}
