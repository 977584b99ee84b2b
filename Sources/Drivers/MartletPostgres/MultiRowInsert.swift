/// The text of an `INSERT` for several rows at once, which costs the server much less than as many statements.
enum MultiRowInsert {
    /// How many rows go into one statement: few sizes, so that there are few texts to prepare.
    static let sizes = [50, 10, 1]

    /// - Returns: `nil` when rows must go one by one. An upsert changes no row twice in one statement, but may have to:
    ///   the last row of a key wins.
    static func repeating(_ text: String, rows: Int) -> String? {
        if rows == 1 { return text }
        let values = "VALUES "
        guard text.hasPrefix("INSERT INTO "), !text.contains("DO UPDATE"), let start = text.firstRange(of: values),
            let end = text[start.upperBound...].firstIndex(of: ")")
        else { return nil }
        let row = text[start.upperBound...end]
        return text[..<start.upperBound] + repeatElement(row, count: rows).joined(separator: ", ")
            + text[text.index(after: end)...]
    }
}
