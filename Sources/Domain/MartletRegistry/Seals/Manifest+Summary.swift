import MartletCapture
import MartletCore

extension Manifest {
    private static let namesMax = 5

    /// What was found of an item, in a few words.
    package func summary(of item: CaptureItem) -> String {
        switch item {
        case .weights: Self.list(self.files.list.filter { $0.role == .weights }.map(\.path))
        case .tokenizer: Self.list(self.files.list.filter { $0.role == .tokenizer }.map(\.path))
        case .signature:
            "\(self.signature?.inputs?.count ?? 0) inputs, \(self.signature?.outputs?.count ?? 0) outputs"
        case .dataset: Self.list(self.datasets.map { "\($0.name)@\($0.digest)" })
        case .code: (self.code.commit ?? "") + (self.code.isDirty == true ? " with changes that are in no commit" : "")
        case .environment:
            "Python \(self.environment.python ?? "of an unknown version"), \(self.environment.packages.count) packages"
        case .metric: Self.list(self.metrics.map { "\($0.name) = \($0.value.brief)" })
        case .hyperparameters: Self.list(self.hyperparameters.map { "\($0.key) = \($0.value)" })
        case .run: self.run?.id.rawValue ?? ""
        case .seal: "\(self.files.list.count) files, \(self.byteCount) bytes"
        }
    }

    private static func list(_ texts: [String]) -> String {
        let shown = texts.prefix(self.namesMax).joined(separator: ", ")
        return texts.count > self.namesMax ? "\(shown) and \(texts.count - self.namesMax) more" : shown
    }
}
