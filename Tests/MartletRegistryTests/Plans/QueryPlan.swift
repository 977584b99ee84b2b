import MartletTestSupport

/// How a database would run some statements, as its `EXPLAIN` says it.
struct QueryPlan {
    let product: TestProduct
    let lines: [String]

    /// Whether rows are found by an index, or by a key that is one.
    func uses(_ index: String) -> Bool {
        self.lines.contains { line in
            switch self.product {
            case .sqlite: line.contains("INDEX \(index) ") || line.contains("SEARCH \(index) USING")
            case .postgres: line.contains("using \(index) ")
            }
        }
    }

    /// Where all rows of a table are read; an index that is walked from end to end is no better.
    var wholeReads: [String] {
        switch self.product {
        case .sqlite:
            // Neither a list of values nor a subquery is a table.
            self.lines.filter { $0.hasPrefix("SCAN") && !$0.hasPrefix("SCAN json_each") && $0 != "SCAN counted" }
        case .postgres:
            zip(self.lines, self.lines.dropFirst() + [""]).filter { line, next in
                line.contains("Seq Scan on") || (line.contains("Scan using") && !next.contains("Index Cond:"))
            }.map(\.0)
        }
    }

    /// Where rows are sorted that an index does not have in order; not where only those that are equal in it are.
    var sorts: [String] {
        switch self.product {
        case .sqlite: self.lines.filter { $0 == "USE TEMP B-TREE FOR ORDER BY" }
        case .postgres: self.lines.filter { $0 == "Sort" || $0.hasSuffix("->  Sort") }
        }
    }
}
