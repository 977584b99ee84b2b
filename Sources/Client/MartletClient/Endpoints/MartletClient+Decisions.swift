public import MartletWire

extension MartletClient {
    /// Says which version made a decision, and where that is written.
    ///
    /// - Parameter id: What the answer's `Martlet-Decision` said.
    public func decision(_ id: String) async throws(MartletClientError) -> DecisionRecord {
        try await translatingErrors { try await self.server.read(ServerCall(.get, ["decisions", id])) }
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
