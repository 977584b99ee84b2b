package import MartletCore
package import MartletSQL

/// Names one registered model, as in `models:/NAME/VERSION`.
package struct ModelName: Sendable, Hashable {
    package let rawValue: String

    /// Accepts what can stand in such a URI and be the name of a folder.
    ///
    /// - Parameter parameter: What the request calls this name, should it be blank.
    package init(validating text: String, parameter: String = "name") throws(MartletError) {
        guard !text.allSatisfy(\.isWhitespace) else {
            throw .invalid("Missing value for required parameter '\(parameter)'.")
        }
        // PostgreSQL stores none, and to a program it is the end of the name.
        guard !text.unicodeScalars.contains("\0") else {
            throw .invalid("Invalid model name. Names cannot contain the character NUL.")
        }
        guard !text.unicodeScalars.contains(where: { $0 == "/" || $0 == ":" }) else {
            throw .invalid("Invalid model name '\(text)'. Names cannot contain '/' or ':'.")
        }
        guard text != ".", !text.hasPrefix("..") else {
            throw .invalid(
                "Invalid value \"\(text)\" for parameter 'name' supplied: Names may be treated as files in "
                    + "certain cases, and must not resolve to other names when treated as such. "
                    + "This name would resolve to '\(text)'"
            )
        }
        self.rawValue = text
    }

    init(trusted text: String) {
        self.rawValue = text
    }
}

extension ModelName: CustomStringConvertible {
    package var description: String { self.rawValue }
}

extension ModelName: SQLBindable {
    package var sqlValue: SQLValue { .text(self.rawValue) }
}
