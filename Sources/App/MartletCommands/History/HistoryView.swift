import MartletWire

/// How changes look.
enum HistoryView {
    /// Details that only programs need, or that others say better: `--json` has them all.
    private static let hidden: Set<String> = ["author", "from", "mlflowStage", "source", "stage", "to", "tree"]
    /// How nothing is written.
    private static let nothing: Set<String> = ["", "null", "{}", "[]"]

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
        let details = entry.details.filter { !self.hidden.contains($0.key) && !self.nothing.contains($0.value) }
            .sorted { $0.key < $1.key }.map { "\($0.key)=\(self.short($0.value))" }
        let reason = entry.reason.map { ["\"\($0)\""] } ?? []
        return (self.stages(entry) + reason + details).joined(separator: " ")
    }

    private static func stages(_ entry: HistoryEntry) -> [String] {
        if let from = entry.details["from"], let to = entry.details["to"] { return ["\(from) → \(to)"] }
        return entry.details["stage"].map { [$0] } ?? []
    }

    /// A digest by its first digits, and other long texts by their beginning.
    private static func short(_ text: String) -> String {
        let isDigest = text.count == 64 && text.allSatisfy(\.isHexDigit)
        if isDigest { return "\(text.prefix(12))…" }
        return text.count > 60 ? "\(text.prefix(60))…" : text
    }
}
