import MartletCore
import MartletRegistry
import MartletTestSupport
import Testing

@Suite("comparisons")
struct TensorDiffTests {
    /// A safetensors file of float tensors with one value each.
    private static func safetensors(_ tensors: [(name: String, shape: String, bytes: String)]) -> String {
        var offset = 0
        var members: [String] = []
        for tensor in tensors {
            let end = offset + tensor.bytes.utf8.count
            members.append(
                #""\#(tensor.name)":{"dtype":"F32","shape":[\#(tensor.shape)],"data_offsets":[\#(offset),\#(end)]}"#
            )
            offset = end
        }
        let header = "{\(members.joined(separator: ","))}"
        // Short enough that each byte of its length is ASCII.
        precondition(header.utf8.count < 128)
        let length = String(Unicode.Scalar(UInt8(header.utf8.count))) + String(repeating: "\u{0}", count: 7)
        return length + header + tensors.map(\.bytes).joined()
    }

    private func diff(_ world: SealingWorld) async throws -> VersionDiff {
        try await world.registry.comparison.diff(
            from: (world.name, .number(VersionNumber(1))),
            to: (world.name, .number(VersionNumber(2)))
        )
    }

    @Test(
        "tensors are the same, changed, reshaped, added or removed, with and without an index",
        arguments: [false, true]
    )
    func tensors(isIndexed: Bool) async throws {
        try await SealingWorld.with { world in
            let old = Self.safetensors([("a", "1", "AAAA"), ("b", "1", "BBBB")])
            let new = Self.safetensors([("a", "1", "AAAA"), ("b", "1", "CCCC")])
            try await world.put(old, at: "m.safetensors", of: "r1")
            try await world.put(new, at: "m.safetensors", of: "r2")
            try await world.register("r1")
            try await world.register("r2")
            if isIndexed { #expect(try await world.registry.tensors.indexPending() == 2) }
            let diff = try await self.diff(world)
            #expect(diff.sameTensorCount == 1)
            #expect(diff.tensors.map(\.name) == ["b"])
            #expect(diff.tensors.first?.old == "F32 [1]")
            #expect(diff.files.map(\.path) == ["m.safetensors"])
        }
        try await SealingWorld.with { world in
            let old = Self.safetensors([("a", "1", "AAAA"), ("b", "1,1", "BBBB")])
            let new = Self.safetensors([("b", "1", "BBBB"), ("c", "1", "CCCC")])
            try await world.put(old, at: "m.safetensors", of: "r1")
            try await world.put(new, at: "m.safetensors", of: "r2")
            try await world.register("r1")
            try await world.register("r2")
            if isIndexed { _ = try await world.registry.tensors.indexPending() }
            let changes = try await self.diff(world).tensors
            #expect(changes.map(\.name) == ["b", "c", "a"])
            #expect(changes.map(\.old) == ["F32 [1, 1]", nil, "F32 [1]"])
            #expect(changes.map(\.new) == ["F32 [1]", "F32 [1]", nil])
        }
    }

    @Test("with an index no tensor is read")
    func reading() async throws {
        try await SealingWorld.with { world in
            let texts = ["AAAA", "BBBB"].map { Self.safetensors([("a", "1", $0), ("same", "1", "SSSS")]) }
            for (index, text) in texts.enumerated() {
                try await world.put(text, at: "m.safetensors", of: "r\(index + 1)")
                try await world.register("r\(index + 1)")
            }
            _ = try await world.registry.tensors.indexPending()
            let before = world.readBytes
            _ = try await self.diff(world)
            let headers = texts.reduce(0) { $0 + $1.utf8.count - 8 }
            #expect(world.readBytes - before == headers)
        }
    }

    @Test("a file that lies about its tensors is compared as a file, and is read once")
    func lying() async throws {
        try await SealingWorld.with { world in
            for (index, text) in ["not safetensors 1", "not safetensors 2"].enumerated() {
                try await world.put(text, at: "m.safetensors", of: "r\(index + 1)")
                try await world.register("r\(index + 1)")
            }
            #expect(try await world.registry.tensors.indexPending() == 2)
            #expect(try await world.registry.tensors.indexPending() == 0)
            let diff = try await self.diff(world)
            #expect(diff.files.map(\.path) == ["m.safetensors"])
            #expect(diff.tensors.isEmpty)
        }
    }

    @Test("versions differ in what they were made of, and metrics in the direction that is better")
    func ingredients() async throws {
        var old = SourceFacts()
        old.hyperparameters = [Tag(key: "C", value: "1"), Tag(key: "gone", value: "x")]
        old.metrics = [
            Manifest.Metric(name: "accuracy", value: 0.8, step: 0, datasetName: "d", datasetDigest: "1"),
            Manifest.Metric(name: "loss", value: 2, step: 0, datasetName: "", datasetDigest: ""),
        ]
        old.code = Manifest.Code(commit: "aaa")
        var new = old
        new.hyperparameters = [Tag(key: "C", value: "2")]
        new.metrics[0].value = 0.9
        new.metrics[1].value = 1
        new.code = Manifest.Code(commit: "bbb")
        try await SealingWorld.with(facts: ["r1": old, "r2": new]) { world in
            try await world.register("r1")
            try await world.register("r2")
            let diff = try await self.diff(world)
            #expect(diff.hyperparameters.map(\.name) == ["C", "gone"])
            #expect(diff.hyperparameters.map(\.new) == ["2", nil])
            #expect(diff.metrics.map(\.name) == ["accuracy", "loss"])
            #expect(diff.metrics.map(\.better) == [.higher, .lower])
            #expect(diff.metrics.map { $0.relativeChange?.brief } == ["0.125", "-0.5"])
            #expect(diff.code.map(\.new) == ["bbb"])
            #expect(diff.datasets.isEmpty)
        }
    }

    @Test("a ranking compares only what was measured on the same dataset")
    func best() async throws {
        func facts(_ value: Double, _ dataset: String) -> SourceFacts {
            var facts = SourceFacts()
            facts.metrics = [
                Manifest.Metric(name: "loss", value: value, step: 0, datasetName: dataset, datasetDigest: dataset)
            ]
            return facts
        }
        let all = ["r1": facts(3, "a"), "r2": facts(1, "a"), "r3": facts(0.5, "b"), "r4": facts(2, "a")]
        try await SealingWorld.with(facts: all) { world in
            for number in 1...4 { try await world.register("r\(number)") }
            try await world.registry.delete(4, of: world.name)
            let better = MetricDirection(guessingFrom: "loss")
            let rankings = try await world.registry.comparison.best(of: world.name, by: "loss", on: nil, better: better)
            #expect(rankings.map(\.datasetName) == ["a", "b"])
            #expect(rankings.map { $0.entries.map(\.number.rawValue) } == [[2, 1], [3]])
            let one = try await world.registry.comparison.best(of: world.name, by: "loss", on: "b", better: better)
            #expect(one.map(\.datasetName) == ["b"])
        }
    }

    @Test("a direction is guessed by whole words of a metric's name")
    func directions() {
        for name in ["loss", "val_loss", "test/rmse", "eval.error", "WER"] {
            #expect(MetricDirection(guessingFrom: name) == .lower)
        }
        for name in ["accuracy", "f1", "gloss", "auc"] { #expect(MetricDirection(guessingFrom: name) == .higher) }
    }
}
