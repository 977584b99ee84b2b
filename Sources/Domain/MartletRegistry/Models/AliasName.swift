package import MartletCore
package import MartletSQL

/// Names one version of a model for as long as nobody moves it, as in `models:/NAME@ALIAS`.
package struct AliasName: Sendable, Hashable {
    package let rawValue: String

    package init(validating text: String) throws(MartletError) {
        guard !text.isEmpty else { throw .invalid("Registered model alias name cannot be empty.") }
        guard text.unicodeScalars.allSatisfy(Self.accepts) else {
            throw .invalid(
                "Invalid alias name: '\(text)'. "
                    + "Names may only contain alphanumerics, underscores (_), and dashes (-)."
            )
        }
        guard text.unicodeScalars.count <= Limits.aliasCharacters else {
            throw .invalid(
                "'Registered model alias name' exceeds the maximum length of \(Limits.aliasCharacters) characters"
            )
        }
        self.rawValue = text
    }

    init(trusted text: String) {
        self.rawValue = text
    }

    /// Whether this means the newest version, whatever aliases there are.
    var meansLatest: Bool { self.rawValue.lowercased() == "latest" }

    /// Refuses the names that mean something without having been set.
    func requireAssignable() throws(MartletError) {
        guard !self.meansLatest else { throw .invalid("'latest' alias name (case insensitive) is reserved.") }
        let digits = self.rawValue.dropFirst()
        let isVersion = self.rawValue.lowercased().hasPrefix("v") && !digits.isEmpty && digits.allSatisfy(\.isNumber)
        guard !isVersion else { throw .invalid("Version alias name '\(self.rawValue)' is reserved.") }
    }

    private static func accepts(_ character: Unicode.Scalar) -> Bool {
        character == "_" || character == "-" || character.properties.isAlphabetic
            || character.properties.numericType != nil
    }
}

extension AliasName: CustomStringConvertible {
    package var description: String { self.rawValue }
}

extension AliasName: SQLBindable {
    package var sqlValue: SQLValue { .text(self.rawValue) }
}
