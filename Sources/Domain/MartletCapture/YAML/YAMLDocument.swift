package import MartletCore
internal import Yams

/// A YAML text, read without believing anything that it says about types.
package struct YAMLDocument: Sendable, Hashable {
    package let root: YAMLValue

    /// Reads a text that holds one document.
    ///
    /// Tags are ignored: whatever `!!python/object` names is never looked up. A text that is deep, large once its
    /// aliases are expanded, or written in a way that no tool writes, is refused rather than parsed.
    ///
    /// - Throws: `invalidArgument` with the reason.
    package init(parsing bytes: [UInt8]) throws(MartletError) {
        let text = try CapturedText.utf8(bytes)
        try Self.refuseUnreadCharacters(text)
        try YAMLSurvey.check(Array(text.utf8))
        var expansion = Expansion()
        guard let node = try Self.parse(text) else {
            self.root = .null
            return
        }
        self.root = try expansion.value(of: node)
    }

    /// Refuses what libyaml takes for a line break or for nothing, and ``YAMLSurvey`` does not.
    private static func refuseUnreadCharacters(_ text: String) throws(MartletError) {
        for character in text.unicodeScalars where character.value > 0x7F {
            switch character.value {
            case 0x85, 0x2028, 0x2029, 0xFEFF:
                throw .invalid("a character that is not read: U+\(String(character.value, radix: 16, uppercase: true))")
            default: continue
            }
        }
    }

    private static func parse(_ text: String) throws(MartletError) -> Node? {
        do {
            // Without rules for types: they are regular expressions, applied to each key.
            return try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
        } catch {
            throw Self.refusal(of: error)
        }
    }

    /// Says what is wrong and where, without the line itself: it may hold a secret.
    private static func refusal(of error: any Error) -> MartletError {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            .invalid("not YAML: \(problem), in line \(mark.line)")
        case .duplicatedKeysInMapping: .invalid("a key is given twice")
        default: .invalid("not YAML")
        }
    }
}

/// Replaces aliases, which Yams shares, by what they stand for, and counts what comes of it.
private struct Expansion {
    private var values = 0
    private var bytes = 0

    mutating func value(of node: Node) throws(MartletError) -> YAMLValue {
        self.values += 1
        guard self.values <= CaptureLimits.yamlValues else {
            throw .invalid("more than \(CaptureLimits.yamlValues) values once its aliases are replaced")
        }
        switch node {
        case .scalar(let scalar): return try self.value(of: scalar)
        case .sequence(let sequence):
            var elements: [YAMLValue] = []
            for element in sequence { elements.append(try self.value(of: element)) }
            return .list(elements)
        case .mapping(let mapping):
            var members: [YAMLValue.Member] = []
            for (key, value) in mapping {
                guard case .scalar(let name) = key else { throw .invalid("a key that is not a text") }
                try self.count(name.string)
                members.append(YAMLValue.Member(name: name.string, value: try self.value(of: value)))
            }
            return .map(members)
        case .alias: throw .invalid("an alias that stands for nothing")
        }
    }

    private mutating func value(of scalar: Node.Scalar) throws(MartletError) -> YAMLValue {
        try self.count(scalar.string)
        let isNull = scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
        return isNull ? .null : .text(scalar.string)
    }

    private mutating func count(_ text: String) throws(MartletError) {
        self.bytes += text.utf8.count
        guard self.bytes <= CaptureLimits.yamlExpandedBytes else {
            throw .invalid("more than \(CaptureLimits.yamlExpandedBytes) bytes once its aliases are replaced")
        }
    }
}
