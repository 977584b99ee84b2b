public import MartletWire
import NIOCore

extension MartletClient {
    /// Lists a model's versions, the newest first.
    ///
    /// - Parameters:
    ///   - name: The model.
    ///   - stage: Only versions that are in it.
    ///   - range: Only versions whose semantic version is in it, as in `^1` or `~1.2`.
    ///   - deleted: Whether to list those that a delete hides instead of the others.
    ///   - limit: How many at most; the server has a limit of its own.
    ///   - pageToken: What `VersionPage.nextPageToken` of the page before said.
    public func versions(
        ofModel name: String,
        stage: String? = nil,
        range: String? = nil,
        deleted: Bool = false,
        limit: Int? = nil,
        pageToken: String? = nil
    ) async throws(MartletClientError) -> VersionPage {
        try await translatingErrors {
            let call = ServerCall.model(.get, name, "versions").asking("stage", stage).asking("range", range)
                .asking("deleted", deleted ? "true" : nil).paged(limit, pageToken)
            return try await self.server.read(call)
        }
    }

    /// Registers and seals a new version.
    ///
    /// A repetition registers another one: after an error of the connection, look at
    /// ``versions(ofModel:stage:range:deleted:limit:pageToken:)`` first.
    public func register(
        _ registration: Registration,
        ofModel name: String
    ) async throws(MartletClientError) -> VersionRecord {
        try await translatingErrors {
            try await self.server.read(.model(.post, name, "versions"), sending: registration)
        }
    }

    /// Returns what there is to know about a version.
    public func version(_ reference: VersionReference) async throws(MartletClientError) -> VersionRecord {
        try await translatingErrors { try await self.server.read(.version(.get, reference)) }
    }

    /// Returns the version whose manifest has a digest, whatever its model is.
    ///
    /// - Parameter digest: A SHA-256 in hexadecimal.
    public func version(digest: String) async throws(MartletClientError) -> VersionRecord {
        try await translatingErrors { try await self.server.read(ServerCall(.get, ["digests", digest])) }
    }

    /// Hides a version until it is restored.
    public func deleteVersion(
        _ reference: VersionReference,
        reason: String? = nil
    ) async throws(MartletClientError) {
        try await translatingErrors {
            try await self.server.perform(.version(.delete, reference).asking("reason", reason))
        }
    }

    /// Brings a deleted version back.
    public func restoreVersion(
        _ reference: VersionReference,
        reason: String? = nil
    ) async throws(MartletClientError) -> VersionRecord {
        try await self.post(reference, "restore", ReasonMessage(reason: reason))
    }

    /// Destroys a deleted version's content for good; its history stays.
    public func purgeVersion(
        _ reference: VersionReference,
        reason: String
    ) async throws(MartletClientError) -> VersionRecord {
        try await self.post(reference, "purge", ReasonMessage(reason: reason))
    }

    /// Forbids that a version is purged, until the hold is released.
    public func holdVersion(
        _ reference: VersionReference,
        reason: String
    ) async throws(MartletClientError) -> VersionRecord {
        try await translatingErrors {
            try await self.server.read(.version(.put, reference, "hold"), sending: ReasonMessage(reason: reason))
        }
    }

    /// Ends a hold.
    public func releaseVersion(
        _ reference: VersionReference,
        reason: String? = nil
    ) async throws(MartletClientError) -> VersionRecord {
        try await translatingErrors {
            try await self.server.read(.version(.delete, reference, "hold").asking("reason", reason))
        }
    }

    /// Seals a version that is not sealed yet, now that its files are there.
    public func sealVersion(
        _ reference: VersionReference,
        reason: String? = nil
    ) async throws(MartletClientError) -> VersionRecord {
        try await translatingErrors {
            try await self.server.read(.version(.post, reference, "seal").asking("reason", reason))
        }
    }

    /// Gives a candidate another semantic version.
    public func setSemanticVersion(
        _ change: SemanticVersionChange,
        of reference: VersionReference
    ) async throws(MartletClientError) -> VersionRecord {
        try await translatingErrors {
            try await self.server.read(.version(.put, reference, "semantic-version"), sending: change)
        }
    }

    /// Returns the canonical JSON whose SHA-256 is the version's digest.
    public func manifest(of reference: VersionReference) async throws(MartletClientError) -> [UInt8] {
        try await translatingErrors {
            Array(try await self.server.bytes(.version(.get, reference, "manifest")).readableBytesView)
        }
    }

    /// Returns what was captured of a version, and what is missing.
    public func captureReport(of reference: VersionReference) async throws(MartletClientError) -> CaptureReport {
        try await translatingErrors { try await self.server.read(.version(.get, reference, "capture")) }
    }

    /// Sends a message to a version and returns what the server answers.
    func post<Answer: Decodable & Sendable>(
        _ reference: VersionReference,
        _ path: String,
        _ message: some Encodable & Sendable
    ) async throws(MartletClientError) -> Answer {
        try await translatingErrors {
            try await self.server.read(.version(.post, reference, path), sending: message)
        }
    }
}
