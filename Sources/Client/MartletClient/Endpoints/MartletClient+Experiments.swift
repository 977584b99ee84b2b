public import MartletWire

extension MartletClient {
    /// Starts a comparison of a deployment's arms.
    public func startExperiment(
        _ request: ExperimentRequest,
        inDeployment name: String
    ) async throws(MartletClientError) -> ExperimentReportRecord {
        try await translatingErrors {
            try await self.server.read(ServerCall(.post, ["deployments", name, "experiments"]), sending: request)
        }
    }

    /// Returns an experiment with what it says by now.
    ///
    /// - Parameter number: The newest where absent.
    public func experiment(
        _ number: Int64? = nil,
        inDeployment name: String
    ) async throws(MartletClientError) -> ExperimentReportRecord {
        try await translatingErrors {
            let number = number.map(String.init) ?? "latest"
            return try await self.server.read(ServerCall(.get, ["deployments", name, "experiments", number]))
        }
    }

    /// Ends an experiment, and writes its verdicts down.
    ///
    /// - Parameter number: The one under way where absent.
    public func stopExperiment(
        _ number: Int64? = nil,
        inDeployment name: String,
        _ request: ExperimentStopRequest = ExperimentStopRequest()
    ) async throws(MartletClientError) -> ExperimentReportRecord {
        try await translatingErrors {
            let number = number.map(String.init) ?? "latest"
            let call = ServerCall(.post, ["deployments", name, "experiments", number, "stop"])
            return try await self.server.read(call, sending: request)
        }
    }

    /// Lists a deployment's experiments, the newest first.
    public func experiments(
        inDeployment name: String,
        limit: Int? = nil,
        pageToken: String? = nil
    ) async throws(MartletClientError) -> ExperimentPage {
        try await translatingErrors {
            try await self.server.read(
                ServerCall(.get, ["deployments", name, "experiments"]).paged(limit, pageToken)
            )
        }
    }
}
