import MartletCore
import MartletSearch

extension MLflowFields {
    /// The id of an experiment, which must be there.
    func experimentID() throws(MartletError) -> ExperimentID {
        try ExperimentID(validating: try self.requiredString("experiment_id"))
    }

    func experimentIDs() throws(MartletError) -> [ExperimentID] {
        var ids: [ExperimentID] = []
        for text in try self.strings("experiment_ids") {
            ids.append(try ExperimentID(validating: text))
        }
        return ids
    }

    /// The id of a run, under its name or its old one.
    func runID() throws(MartletError) -> RunID {
        let old = try self.string("run_uuid")
        let text = if let old, !old.isEmpty { old } else { try self.requiredString("run_id") }
        return try Self.runID(text)
    }

    /// A text that cannot be the id of a run is the id of no run.
    static func runID(_ text: String) throws(MartletError) -> RunID {
        do {
            return try RunID(validating: text)
        } catch {
            throw MartletError(.notFound, "Run with id=\(text) not found")
        }
    }

    func visibility(_ name: StaticString) throws(MartletError) -> Visibility {
        try self.enumeration(name, [("ACTIVE_ONLY", 1, .active), ("DELETED_ONLY", 2, .deleted), ("ALL", 3, .all)])
            ?? .active
    }

    /// Where the page before this one ended; `nil` on the first.
    ///
    /// - Parameter question: Everything but the page token that the answer depends on.
    func position(in question: Fingerprint) throws(MartletError) -> [PageToken.Field]? {
        guard let token = try self.string("page_token"), !token.isEmpty else { return nil }
        return try PageToken(token, for: question).fields
    }
}
