public import MartletWire

/// Who is told of what happens.
extension MartletClient {
    /// Lists webhooks, the newest first.
    public func webhooks(
        limit: Int? = nil,
        pageToken: String? = nil
    ) async throws(MartletClientError) -> WebhookPage {
        try await translatingErrors {
            try await self.server.read(ServerCall(.get, ["webhooks"]).paged(limit, pageToken))
        }
    }

    /// Returns a webhook.
    public func webhook(_ id: String) async throws(MartletClientError) -> WebhookRecord {
        try await translatingErrors { try await self.server.read(.webhook(.get, id)) }
    }

    /// Tells somebody of what happens from now on.
    public func createWebhook(
        _ creation: WebhookCreation,
        reason: String? = nil
    ) async throws(MartletClientError) -> WebhookRecord {
        try await translatingErrors {
            try await self.server.read(ServerCall(.post, ["webhooks"]).asking("reason", reason), sending: creation)
        }
    }

    /// Changes a webhook; what waits for it goes where it says from then on.
    public func updateWebhook(
        _ id: String,
        _ update: WebhookUpdate,
        reason: String? = nil
    ) async throws(MartletClientError) -> WebhookRecord {
        try await translatingErrors {
            try await self.server.read(.webhook(.patch, id).asking("reason", reason), sending: update)
        }
    }

    /// Removes a webhook with all that was or is to be delivered to it.
    public func deleteWebhook(_ id: String, reason: String? = nil) async throws(MartletClientError) {
        try await translatingErrors { try await self.server.perform(.webhook(.delete, id).asking("reason", reason)) }
    }

    /// Sends a webhook an example now.
    ///
    /// - Parameter event: The first that it listens to where absent.
    public func testWebhook(_ id: String, event: String? = nil) async throws(MartletClientError) -> WebhookTrialResult {
        try await translatingErrors {
            try await self.server.read(.webhook(.post, id, "test"), sending: WebhookTrialRequest(event: event))
        }
    }
}

/// What they were and are to be told.
extension MartletClient {
    /// Lists what was and is to be delivered to a webhook, the newest first.
    ///
    /// - Parameter state: Only those that are `due`, `queued`, `delivered` or `dead`.
    public func deliveries(
        ofWebhook id: String,
        state: String? = nil,
        limit: Int? = nil,
        pageToken: String? = nil
    ) async throws(MartletClientError) -> DeliveryPage {
        try await translatingErrors {
            let call = ServerCall.webhook(.get, id, "deliveries").asking("state", state)
            return try await self.server.read(call.paged(limit, pageToken))
        }
    }

    /// Delivers again what was delivered or given up, under the same id.
    public func replay(delivery: String, ofWebhook id: String) async throws(MartletClientError) -> DeliveryRecord {
        try await translatingErrors {
            try await self.server.read(.webhook(.post, id, "deliveries", delivery, "replay"))
        }
    }

    /// Delivers again everything that was given up.
    public func replayDead(ofWebhook id: String) async throws(MartletClientError) -> ReplayResult {
        try await translatingErrors { try await self.server.read(.webhook(.post, id, "replay-dead")) }
    }
}

extension ServerCall {
    fileprivate static func webhook(_ method: Method, _ id: String, _ path: String...) -> ServerCall {
        ServerCall(method, ["webhooks", id] + path)
    }
}
