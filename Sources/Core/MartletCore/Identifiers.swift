/// Identifies one experiment; `0` is the default experiment, which always exists.
package struct ExperimentID: Sendable, Hashable, Comparable {
    package let rawValue: Int64

    package static let `default` = ExperimentID(0)

    package init(_ rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// Accepts the decimal spelling that every client uses.
    package init(validating text: String) throws(MartletError) {
        guard let value = Int64(text) else {
            throw .invalid("Invalid experiment ID '\(text)'. Experiment ID must be a valid integer.")
        }
        self.rawValue = value
    }

    package static func < (left: ExperimentID, right: ExperimentID) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension ExperimentID: CustomStringConvertible {
    package var description: String { String(self.rawValue) }
}

/// Identifies one run: 32 lowercase hexadecimal digits when made here.
///
/// Imported registries may carry other spellings, so validation refuses only what could not be an
/// identifier anywhere.
package struct RunID: Sendable, Hashable {
    package let rawValue: String

    package init(validating text: String) throws(MartletError) {
        guard IdentifierSyntax.accepts(text) else { throw .invalid("Invalid run ID: '\(text)'") }
        self.rawValue = text
    }

    package init(trusted text: String) {
        self.rawValue = text
    }
}

extension RunID: CustomStringConvertible {
    package var description: String { self.rawValue }
}

/// Identifies one logged model: `m-` and 32 lowercase hexadecimal digits when made here.
package struct LoggedModelID: Sendable, Hashable {
    package let rawValue: String

    package init(validating text: String) throws(MartletError) {
        guard IdentifierSyntax.accepts(text) else { throw .invalid("Invalid model ID: '\(text)'") }
        self.rawValue = text
    }

    package init(trusted text: String) {
        self.rawValue = text
    }
}

extension LoggedModelID: CustomStringConvertible {
    package var description: String { self.rawValue }
}

/// What run and model identifiers may look like: a letter or digit, then up to 255 of `[A-Za-z0-9_-]`.
enum IdentifierSyntax {
    static func accepts(_ text: String) -> Bool {
        guard (1...256).contains(text.utf8.count), let first = text.utf8.first else { return false }
        return self.isAlphanumeric(first)
            && text.utf8.allSatisfy { character in
                self.isAlphanumeric(character) || character == UInt8(ascii: "_") || character == UInt8(ascii: "-")
            }
    }

    private static func isAlphanumeric(_ character: UInt8) -> Bool {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: false
        }
    }
}
