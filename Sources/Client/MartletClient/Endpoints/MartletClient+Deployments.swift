public import MartletWire

extension MartletClient {
    /// Lists deployments in the order of their names.
    public func deployments(
        limit: Int? = nil,
        pageToken: String? = nil
    ) async throws(MartletClientError) -> DeploymentPage {
        try await translatingErrors {
            try await self.server.read(ServerCall(.get, ["deployments"]).paged(limit, pageToken))
        }
    }

    /// Returns what serves in a deployment.
    public func deployment(_ name: String) async throws(MartletClientError) -> DeploymentRecord {
        try await translatingErrors { try await self.server.read(.deployment(.get, name)) }
    }

    /// Lists what a deployment was, the newest first.
    public func revisions(
        ofDeployment name: String,
        limit: Int? = nil,
        pageToken: String? = nil
    ) async throws(MartletClientError) -> RevisionPage {
        try await translatingErrors {
            try await self.server.read(.deployment(.get, name, "revisions").paged(limit, pageToken))
        }
    }

    /// Changes which versions serve; makes the deployment if there is none of that name.
    ///
    /// - Parameter revision: The one that the caller has seen. If another is in force, nothing is done and
    ///   ``MartletClientError/Code/lostRace`` is thrown.
    public func deploy(
        _ request: DeployRequest,
        to name: String,
        ifRevisionIs revision: Int64? = nil
    ) async throws(MartletClientError) -> DeploymentRecord {
        try await translatingErrors {
            let call = ServerCall.deployment(.post, name, "revisions").expecting(revision: revision)
            return try await self.server.read(call, sending: request)
        }
    }

    /// Brings back what served before.
    public func rollback(
        deployment name: String,
        _ request: DeploymentRollbackRequest = DeploymentRollbackRequest(),
        ifRevisionIs revision: Int64? = nil
    ) async throws(MartletClientError) -> DeploymentRecord {
        try await translatingErrors {
            let call = ServerCall.deployment(.post, name, "rollback").expecting(revision: revision)
            return try await self.server.read(call, sending: request)
        }
    }

    /// Takes a deployment away.
    public func deleteDeployment(_ name: String, reason: String? = nil) async throws(MartletClientError) {
        try await translatingErrors {
            try await self.server.perform(.deployment(.delete, name).asking("reason", reason))
        }
    }
}

extension ServerCall {
    /// A call below `/deployments/{deployment}`.
    fileprivate static func deployment(_ method: Method, _ name: String, _ path: String...) -> ServerCall {
        ServerCall(method, ["deployments", name] + path)
    }
}
