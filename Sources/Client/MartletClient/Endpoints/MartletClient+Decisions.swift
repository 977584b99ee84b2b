public import MartletWire
import NIOCore

extension MartletClient {
    /// Says which version made a decision, and where that is written.
    ///
    /// - Parameter id: What the answer's `Martlet-Decision` said.
    public func decision(_ id: String) async throws(MartletClientError) -> DecisionRecord {
        try await translatingErrors { try await self.server.read(ServerCall(.get, ["decisions", id])) }
    }

    /// Returns what a decision's request and answer were, if they were kept.
    public func payload(ofDecision id: String) async throws(MartletClientError) -> PayloadRecord {
        try await translatingErrors { try await self.server.read(ServerCall(.get, ["decisions", id, "payload"])) }
    }

    /// Returns what proves a decision, years later and without the server; ``ProofVerifier`` checks it.
    public func proof(ofDecision id: String) async throws(MartletClientError) -> DecisionProofBundle {
        try await translatingErrors { try await self.server.read(ServerCall(.get, ["decisions", id, "proof"])) }
    }

    /// Returns records of decisions with their outcomes, in the order of their ids, each as a line of JSON.
    ///
    /// - Parameters:
    ///   - start: A moment (RFC 3339); `nil` for the beginning.
    ///   - end: The first moment that is not wanted; `nil` for now.
    ///   - last: The id of the record after which to go on; `nil` for the beginning.
    public func decisionLines(
        ofDeployment name: String,
        from start: String? = nil,
        to end: String? = nil,
        after last: String? = nil,
        limit: Int? = nil
    ) async throws(MartletClientError) -> [String] {
        try await translatingErrors {
            let call = ServerCall(.get, ["deployments", name, "decisions.jsonl"])
                .asking("from", start).asking("to", end).asking("after", last)
                .asking("limit", limit.map(String.init))
            let text = String(buffer: try await self.server.bytes(call))
            return text.split(separator: "\n").map(String.init)
        }
    }

    /// Lists what a deployment decided about a subject, the newest first.
    public func decisions(
        about subject: String,
        inDeployment name: String,
        limit: Int? = nil
    ) async throws(MartletClientError) -> DecisionList {
        try await translatingErrors {
            let call = ServerCall(.get, ["deployments", name, "decisions"])
            return try await self.server.read(call.asking("subject", subject).asking("limit", limit.map(String.init)))
        }
    }

    /// Lists what a deployment's shadows would have answered differently, the newest first.
    public func differences(
        inDeployment name: String,
        limit: Int? = nil
    ) async throws(MartletClientError) -> DecisionList {
        try await translatingErrors {
            let call = ServerCall(.get, ["deployments", name, "differences"])
            return try await self.server.read(call.asking("limit", limit.map(String.init)))
        }
    }

    /// Says what came of a decision. To say the same again is fine.
    public func tellOutcome(
        _ request: OutcomeRequest,
        ofDecision id: String
    ) async throws(MartletClientError) {
        try await translatingErrors {
            try await self.server.perform(ServerCall(.post, ["decisions", id, "outcome"]), sending: request)
        }
    }

    /// Says what came of many decisions; each is noted or refused on its own.
    public func tellOutcomes(
        _ batch: OutcomeBatch,
        inDeployment name: String
    ) async throws(MartletClientError) -> OutcomeBatchResult {
        try await translatingErrors {
            try await self.server.read(ServerCall(.post, ["deployments", name, "outcomes"]), sending: batch)
        }
    }
}
