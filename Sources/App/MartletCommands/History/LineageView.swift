package import MartletWire

/// How a lineage looks: an indented tree of what came from what.
package enum LineageView {
    package static func tree(_ graph: LineageGraph, _ screen: inout Screen) {
        if graph.nodes.isEmpty { screen.line("nothing is known") }
        var walk = Walk(graph)
        for (depth, cells) in walk.rows() {
            let indent = String(repeating: "  ", count: depth)
            screen.line(.faint(indent + cells.arrow), .strong(cells.label), .faint(cells.remark))
        }
    }

    private struct Walk {
        typealias Row = (depth: Int, cells: (arrow: String, label: String, remark: String))

        private let nodes: [LineageNode]
        private let byID: [String: LineageNode]
        private let children: [String: [LineageEdge]]
        private let targets: Set<String>
        private var shown: Set<String> = []

        init(_ graph: LineageGraph) {
            self.nodes = graph.nodes
            self.byID = Dictionary(graph.nodes.map { ($0.id, $0) }) { first, _ in first }
            self.children = Dictionary(grouping: graph.edges, by: \.from)
            self.targets = Set(graph.edges.map(\.to))
        }

        mutating func rows() -> [Row] {
            var rows: [Row] = []
            let roots = self.nodes.filter { !self.targets.contains($0.id) }
            for root in roots { self.visit(root.id, nil, 0, &rows) }
            // What is left goes in circles.
            for node in self.nodes where !self.shown.contains(node.id) { self.visit(node.id, nil, 0, &rows) }
            return rows
        }

        private mutating func visit(_ id: String, _ label: String?, _ depth: Int, _ rows: inout [Row]) {
            let node = self.byID[id]
            let arrow = label.map { "└ \($0): " } ?? ""
            let isNew = self.shown.insert(id).inserted
            let hasMore = !isNew && self.children[id] != nil
            let kind = node.map { " [\($0.kind)]" } ?? ""
            rows.append((depth, (arrow, node?.label ?? id, hasMore ? "\(kind) (see above)" : kind)))
            guard isNew else { return }
            for edge in self.children[id] ?? [] { self.visit(edge.to, edge.label, depth + 1, &rows) }
        }
    }
}
