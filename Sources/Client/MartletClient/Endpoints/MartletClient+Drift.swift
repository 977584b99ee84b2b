public import MartletWire

extension MartletClient {
    /// Says how far what a deployment's versions see and say is from what they were trained on.
    ///
    /// - Parameter since: From the beginning of that hour on, as in `2026-05-03T14:00:00Z`; the last day where absent.
    public func drift(
        inDeployment name: String,
        since: String? = nil
    ) async throws(MartletClientError) -> DriftReportRecord {
        try await translatingErrors {
            try await self.server.read(ServerCall(.get, ["deployments", name, "drift"]).asking("since", since))
        }
    }
}
