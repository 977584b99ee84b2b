import MartletCore
import MartletRegistry
import MartletSearch

/// What searches of the registry share: which things can be named, and when prompts are shown.
enum RegistryFilters {
    /// The kinds of things that a key can name, by every spelling of each.
    enum Entity {
        case attribute, tag

        init(_ name: String?) throws(MartletError) {
            switch name {
            case nil, "attribute": self = .attribute
            case "tag", "tags": self = .tag
            case let name?:
                throw .invalid(
                    "Invalid entity type '\(name)'. Valid entity types are ('attribute', 'tag', 'tags')"
                )
            }
        }
    }

    /// A filter's comparisons, once it is decided whether they ask for prompts.
    struct Comparisons {
        let comparisons: [FilterComparison]
        let hidesPrompts: Bool

        /// Prompts are hidden unless the first comparison of their tag asks for them. Hiding them is all that any
        /// other comparison of it means: a model that is no prompt does not have the tag.
        init(in filter: String) throws(MartletError) {
            var comparisons: [FilterComparison] = []
            var asksForPrompts: Bool?
            for comparison in try FilterGrammar.comparisons(in: filter) {
                if try Entity(comparison.entity) == .tag, comparison.key == RegisteredModel.promptTag {
                    asksForPrompts = asksForPrompts ?? Self.asksForPrompts(comparison)
                    guard asksForPrompts == true else { continue }
                }
                comparisons.append(comparison)
            }
            self.comparisons = comparisons
            self.hidesPrompts = asksForPrompts != true
        }

        private static func asksForPrompts(_ comparison: FilterComparison) -> Bool {
            guard case .text(let text) = comparison.value else { return false }
            switch comparison.comparator {
            case .equals: return text.lowercased() == "true"
            case .differs: return text.lowercased() == "false"
            default: return false
            }
        }
    }

    private static let textComparators: [FilterComparator] = [.equals, .differs, .like, .caseInsensitiveLike]
    private static let listComparators: [FilterComparator] = textComparators + [.oneOf, .noneOf]

    /// Reads a demand on a tag.
    static func tag(_ comparison: FilterComparison) throws(MartletError) -> TextCondition {
        // The value goes first: MLflow complains of a list before it looks at IN.
        if case .text = comparison.value, !self.textComparators.contains(comparison.comparator) {
            throw .invalid("Invalid comparator for tag: \(comparison.comparator.rawValue)")
        }
        return try comparison.textCondition(of: "tag", self.textComparators)
    }

    /// Reads a demand on an attribute that is a text.
    ///
    /// - Parameter listKeys: The attributes that can be compared with a list.
    static func attribute(
        _ comparison: FilterComparison,
        listKeys: [String]
    ) throws(MartletError) -> TextCondition {
        if case .list = comparison.value { try self.requireListKey(comparison, listKeys) }
        guard self.listComparators.contains(comparison.comparator) else {
            throw .invalid("Invalid comparator for attribute: \(comparison.comparator.rawValue)")
        }
        if case .number(let text) = comparison.value {
            throw .invalid(
                "Expected a quoted string value or a list of quoted string values for attributes. Got value \(text)"
            )
        }
        return try comparison.textCondition(of: "attributes", self.listComparators)
    }

    /// Refuses a list where the key is not one of `keys`.
    static func requireListKey(_ comparison: FilterComparison, _ keys: [String]) throws(MartletError) {
        guard keys.contains(comparison.key) else {
            let list = keys.map { "'\($0)'" }.joined(separator: ", ")
            throw .invalid("Only [\(list)] attributes support comparison with a list of quoted string values.")
        }
    }

    /// The refusal of a key that cannot be compared or sorted by.
    static func invalidKey(_ key: String, _ kind: String, valid: [String]) -> MartletError {
        let list = valid.map { "'\($0)'" }.joined(separator: ", ")
        return .invalid("Invalid \(kind) key '\(key)' specified. Valid keys are '{\(list)}'")
    }
}
