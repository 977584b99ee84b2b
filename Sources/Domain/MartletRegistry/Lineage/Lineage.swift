import MartletCore

/// What came from what.
package struct Lineage: Sendable {
    package enum Kind: String, Sendable {
        case dataset, run, loggedModel, version, stage
    }

    package struct Node: Sendable, Hashable {
        package let kind: Kind
        /// Unique among nodes of its kind.
        package let name: String
        /// For people.
        package let label: String

        /// Unique in the graph.
        package var id: String { "\(self.kind.rawValue):\(self.name)" }
    }

    /// An arrow in the direction in which things came into being.
    package struct Edge: Sendable, Hashable {
        package let from: String
        package let to: String
        package let label: String
    }

    package private(set) var nodes: [Node] = []
    package private(set) var edges: [Edge] = []

    mutating func add(_ node: Node) {
        if !self.nodes.contains(node) { self.nodes.append(node) }
    }

    mutating func add(from old: Node, to new: Node, _ label: String) {
        self.add(old)
        self.add(new)
        let edge = Edge(from: old.id, to: new.id, label: label)
        if !self.edges.contains(edge) { self.edges.append(edge) }
    }
}

extension Lineage.Node {
    static func dataset(_ name: String, _ digest: String) -> Lineage.Node {
        Lineage.Node(kind: .dataset, name: "\(name)@\(digest)", label: "\(name) \(digest)")
    }

    static func run(_ id: RunID) -> Lineage.Node {
        Lineage.Node(kind: .run, name: id.rawValue, label: id.rawValue)
    }

    static func loggedModel(_ id: LoggedModelID) -> Lineage.Node {
        Lineage.Node(kind: .loggedModel, name: id.rawValue, label: id.rawValue)
    }

    static func version(_ version: ModelVersion) -> Lineage.Node {
        let number = version.semanticVersion.map { " (\($0))" } ?? ""
        return Lineage.Node(
            kind: .version,
            name: "\(version.name)/\(version.number)",
            label: "\(version.name) \(version.number)\(number)"
        )
    }

    static func stage(of version: ModelVersion) -> Lineage.Node {
        Lineage.Node(
            kind: .stage,
            name: "\(version.name)/\(version.stageName)",
            label: "\(version.stageName) of \(version.name)"
        )
    }
}
