/// Takes apart a text of several signed notes, with an empty line between two of them.
public enum CheckpointNotes {
    private static let signatureStart = "\u{2014} "

    /// Returns the notes in their order.
    ///
    /// A note has an empty line of its own, between its text and its signatures: only one that follows a signature is
    /// the end of a note.
    public static func split(_ text: String) -> [String] {
        var notes: [String] = []
        var lines: [Substring] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let isAfterSignature = lines.last?.hasPrefix(Self.signatureStart) ?? false
            if isAfterSignature, !line.hasPrefix(Self.signatureStart) {
                notes.append(Self.joined(lines))
                lines = []
            }
            if !line.isEmpty || !lines.isEmpty { lines.append(line) }
        }
        let rest = Self.joined(lines)
        return rest.contains { !$0.isNewline } ? notes + [rest] : notes
    }

    private static func joined(_ lines: [Substring]) -> String {
        lines.map { $0 + "\n" }.joined()
    }
}
