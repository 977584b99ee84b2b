import MartletWire

/// How changes look.
enum HistoryView {
    /// Details that the other columns show already, or that only programs need.
    private static let hidden: Set<String> = ["reason", "previous", "index"]

    static func table(_ entries: [HistoryEntry], _ screen: inout Screen) {
        let rows: [[Cell]] = entries.map { entry in
            [
                .faint("\(entry.index)"), "\(Moment.short(entry.at))", "\(entry.actor)", .strong(entry.action),
                "\(entry.version.map { "@\($0)" } ?? "")", "\(self.story(entry))",
            ]
        }
        screen.table(["ENTRY", "TIME", "WHO", "WHAT", "VERSION", "DETAILS"], rows)
    }

    private static func story(_ entry: HistoryEntry) -> String {
        let details = entry.details.filter { !self.hidden.contains($0.key) }.sorted { $0.key < $1.key }
            .map { "\($0.key)=\(self.short($0.value))" }.joined(separator: " ")
        return [entry.reason.map { "\"\($0)\"" }, details].compactMap { $0 }.filter { !$0.isEmpty }
            .joined(separator: " ")
    }

    /// A digest by its first digits, and other long texts by their beginning.
    private static func short(_ text: String) -> String {
        let isDigest = text.count == 64 && text.allSatisfy(\.isHexDigit)
        if isDigest { return "\(text.prefix(12))…" }
        return text.count > 60 ? "\(text.prefix(60))…" : text
    }
}
