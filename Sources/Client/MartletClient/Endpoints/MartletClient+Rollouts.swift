public import MartletWire

extension MartletClient {
    /// What can be done with a roll-out that is under way.
    public enum RolloutAct: String, Sendable {
        case pause, resume, abort
    }

    /// Returns a deployment's newest roll-out, and what it waits for.
    public func rollout(ofDeployment name: String) async throws(MartletClientError) -> RolloutRecord {
        try await translatingErrors { try await self.server.read(.rollout(.get, name)) }
    }

    /// Lets a version take over a deployment in steps, now or later.
    public func beginRollout(
        _ request: RolloutRequest,
        ofDeployment name: String
    ) async throws(MartletClientError) -> RolloutRecord {
        try await translatingErrors { try await self.server.read(.rollout(.post, name), sending: request) }
    }

    /// Pauses, resumes or aborts a roll-out.
    public func rollout(
        ofDeployment name: String,
        _ act: RolloutAct,
        reason: String? = nil
    ) async throws(MartletClientError) -> RolloutRecord {
        try await translatingErrors {
            try await self.server.read(.rollout(.post, name, act.rawValue).asking("reason", reason))
        }
    }
}

extension ServerCall {
    fileprivate static func rollout(_ method: Method, _ name: String, _ path: String...) -> ServerCall {
        ServerCall(method, ["deployments", name, "rollout"] + path)
    }
}
