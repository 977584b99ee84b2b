import MartletProofs
public import MartletWire
import NIOCore

extension MartletClient {
    private static let checkpointsAtOnce = 1_000

    /// Returns what proves to a stranger that a version's manifest is what the ledger's owner signed for.
    ///
    /// To check it: ``ProofVerifier/verify(_:publicKey:)``.
    public func proof(of reference: VersionReference) async throws(MartletClientError) -> ProofBundle {
        try await translatingErrors { try await self.server.read(.version(.get, reference, "proof")) }
    }

    /// Has the server sign what the ledger is now, and returns the signed note.
    public func checkpoint() async throws(MartletClientError) -> String {
        try await self.text("checkpoint")
    }

    /// Returns every checkpoint that the server has kept, the oldest first.
    public func checkpoints() async throws(MartletClientError) -> [String] {
        var notes: [String] = []
        var start: UInt64 = 0
        while true {
            // A page begins with those of the size that the one before it ended with: there may be several of a size.
            let known = Set(notes.suffix(Self.checkpointsAtOnce))
            let page = CheckpointNotes.split(try await self.text("checkpoints", from: start))
            let new = page.filter { !known.contains($0) }
            guard let last = new.last else { return notes }
            notes += new
            guard page.count >= Self.checkpointsAtOnce, let size = try? Checkpoint(SignedNote(parsing: last).text).size
            else { return notes }
            start = size
        }
    }

    /// Returns the public key of the ledger, as `name+hash+key`.
    public func ledgerKey() async throws(MartletClientError) -> String {
        let text = try await self.text("key")
        return String(text.prefix { !$0.isNewline })
    }

    /// Returns some of the ledger's entries, in order.
    ///
    /// - Parameters:
    ///   - start: The index of the first one.
    ///   - limit: How many at most; the server has a limit of its own.
    public func ledgerEntries(start: Int64 = 0, limit: Int? = nil) async throws(MartletClientError) -> LedgerPage {
        try await translatingErrors {
            let call = ServerCall(.get, ["ledger", "entries"]).asking("start", String(start))
                .asking("limit", limit.map(String.init))
            return try await self.server.read(call)
        }
    }

    /// Returns what proves that an entry is at its place in the ledger that had `size` entries.
    public func inclusionProof(index: Int64, size: Int64) async throws(MartletClientError) -> HashPath {
        try await translatingErrors {
            let call = ServerCall(.get, ["ledger", "inclusion"]).asking("index", String(index))
                .asking("size", String(size))
            return try await self.server.read(call)
        }
    }

    /// Returns what proves that the ledger of `newSize` entries begins with the one of `oldSize` entries.
    public func consistencyProof(
        from oldSize: Int64,
        to newSize: Int64
    ) async throws(MartletClientError) -> HashPath {
        try await translatingErrors {
            let call = ServerCall(.get, ["ledger", "consistency"]).asking("from", String(oldSize))
                .asking("to", String(newSize))
            return try await self.server.read(call)
        }
    }

    /// Returns the description of the API (OpenAPI), as JSON.
    public func openAPI() async throws(MartletClientError) -> [UInt8] {
        try await translatingErrors {
            Array(try await self.server.bytes(ServerCall(.get, ["openapi.json"])).readableBytesView)
        }
    }

    private func text(_ name: String, from start: UInt64? = nil) async throws(MartletClientError) -> String {
        try await translatingErrors {
            let call = ServerCall(.get, ["ledger", name]).asking("start", start.map(String.init))
            return String(buffer: try await self.server.bytes(call))
        }
    }
}
