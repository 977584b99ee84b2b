import MartletCapture
import MartletCore

/// How far a new version's number moves on, and why.
///
/// | the new version, compared with the one it follows | moves |
/// |---|---|
/// | there is none | to 1.0.0 |
/// | a signature that old callers cannot use, a removed output, another task, a flavor that is gone | major |
/// | a signature that grew, a new flavor, another architecture, other datasets, hyperparameters or prompt | minor |
/// | none of these: the same recipe trained again, or packed anew | patch |
struct Bump: Sendable, Hashable {
    enum Part: Sendable, Comparable {
        case patch, minor, major
    }

    private static let namesMax = 5

    private(set) var part = Part.patch
    private(set) var reasons: [String] = []

    init(from older: Manifest, to newer: Manifest) {
        self.compareSignatures(older, newer)
        self.compareKinds(older.architecture, newer.architecture)
        self.compareIngredients(older, newer)
        guard self.reasons.isEmpty else { return }
        let weights = [older, newer].map { manifest in manifest.files.list.filter { $0.role == .weights } }
        let isSame = !weights[0].isEmpty && weights[0].map(\.digest) == weights[1].map(\.digest)
        self.add(.patch, isSame ? "the same weights, packed anew" : "the same recipe, trained again")
    }

    private mutating func add(_ part: Part, _ reason: String) {
        self.part = max(self.part, part)
        self.reasons.append("\(part): \(reason)")
    }

    private mutating func compareSignatures(_ older: Manifest, _ newer: Manifest) {
        switch ModelSignature.change(from: older.signature, to: newer.signature) {
        case .same: break
        case .compatible(let reasons): for reason in reasons { self.add(.minor, reason) }
        case .incompatible(let reasons, let compatible):
            for reason in reasons { self.add(.major, reason) }
            for reason in compatible { self.add(.minor, reason) }
        }
    }

    private mutating func compareKinds(_ older: Manifest.Architecture, _ newer: Manifest.Architecture) {
        if let old = older.task, let new = newer.task, old != new {
            self.add(.major, "the task changed: \(old) → \(new)")
        }
        let (oldFlavors, newFlavors) = (Set(older.flavors.map(\.key)), Set(newer.flavors.map(\.key)))
        if !oldFlavors.isEmpty {
            for flavor in oldFlavors.subtracting(newFlavors).sorted() {
                self.add(.major, "no flavor '\(flavor)' any more")
            }
            for flavor in newFlavors.subtracting(oldFlavors).sorted() { self.add(.minor, "a new flavor '\(flavor)'") }
        }
        if !older.names.isEmpty, older.names != newer.names {
            self.add(.minor, "another architecture: \(newer.names.joined(separator: ", "))")
        } else if let old = older.layout, let new = newer.layout, old != new {
            self.add(.minor, "another architecture: other sizes, or other names, types or shapes of tensors")
        }
    }

    private mutating func compareIngredients(_ older: Manifest, _ newer: Manifest) {
        let datasets = Self.difference(older.datasets.map(\.identity), newer.datasets.map(\.identity))
        if !datasets.isEmpty { self.add(.minor, "other datasets: \(Self.list(datasets))") }
        let hyperparameters = Self.difference(older.hyperparameters, newer.hyperparameters)
        if !hyperparameters.isEmpty { self.add(.minor, "other hyperparameters: \(Self.list(hyperparameters))") }
        if older.promptText != newer.promptText { self.add(.minor, "another text of the prompt") }
    }

    /// The names of what is not in both.
    private static func difference(_ older: [Tag], _ newer: [Tag]) -> [String] {
        var names: [String] = []
        for tag in Set(older).symmetricDifference(newer).sorted(by: { $0.key < $1.key }) where names.last != tag.key {
            names.append(tag.key)
        }
        return names
    }

    private static func list(_ names: [String]) -> String {
        let shown = names.prefix(self.namesMax).joined(separator: ", ")
        return names.count > self.namesMax ? "\(shown) and \(names.count - self.namesMax) more" : shown
    }
}

extension Bump.Part: CustomStringConvertible {
    var description: String {
        switch self {
        case .major: "major"
        case .minor: "minor"
        case .patch: "patch"
        }
    }
}

extension Manifest {
    fileprivate var promptText: String? { self.tags.last { $0.key == "mlflow.prompt.text" }?.value }
}

extension Manifest.Dataset {
    /// What makes it another dataset.
    fileprivate var identity: Tag { Tag(key: self.name, value: self.digest) }
}
