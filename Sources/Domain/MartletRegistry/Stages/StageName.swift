package import MartletCore
package import MartletSQL

/// What a model calls one of its stages.
package struct StageName: Sendable, Hashable {
    private static let charactersMax = 50

    package let rawValue: String

    /// Accepts lowercase letters, digits, underscores and dashes, beginning with a letter.
    package init(validating text: String) throws(MartletError) {
        let lower = text.lowercased()
        guard let first = lower.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first),
            lower.utf8.count <= Self.charactersMax, lower.utf8.allSatisfy(Self.accepts), lower != "latest"
        else {
            throw .invalid(
                "'\(text)' is not the name of a stage: letters, digits, '_' and '-', at most \(Self.charactersMax)."
            )
        }
        self.rawValue = lower
    }

    init(trusted text: String) {
        self.rawValue = text
    }

    /// The name of a stage that MLflow knows, in a model without stages of its own.
    package init(_ stage: Stage) {
        self.rawValue = stage.rawValue
    }

    private static func accepts(_ character: UInt8) -> Bool {
        switch character {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

extension StageName: CustomStringConvertible {
    package var description: String { self.rawValue }
}

extension StageName: SQLBindable {
    package var sqlValue: SQLValue { .text(self.rawValue) }
}
