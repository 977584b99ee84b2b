/// A value of a YAML text, its aliases replaced by what they stand for.
package indirect enum YAMLValue: Sendable, Hashable {
    case null
    /// Any other text, number or truth, as it was written; a tag before it changes nothing.
    case text(String)
    case list([YAMLValue])
    case map([Member])

    /// One member of a map.
    package struct Member: Sendable, Hashable {
        package let name: String
        package let value: YAMLValue
    }

    /// The member of a map called `name`.
    package subscript(_ name: String) -> YAMLValue? {
        self.members.first { $0.name == name }?.value
    }

    /// The members of a map, in their order; empty for everything else.
    package var members: [Member] {
        if case .map(let members) = self { members } else { [] }
    }

    /// The elements of a list; empty for everything else.
    package var elements: [YAMLValue] {
        if case .list(let elements) = self { elements } else { [] }
    }

    /// What a scalar says; `nil` for null and for everything else.
    package var text: String? {
        if case .text(let text) = self { text } else { nil }
    }
}
