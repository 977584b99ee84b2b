public import MartletWire

extension MartletClient {
    /// Lists what happened to a model and its versions, the newest first.
    ///
    /// - Parameters:
    ///   - name: The model.
    ///   - moment: Only what happened up to then, as in `2026-05-03T14:00:00Z`.
    ///   - limit: How many at most; the server has a limit of its own.
    ///   - pageToken: What `HistoryPage.nextPageToken` of the page before said.
    public func history(
        ofModel name: String,
        at moment: String? = nil,
        limit: Int? = nil,
        pageToken: String? = nil
    ) async throws(MartletClientError) -> HistoryPage {
        try await translatingErrors {
            try await self.server.read(
                .model(.get, name, "history").asking("at", moment).paged(limit, pageToken)
            )
        }
    }

    /// Lists what happened to a version, the newest first.
    public func history(
        of reference: VersionReference,
        at moment: String? = nil,
        limit: Int? = nil,
        pageToken: String? = nil
    ) async throws(MartletClientError) -> HistoryPage {
        try await translatingErrors {
            try await self.server.read(
                .version(.get, reference, "history").asking("at", moment).paged(limit, pageToken)
            )
        }
    }

    /// Returns what a model was at a moment; now where none is given.
    public func state(
        ofModel name: String,
        at moment: String? = nil
    ) async throws(MartletClientError) -> ModelState {
        try await translatingErrors { try await self.server.read(.model(.get, name, "state").asking("at", moment)) }
    }

    /// Returns what a model was at a moment, with no version but the one that `reference` meant then.
    public func state(
        of reference: VersionReference,
        at moment: String? = nil
    ) async throws(MartletClientError) -> ModelState {
        try await translatingErrors {
            try await self.server.read(
                .model(.get, reference.model, "state").asking("at", moment).asking("version", reference.version)
            )
        }
    }
}
