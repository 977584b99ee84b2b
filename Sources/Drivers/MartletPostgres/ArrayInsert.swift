import CPostgres
import MartletSQL

/// An `INSERT` that takes many rows at once, as one array for each column, which costs the server much less than as
/// many statements; and its text is the same for any number of rows.
struct ArrayInsert {
    /// Takes the constants, and then an array for each column of the batch.
    let text: String
    /// The columns of the batch that an upsert tells rows apart by; `nil` where no row that is there is changed.
    private let keyColumns: [Int]?

    /// Makes one of the statement for a single row.
    ///
    /// Returns `nil` when rows must go one by one.
    ///
    /// - Parameters:
    ///   - constants: How many values are the same in every row.
    ///   - types: What the server takes each value of a row for.
    init?(_ single: String, constants: Int, types: [Oid]) {
        guard let parts = Parts(single), types.allSatisfy({ PostgresType.names[$0] != nil }) else { return nil }
        let names = types.map { PostgresType.names[$0] ?? "" }
        var placeholders = zip(names.indices, names).makeIterator()
        let selected = parts.values.map { value in
            guard value == "?", let (index, name) = placeholders.next() else { return value }
            return index < constants ? "?::\(name)" : "c\(index)"
        }
        let columns = (constants..<names.count).map { "c\($0)" }.joined(separator: ", ")
        let arrays = names.dropFirst(constants).map { "?::\($0)[]" }.joined(separator: ", ")
        self.text = """
            \(parts.head) SELECT \(selected.joined(separator: ", ")) FROM unnest(\(arrays)) AS batch(\(columns)) \
            \(parts.conflict)
            """
        self.keyColumns = parts.key?.map { $0 - constants }.filter { $0 >= 0 }
    }

    /// Returns how many rows of a batch one statement can take, from the row `start` on: an upsert changes no row
    /// twice, so that a row that repeats a key must wait for the next one.
    func rows(of batch: SQLBatch, from start: Int, atMost limit: Int) -> Int {
        let remaining = min(batch.rowCount - start, limit)
        guard let keyColumns else { return remaining }
        var keys = Set<[SQLValue]>(minimumCapacity: remaining)
        for row in start..<start + remaining {
            let key = keyColumns.map { batch.values[row * batch.columnCount + $0] }
            guard keys.insert(key).inserted else { return row - start }
        }
        return remaining
    }
}

/// What stands where in `INSERT INTO … (…) VALUES (…) …`.
private struct Parts {
    let head: Substring
    /// What stands for each column: a `?`, or a literal.
    let values: [Substring]
    let conflict: Substring
    /// Of an upsert: which of the `?` are its key's.
    let key: [Int]?

    /// Returns `nil` for anything else.
    init?(_ text: String) {
        guard text.hasPrefix("INSERT INTO "), let keyword = text.firstRange(of: "VALUES "),
            let names = Self.list(in: text[..<keyword.lowerBound]),
            let values = Self.list(in: text[keyword.upperBound...]), names.items.count == values.items.count
        else { return nil }
        self.head = text[..<names.end]
        self.values = values.items
        self.conflict = text[values.end...]
        guard !self.conflict.contains("?") else { return nil }
        guard self.conflict.contains("DO UPDATE") else {
            self.key = nil
            return
        }
        guard let start = self.conflict.firstRange(of: "ON CONFLICT ("),
            let key = Self.list(in: self.conflict[start.lowerBound...])
        else { return nil }
        let placeholders = zip(names.items, values.items).filter { $0.1 == "?" }.map(\.0)
        self.key = key.items.compactMap { placeholders.firstIndex(of: $0) }
    }

    /// The words of the first list in parentheses, and where it ends.
    private static func list(in text: Substring) -> (items: [Substring], end: String.Index)? {
        guard let start = text.firstIndex(of: "("), let end = text[start...].firstIndex(of: ")") else { return nil }
        let words = text[text.index(after: start)..<end].split(separator: ",").map { item in
            item.split(whereSeparator: \.isWhitespace)
        }
        guard words.allSatisfy({ $0.count == 1 && !$0[0].contains("(") }) else { return nil }
        return (words.map { $0[0] }, text.index(after: end))
    }
}
