import Hummingbird
import MartletCore
import MartletLedger
import MartletProofs
import MartletRegistry
import MartletWire

/// The ledger, and what it proves.
struct LedgerOperations {
    private static let entriesMax = 1_000
    private static let checkpointsMax = 1_000

    let services: NativeServices

    var all: [Operation] { self.reading + self.proofs }

    private var reading: [Operation] {
        [
            .get(
                "/ledger/checkpoint",
                "getCheckpoint",
                "Sign what the ledger is now (C2SP tlog-checkpoint)",
                answer: .text
            ) { _ throws(MartletError) in .text(try await self.services.ledger.checkpoint()) },
            .get(
                "/ledger/checkpoints",
                "listCheckpoints",
                "List the checkpoints that were signed, with a blank line between two",
                query: [
                    .init("start", .integer, "Leaves out those of fewer entries"),
                    .init("limit", .integer, "How many at once; 1,000 where absent"),
                ],
                answer: .text
            ) { request throws(MartletError) in
                let limit = try request.limit(default: Self.checkpointsMax, max: Self.checkpointsMax)
                let start = try request.integer("start") ?? 0
                let notes = try await self.services.ledger.checkpoints(from: start, limit: limit)
                return .text(notes.joined(separator: "\n"))
            },
            .get("/ledger/key", "getLedgerKey", "Show the public key of the ledger", answer: .text) {
                _ throws(MartletError) in .text("\(self.services.ledger.publicKey.text)\n")
            },
            .get(
                "/ledger/entries",
                "listLedgerEntries",
                "List entries in order",
                query: [
                    .init("start", .integer, "The first one; 0 where absent"),
                    .limit,
                ],
                answer: .json(.init(of: LedgerPage.self)),
                run: self.entries
            ),
        ]
    }

    private var proofs: [Operation] {
        [
            .get(
                "/ledger/inclusion",
                "getInclusionProof",
                "Prove that an entry is in the ledger",
                query: [
                    .init("index", .integer, "The entry's place", isRequired: true),
                    .init("size", .integer, "Of the ledger that it is to be found in", isRequired: true),
                ],
                answer: .json(.init(of: HashPath.self))
            ) { request throws(MartletError) in
                let size = try request.requiredInteger("size")
                let index = try request.requiredInteger("index")
                return try .json(HashPath(try await self.services.ledger.inclusionProof(of: index, in: size)))
            },
            .get(
                "/ledger/consistency",
                "getConsistencyProof",
                "Prove that a ledger begins with what it was",
                query: [
                    .init("from", .integer, "How many entries it had", isRequired: true),
                    .init("to", .integer, "How many it has", isRequired: true),
                ],
                answer: .json(.init(of: HashPath.self))
            ) { request throws(MartletError) in
                let from = try request.requiredInteger("from")
                let to = try request.requiredInteger("to")
                return try .json(HashPath(try await self.services.ledger.consistencyProof(from: from, to: to)))
            },
            .get(
                "/models/{model}/versions/{version}/proof",
                "getProof",
                "Prove to a stranger what a version is",
                answer: .json(.init(of: ProofBundle.self)),
                run: self.proof
            ),
        ]
    }

    @Sendable private func entries(_ request: NativeRequest) async throws(MartletError) -> Response {
        let start = try request.integer("start") ?? 0
        guard start >= 0 else { throw .invalid("'start' is not negative.") }
        let (entries, size) = try await self.services.ledger.entries(
            from: start,
            limit: try request.limit(max: Self.entriesMax)
        )
        let records = entries.map {
            LedgerEntryRecord(index: $0.index, leafHash: $0.leaf.description, body: $0.body)
        }
        return try .json(LedgerPage(entries: records, size: size))
    }

    @Sendable private func proof(_ request: NativeRequest) async throws(MartletError) -> Response {
        let name = try request.model()
        let version = try await self.services.versions.version(try request.version(), of: name)
        let manifest = try await self.services.versions.manifest(.number(version.number), of: name)
        let evidence = try await self.services.ledger.evidence(
            of: try await self.services.history.digestEntry(of: version.number, of: name)
        )
        return try .json(
            ProofBundle(
                model: name.rawValue,
                number: version.number.rawValue,
                semanticVersion: version.semanticVersion?.description,
                manifest: manifest,
                digest: version.seal?.digest.description ?? "",
                entry: evidence.entry.body,
                index: evidence.entry.index,
                treeSize: evidence.size,
                inclusion: HashPath(evidence.path).hashes,
                checkpoint: evidence.checkpoint,
                publicKey: self.services.ledger.publicKey.text
            )
        )
    }
}

extension HashPath {
    init(_ path: [MerkleHash]) {
        self.init(hashes: path.map { Base64.string($0.bytes) })
    }
}
