public import MartletWire

extension MartletClient {
    /// Says what came of a deployment's requests.
    ///
    /// - Parameter since: A moment, or how long ago, as in `15m`.
    public func traffic(
        ofDeployment name: String,
        since: String? = nil
    ) async throws(MartletClientError) -> TrafficRecord {
        try await translatingErrors {
            try await self.server.read(ServerCall(.get, ["deployments", name, "traffic"]).asking("since", since))
        }
    }

    /// Says which conditions a deployment's versions have met, the newest first.
    public func findings(
        ofDeployment name: String,
        limit: Int? = nil
    ) async throws(MartletClientError) -> FindingList {
        try await translatingErrors {
            let call = ServerCall(.get, ["deployments", name, "findings"])
            return try await self.server.read(call.asking("limit", limit.map(String.init)))
        }
    }
}
