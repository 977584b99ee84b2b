import MartletCore
import MartletJSON
import MartletSQL
import Synchronization

extension Policy {
    /// The policy of a model, or the standard one.
    static func find(of modelKey: Int64, on db: any Connection) throws(MartletError) -> Policy {
        guard let row = try db.queryOne(StageQueries.policy(of: modelKey)) else { return .standard }
        return try ReadPolicies.shared.policy(row.text(0))
    }
}

/// The policies that were read last, by their texts: every move asks for one, and a text always says the same.
private final class ReadPolicies: Sendable {
    static let shared = ReadPolicies()
    private static let countMax = 100

    private let policies = Mutex<[String: Policy]>([:])

    func policy(_ text: String) throws(MartletError) -> Policy {
        if let known = self.policies.withLock({ $0[text] }) { return known }
        guard let document = try? JSONDocument(parsing: Array(text.utf8), depthMax: Limits.jsonDepth) else {
            throw MartletError(.integrity, "a policy cannot be read")
        }
        let policy = try Policy(document.root)
        self.policies.withLock { policies in
            if policies.count >= Self.countMax { policies.removeAll() }
            policies[text] = policy
        }
        return policy
    }
}
