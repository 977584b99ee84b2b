/// Lines and tables that a command shows.
package struct Screen {
    private static let gap = "  "
    private var blocks: [Block] = []

    package init() {}

    private enum Block {
        case line([Cell])
        case table([[Cell]], indent: Int)
    }

    /// Adds a line of some pieces, one right after the other.
    package mutating func line(_ cells: Cell...) {
        self.blocks.append(.line(cells))
    }

    /// Adds rows whose columns are aligned; nothing where there are none.
    ///
    /// - Parameters:
    ///   - header: What the columns are called.
    ///   - rows: Each with a cell for every column, or for the first ones.
    ///   - indent: How many spaces stand in front.
    package mutating func table(_ header: [String]? = nil, _ rows: [[Cell]], indent: Int = 0) {
        guard !rows.isEmpty else { return }
        let top = header.map { [$0.map { Cell.faint($0) }] } ?? []
        self.blocks.append(.table(top + rows, indent: indent))
    }

    /// Adds a title and rows below it, with an empty line before; nothing where there are no rows.
    package mutating func section(_ title: String, _ header: [String]? = nil, _ rows: [[Cell]]) {
        guard !rows.isEmpty else { return }
        if !self.blocks.isEmpty { self.line() }
        self.line(.strong(title))
        self.table(header, rows, indent: 2)
    }

    package func lines(_ style: Style) -> [String] {
        self.blocks.flatMap { block in
            switch block {
            case .line(let cells): [cells.map(style.paint).joined()]
            case .table(let rows, let indent): Self.aligned(rows, indent, style)
            }
        }
    }

    private static func aligned(_ rows: [[Cell]], _ indent: Int, _ style: Style) -> [String] {
        let columnCount = rows.map(\.count).max() ?? 0
        let widths = (0..<columnCount).map { column in
            rows.compactMap { $0.count > column ? Style.printable($0[column].text).count : nil }.max() ?? 0
        }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                let isLast = column == row.count - 1
                let padding = isLast ? 0 : widths[column] - Style.printable(cell.text).count
                return style.paint(cell) + String(repeating: " ", count: padding)
            }
            let line = String(repeating: " ", count: indent) + cells.joined(separator: Self.gap)
            return String(line.prefix(line.reversed().drop { $0 == " " }.count))
        }
    }
}
