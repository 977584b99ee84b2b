public import MartletWire

extension MartletClient {
    /// Lists models in the order of their names.
    ///
    /// - Parameters:
    ///   - limit: How many at most; the server has a limit of its own.
    ///   - pageToken: What `ModelPage.nextPageToken` of the page before said.
    public func models(limit: Int? = nil, pageToken: String? = nil) async throws(MartletClientError) -> ModelPage {
        try await translatingErrors {
            try await self.server.read(ServerCall(.get, ["models"]).paged(limit, pageToken))
        }
    }

    /// Creates a model without versions.
    public func createModel(_ creation: ModelCreation) async throws(MartletClientError) -> ModelRecord {
        try await translatingErrors {
            try await self.server.read(ServerCall(.post, ["models"]), sending: creation)
        }
    }

    /// Returns what there is to know about a model.
    public func model(_ name: String) async throws(MartletClientError) -> ModelRecord {
        try await translatingErrors { try await self.server.read(.model(.get, name)) }
    }

    /// Hides a model until it is restored.
    public func deleteModel(_ name: String, reason: String? = nil) async throws(MartletClientError) {
        try await translatingErrors { try await self.server.perform(.model(.delete, name).asking("reason", reason)) }
    }

    /// Brings a deleted model back.
    public func restoreModel(_ name: String, reason: String? = nil) async throws(MartletClientError) -> ModelRecord {
        try await translatingErrors {
            try await self.server.read(.model(.post, name, "restore"), sending: ReasonMessage(reason: reason))
        }
    }

    /// Returns what a model asks of a version before it may enter a stage.
    public func policy(ofModel name: String) async throws(MartletClientError) -> PolicyDocument {
        try await translatingErrors { try await self.server.read(.model(.get, name, "policy")) }
    }

    /// Replaces a model's policy, and returns the one that holds now.
    public func setPolicy(
        _ policy: PolicyDocument,
        ofModel name: String,
        reason: String? = nil
    ) async throws(MartletClientError) -> PolicyDocument {
        try await translatingErrors {
            try await self.server.read(.model(.put, name, "policy").asking("reason", reason), sending: policy)
        }
    }

    /// Points an alias at a version; it points at no other afterwards.
    public func setAlias(_ alias: String, to version: VersionReference) async throws(MartletClientError) {
        try await translatingErrors {
            let change = AliasChange(version: version.version)
            try await self.server.perform(.model(.put, version.model, "aliases", alias), sending: change)
        }
    }

    /// Removes an alias; its version stays.
    public func removeAlias(_ alias: String, ofModel name: String) async throws(MartletClientError) {
        try await translatingErrors { try await self.server.perform(.model(.delete, name, "aliases", alias)) }
    }

    /// Describes a model; `nil` clears the description.
    public func setDescription(_ text: String?, ofModel name: String) async throws(MartletClientError) {
        try await translatingErrors {
            try await self.server.perform(
                .model(.put, name, "description"),
                sending: DescriptionChange(description: text)
            )
        }
    }

    /// Sets one of a model's tags.
    public func setTag(_ key: String, to value: String, ofModel name: String) async throws(MartletClientError) {
        try await translatingErrors {
            try await self.server.perform(.model(.put, name, "tags", key), sending: TagChange(value: value))
        }
    }

    /// Removes one of a model's tags.
    public func removeTag(_ key: String, ofModel name: String) async throws(MartletClientError) {
        try await translatingErrors { try await self.server.perform(.model(.delete, name, "tags", key)) }
    }
}

extension ServerCall {
    /// Asks for a part of a list.
    func paged(_ limit: Int?, _ pageToken: String?) -> ServerCall {
        self.asking("limit", limit.map(String.init)).asking("pageToken", pageToken)
    }
}
