package import MartletBackends
package import MartletCore

/// A command with places for what a version is; a list of words, which no shell ever reads.
package struct CommandTemplate: Sendable, Hashable {
    private static let modelPlaceholder = "{model}"
    private static let placeholders = [Self.modelPlaceholder, "{version}", "{port}"]
    /// What begins a URI by which MLflow's client finds a version.
    private static let modelsScheme = "models:"
    /// What that client reads otherwise than as a part of a name: the rest is left out, or says which alias is meant.
    /// `/` and `:` are in no name.
    private static let readOtherwise: [Unicode.Scalar] = ["?", "#", "@"]

    /// What serves a version of any flavor, with the client that is installed.
    package static let mlflow = CommandTemplate(
        words: [
            "mlflow", "models", "serve", "-m", "models:/{model}/{version}", "--host", "127.0.0.1", "--port", "{port}",
            "--env-manager", "local",
        ]
    )

    private let words: [String]

    private init(words: [String]) {
        self.words = words
    }

    /// Reads words with spaces between; what stands in single or double quotes is one.
    package init(_ text: String) throws(MartletError) {
        var (words, word, quote): ([String], String?, Character?) = ([], nil, nil)
        for character in text {
            switch (character, quote) {
            case (let character, let open?) where character == open: quote = nil
            case ("'", nil), ("\"", nil): (quote, word) = (character, word ?? "")
            case (let character, nil) where character.isWhitespace:
                if let word { words.append(word) }
                word = nil
            default: word = (word ?? "") + String(character)
            }
        }
        if let word { words.append(word) }
        guard quote == nil else { throw .invalid("a quote in the command is not closed: \(text)") }
        guard let program = words.first, !program.isEmpty, words.contains(where: { $0.contains("{port}") }) else {
            throw .invalid("the command is a program and its arguments, with {port} among them: \(text)")
        }
        self.words = words
    }

    /// As it is read.
    package var text: String {
        self.words.map { $0.contains { $0.isWhitespace } ? "'\($0)'" : $0 }.joined(separator: " ")
    }

    /// Refuses a version whose model's name would not come unchanged to what serves it: another model would be served.
    ///
    /// - Throws: `conflict`, with what to do about it.
    package func require(nameOf version: RunnableVersion) throws(MartletError) {
        guard self.words.contains(where: { $0.contains(Self.modelPlaceholder) }) else { return }
        let scalars = version.model.unicodeScalars
        if scalars.contains(where: { $0.properties.generalCategory == .control }) {
            throw Self.refusal(of: version, "has control characters, and is given to no program. Rename the model.")
        }
        guard self.namesModelInURI, let odd = scalars.first(where: Self.readOtherwise.contains) else { return }
        throw Self.refusal(
            of: version,
            "has '\(odd)', and is given to the program in a 'models:' URI, where it means another model. Rename the "
                + "model, or have --supervise-command give {model} as a word of its own."
        )
    }

    private static func refusal(of version: RunnableVersion, _ reason: String) -> MartletError {
        MartletError(.conflict, "\(version.label) cannot be run: the name of its model \(reason)")
    }

    private var namesModelInURI: Bool {
        self.words.contains { $0.contains(Self.modelsScheme) && $0.contains(Self.modelPlaceholder) }
    }

    /// Returns the program and its arguments. What a version is called stays within its word, whatever it is called.
    ///
    /// - Throws: `conflict`, as ``require(nameOf:)`` does.
    package func filled(for version: RunnableVersion, port: Int) throws(MartletError) -> [String] {
        try self.require(nameOf: version)
        let values = [version.model, "\(version.number)", "\(port)"]
        return self.words.map { word in Self.filled(word[...], values) }
    }

    /// From left to right, so that what was filled in is not read again.
    private static func filled(_ word: Substring, _ values: [String]) -> String {
        guard let brace = word.firstIndex(of: "{") else { return String(word) }
        let rest = word[brace...]
        guard let place = Self.placeholders.firstIndex(where: rest.hasPrefix) else {
            return String(word[...brace]) + self.filled(rest.dropFirst(), values)
        }
        let end = rest.dropFirst(Self.placeholders[place].count)
        return String(word[..<brace]) + values[place] + self.filled(end, values)
    }
}
