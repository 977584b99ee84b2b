import MartletCore

/// What people write about a model or a version.
enum Description {
    /// - Throws: `invalidArgument` for a text that would weigh on everybody who reads the ledger.
    static func check(_ text: String?) throws(MartletError) {
        guard let text, text.utf8.count > Limits.descriptionCharacters else { return }
        guard text.unicodeScalars.count <= Limits.descriptionCharacters else {
            throw .invalid("A description has at most \(Limits.descriptionCharacters) characters.")
        }
    }
}
