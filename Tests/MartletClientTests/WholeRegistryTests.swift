import FoundationEssentials
import MartletClient
import MartletCore
import MartletServer
import MartletWire
import Testing

@Suite("The client against the real server")
struct WholeRegistryTests {
    private let iris = VersionReference(model: "iris", number: 1)

    private func registration(_ accuracy: Double, _ version: String? = nil) -> Registration {
        var registration = Registration()
        registration.createsModel = true
        registration.semanticVersion = version
        registration.datasets = [DatasetRecord(name: "data.csv", digest: "ab12", context: "training")]
        registration.metrics = [
            MetricRecord(name: "accuracy", value: accuracy, datasetName: "data.csv", datasetDigest: "ab12")
        ]
        return registration
    }

    private func push(_ registry: WholeRegistry, _ client: MartletClient, _ accuracies: Double...) async throws {
        for (number, accuracy) in accuracies.enumerated() {
            let path = try registry.model("model-\(number)", ["MLmodel": "v\(number)", "data/w.bin": "\(accuracy)"])
            _ = try await client.push(path, toModel: "iris", registration: self.registration(accuracy))
        }
    }

    @Test("what was pushed is what is pulled, by every name that it has")
    func roundTrip() async throws {
        try await withWholeRegistry { registry in
            try await registry.withClient { client in
                let path = try registry.model(
                    "model",
                    ["MLmodel": "flavors:", "data/w.bin": "bytes", "leer zeichen": ""]
                )
                let version = try await client.push(
                    path,
                    toModel: "my iris",
                    registration: self.registration(1, "1.2.0")
                )
                #expect(version.seal.state == "sealed")
                #expect(version.author == "ada")
                let digest = try #require(version.digest)
                try await client.setAlias("champion", to: VersionReference(model: "my iris", number: 1))
                for name in ["1", "1.2.0", "v1.2.0", "^1", "~1.2", "1.x", "champion", "sha256:\(digest)"] {
                    let folder = "\(registry.folder)/pulled-\(name.prefix(8))"
                    let reference = VersionReference(model: "my iris", version: name)
                    let result = try await client.pull(reference, into: folder)
                    #expect(result.filesWritten == 3)
                    #expect(try contents(of: folder) == contents(of: path))
                }
                #expect(try await client.version(digest: digest).number == 1)
            }
        }
    }

    @Test("a move is refused when somebody was faster, or when a gate is closed, and says why")
    func moves() async throws {
        try await withWholeRegistry { registry in
            try await registry.withClient { client in
                try await self.push(registry, client, 0.8, 0.9)
                let stale = try await client.version(self.iris).revision
                _ = try await client.transition(self.iris, TransitionRequest(to: "staging", reason: "try"))
                let lost = try await clientErrorCode {
                    let request = TransitionRequest(to: "production")
                    _ = try await client.transition(self.iris, request, ifRevisionIs: stale)
                }
                #expect(lost == .lostRace)
                let threshold = MetricThreshold(metric: "accuracy", min: 0.85)
                let gates = StagePolicy(mode: "enforce", thresholds: [threshold])
                _ = try await client.setPolicy(PolicyDocument(stages: ["production": gates]), ofModel: "iris")
                do {
                    _ = try await client.transition(self.iris, TransitionRequest(to: "production"))
                    Issue.record("the gate is closed")
                } catch let error as MartletClientError {
                    #expect(error.code == .gateClosed)
                    #expect(error.gates?.gates.contains { !$0.passed } ?? false)
                }
                let second = VersionReference(model: "iris", number: 2)
                #expect(try await client.gates(of: second, stage: "production").passed)
                #expect(try await client.transition(second, TransitionRequest(to: "production")).version.number == 2)
            }
        }
    }

    @Test("rollbacks, notes, approvals, history and the past")
    func story() async throws {
        try await withWholeRegistry { registry in
            try await registry.withClient { client in
                try await self.push(registry, client, 0.8, 0.9)
                let second = VersionReference(model: "iris", number: 2)
                for version in [self.iris, second] {
                    let request = TransitionRequest(to: "production", reason: "better")
                    _ = try await client.transition(version, request)
                }
                #expect(try await client.version(.init(model: "iris", version: "production")).number == 2)
                let moment = try await client.history(ofModel: "iris").entries[0].at
                #expect(try await client.rollback(model: "iris", .init(reason: "worse")).version.number == 1)
                let past = try await client.state(ofModel: "iris", at: moment)
                #expect(past.versions.first { $0.stage == "production" }?.number == 2)
                _ = try await client.addNote("looked at it", to: self.iris)
                #expect(try await client.notes(of: self.iris).notes.map(\.text) == ["looked at it"])
                #expect(try await client.history(of: self.iris).entries.contains { $0.action == "version.note" })
                let page = try await client.history(ofModel: "iris", limit: 2)
                #expect(page.entries.count == 2 && page.nextPageToken != nil)
            }
            try await registry.withClient(actor: "bob") { client in
                let approval = try await client.approve(self.iris, .init(stage: "staging"))
                #expect(approval.actor == "bob")
                let approvals = try await client.approvals(of: self.iris).approvals
                #expect(approvals == [approval])
            }
        }
    }

    @Test("differences, rankings, lineage and what was captured")
    func comparisons() async throws {
        try await withWholeRegistry { registry in
            try await registry.withClient { client in
                try await self.push(registry, client, 0.8, 0.9)
                let second = VersionReference(model: "iris", number: 2)
                let diff = try await client.diff(from: self.iris, to: second)
                #expect(diff.metrics.map(\.verdict) == ["better"])
                #expect(Set(diff.files.map(\.path)) == ["MLmodel", "data/w.bin"])
                let board = try await client.leaderboard(ofModel: "iris", metric: "accuracy", dataset: "data.csv")
                #expect(board.rankings.first?.entries.map(\.number) == [2, 1])
                #expect(try await client.lineage(of: second).nodes.contains { $0.kind == "dataset" })
                #expect(!(try await client.lineage(ofDataset: "data.csv").nodes.isEmpty))
                #expect(
                    try await client.captureReport(of: second).items.contains { $0.name == "metric" && $0.isCaptured }
                )
                #expect(try await client.versions(ofModel: "iris", range: "^1").versions.map(\.number) == [2, 1])
            }
        }
    }

    @Test("what is deleted comes back, what is held is not purged, what is purged is gone")
    func removal() async throws {
        try await withWholeRegistry { registry in
            try await registry.withClient { client in
                try await self.push(registry, client, 0.8, 0.9)
                try await client.deleteVersion(self.iris, reason: "old")
                #expect(try await clientErrorCode { _ = try await client.version(self.iris) } == .notFound)
                #expect(try await client.versions(ofModel: "iris", deleted: true).versions.map(\.number) == [1])
                #expect(try await client.restoreVersion(self.iris).deletedAt == nil)
                #expect(try await client.holdVersion(self.iris, reason: "case 1").legalHold == "case 1")
                try await client.deleteVersion(self.iris)
                let held = try await clientErrorCode {
                    _ = try await client.purgeVersion(self.iris, reason: "gone")
                }
                #expect(held != nil)
                #expect(try await client.releaseVersion(self.iris).legalHold == nil)
                #expect(try await client.purgeVersion(self.iris, reason: "gone").purgedAt != nil)
            }
        }
    }

    @Test("the ledger and a proof hold, for whoever has the key")
    func ledger() async throws {
        try await withWholeRegistry { registry in
            try await registry.withClient { client in
                try await self.push(registry, client, 0.8, 0.9)
                let ledger = try await LiveLedger(of: client)
                let report = try await ledger.verify(publicKey: ledger.publicKey)
                #expect(report.isSound, "\(report.findings)")
                #expect(report.entryCount == ledger.size && report.provenCount == ledger.size)
                let proof = try await client.proof(of: self.iris)
                try ProofVerifier.verify(proof, publicKey: ledger.publicKey)
                _ = try await client.addNote("later", to: self.iris)
                let later = try await LiveLedger(of: client)
                #expect(try await later.verify(publicKey: ledger.publicKey, checkpoints: [ledger.checkpoint]).isSound)
            }
        }
    }

    @Test("an entry that was changed in the database is named", arguments: [true, false])
    func tampering(withHash: Bool) async throws {
        try await withWholeRegistry { registry in
            let key = try await registry.withClient { client in
                try await self.push(registry, client, 0.8, 0.9)
                _ = try await client.checkpoint()
                return try await client.ledgerKey()
            }
            let index = try await Tampering(registry.folder + "/data").edit(
                "\"actor\":\"ada\"",
                "\"actor\":\"eve\"",
                withHash
            )
            try await registry.withClient { client in
                let report = try await LiveLedger(of: client).verify(publicKey: key)
                #expect(report.findings.first?.kind == .edited)
                #expect(report.findings.first?.entry == index)
            }
        }
    }
}
