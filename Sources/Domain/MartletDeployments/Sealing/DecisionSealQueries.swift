import MartletCore
import MartletProofs
import MartletSQL

/// The seal of a deployment's decisions from one moment to another.
struct DecisionSeal: Sendable {
    let deploymentKey: Int64
    let start: Timestamp
    /// The first moment after it.
    let end: Timestamp
    let count: Int64
    let root: MerkleHash
    let blocks: [DecisionTree.Block]
    /// The place of its entry in the ledger.
    let entry: Int64
}

/// Every statement that touches seals.
enum DecisionSealQueries {
    static let head: SQL = "SELECT end_ms, open_ms FROM decision_seal_head WHERE head_key = 1"

    static func moveOpen(to start: Timestamp) -> SQL {
        "UPDATE decision_seal_head SET open_ms = \(start) WHERE head_key = 1 AND open_ms < \(start)"
    }

    static func moveEnd(to end: Timestamp) -> SQL {
        "UPDATE decision_seal_head SET end_ms = \(end) WHERE head_key = 1"
    }

    static func insert(_ seal: DecisionSeal) -> SQL {
        """
        INSERT INTO decision_seal (deployment_key, start_ms, end_ms, count, root, blocks, entry_index)
        VALUES (
            \(seal.deploymentKey), \(seal.start), \(seal.end), \(seal.count), \(SQLValue.bytes(seal.root.bytes)),
            \(SQLValue.bytes(seal.blocks.bytes)), \(seal.entry)
        )
        """
    }

    /// The newest one that begins no later.
    static func find(of deploymentKey: Int64, at moment: Timestamp) -> SQL {
        """
        SELECT deployment_key, start_ms, end_ms, count, root, blocks, entry_index FROM decision_seal
        WHERE deployment_key = \(deploymentKey) AND start_ms <= \(moment) ORDER BY start_ms DESC LIMIT 1
        """
    }

    static func decode(_ row: SQLRow) throws(MartletError) -> DecisionSeal {
        guard let root = MerkleHash(bytes: row.bytes(4)) else {
            throw MartletError(.integrity, "the seal of decisions cannot be read")
        }
        return DecisionSeal(
            deploymentKey: row.integer(0),
            start: Timestamp(milliseconds: row.integer(1)),
            end: Timestamp(milliseconds: row.integer(2)),
            count: row.integer(3),
            root: root,
            blocks: try [DecisionTree.Block](stored: row.bytes(5)),
            entry: row.integer(6)
        )
    }

    /// When the oldest seal began and ended whose decisions are still there.
    static func oldestKept(of deploymentKey: Int64, until end: Timestamp) -> SQL {
        """
        SELECT start_ms, end_ms FROM decision_seal
        WHERE deployment_key = \(deploymentKey) AND forgotten_ms IS NULL AND end_ms <= \(end) ORDER BY end_ms LIMIT 1
        """
    }

    static func markForgotten(of deploymentKey: Int64, start: Timestamp, at now: Timestamp) -> SQL {
        """
        UPDATE decision_seal SET forgotten_ms = \(now)
        WHERE deployment_key = \(deploymentKey) AND start_ms = \(start)
        """
    }
}
