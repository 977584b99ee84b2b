public import MartletWire

extension MartletClient {
    /// Moves a version to another stage.
    ///
    /// - Parameters:
    ///   - reference: The version.
    ///   - request: Where to, and why.
    ///   - revision: The `VersionRecord.revision` that the caller has seen. If the version was moved
    ///     since, nothing is done and ``MartletClientError/Code/lostRace`` is thrown.
    /// - Throws: ``MartletClientError/Code/gateClosed`` when the model's policy refuses.
    public func transition(
        _ reference: VersionReference,
        _ request: TransitionRequest,
        ifRevisionIs revision: Int64? = nil
    ) async throws(MartletClientError) -> TransitionResult {
        try await translatingErrors {
            let call = ServerCall.version(.post, reference, "transitions")
                .expecting(revision: revision)
            return try await self.server.read(call, sending: request)
        }
    }

    /// Brings back the version that was in a stage before the present one. A repetition goes back further.
    public func rollback(
        model name: String,
        _ request: RollbackRequest = RollbackRequest()
    ) async throws(MartletClientError) -> TransitionResult {
        try await translatingErrors { try await self.server.read(.model(.post, name, "rollback"), sending: request) }
    }

    /// Says whether a version may enter a stage, and moves nothing.
    public func gates(
        of reference: VersionReference,
        stage: String
    ) async throws(MartletClientError) -> GateReport {
        try await translatingErrors {
            try await self.server.read(.version(.get, reference, "gates").asking("stage", stage))
        }
    }

    /// Says that a version may enter a stage.
    public func approve(
        _ reference: VersionReference,
        _ request: ApprovalRequest = ApprovalRequest()
    ) async throws(MartletClientError) -> ApprovalRecord {
        try await self.post(reference, "approvals", request)
    }

    /// Lists who approved a version.
    public func approvals(of reference: VersionReference) async throws(MartletClientError) -> ApprovalList {
        try await translatingErrors { try await self.server.read(.version(.get, reference, "approvals")) }
    }
}
