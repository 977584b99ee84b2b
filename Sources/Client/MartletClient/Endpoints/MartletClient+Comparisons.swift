public import MartletWire

extension MartletClient {
    /// Says how two versions differ; they may be of different models.
    public func diff(
        from old: VersionReference,
        to new: VersionReference
    ) async throws(MartletClientError) -> DiffReport {
        try await translatingErrors {
            let call = ServerCall(.get, ["diff"]).asking("from", old.description).asking("to", new.description)
            return try await self.server.read(call)
        }
    }

    /// Ranks a model's versions by a metric.
    ///
    /// - Parameters:
    ///   - name: The model.
    ///   - metric: The metric.
    ///   - dataset: Only measurements on the dataset of this name or digest.
    ///   - better: `higher` or `lower`; guessed from the metric's name where absent.
    public func leaderboard(
        ofModel name: String,
        metric: String,
        dataset: String? = nil,
        better: String? = nil
    ) async throws(MartletClientError) -> Leaderboard {
        try await translatingErrors {
            let call = ServerCall.model(.get, name, "best").asking("metric", metric).asking("dataset", dataset)
                .asking("better", better)
            return try await self.server.read(call)
        }
    }

    /// Says what a version came from and where it went.
    public func lineage(of reference: VersionReference) async throws(MartletClientError) -> LineageGraph {
        try await translatingErrors { try await self.server.read(.version(.get, reference, "lineage")) }
    }

    /// Says what was made of a dataset.
    ///
    /// - Parameter dataset: Its name or its digest.
    public func lineage(ofDataset dataset: String) async throws(MartletClientError) -> LineageGraph {
        try await translatingErrors {
            try await self.server.read(ServerCall(.get, ["lineage"]).asking("dataset", dataset))
        }
    }
}
