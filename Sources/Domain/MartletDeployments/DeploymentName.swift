package import MartletCore
package import MartletSQL

/// Names a place where versions serve, as in `/serve/NAME/invocations`.
package struct DeploymentName: Sendable, Hashable {
    private static let charactersMax = 63

    package let rawValue: String

    /// Accepts lowercase letters, digits, `-`, `_` and `.`, beginning with a letter or a digit.
    package init(validating text: String) throws(MartletError) {
        guard let first = text.utf8.first, Self.isLetterOrDigit(first), text.utf8.count <= Self.charactersMax,
            text.utf8.allSatisfy({ Self.isLetterOrDigit($0) || Self.isSeparator($0) })
        else {
            throw .invalid(
                "'\(text)' is not the name of a deployment: lowercase letters, digits, '-', '_' and '.', at most "
                    + "\(Self.charactersMax)."
            )
        }
        self.rawValue = text
    }

    init(trusted text: String) {
        self.rawValue = text
    }

    private static func isLetterOrDigit(_ character: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(character)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(character)
    }

    private static func isSeparator(_ character: UInt8) -> Bool {
        character == UInt8(ascii: "-") || character == UInt8(ascii: "_") || character == UInt8(ascii: ".")
    }
}

extension DeploymentName: CustomStringConvertible {
    package var description: String { self.rawValue }
}

extension DeploymentName: SQLBindable {
    package var sqlValue: SQLValue { .text(self.rawValue) }
}
