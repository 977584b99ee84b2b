import MartletArtifacts
import MartletCore
import MartletTestSupport
import Testing

@Suite("What a name costs")
struct NamingCostTests {
    @Test("a name takes as many statements however deep it lies")
    func depth() async throws {
        try await ArtifactWorld.with { world in
            let observed = ObservedDatabase(world.database)
            let artifacts = world.artifacts(over: observed)
            var counts: [Int] = []
            for depth in [1, 2, 40, 2_000] {
                let path = try ArtifactPath(
                    validating: Array(repeating: "f", count: depth).joined(separator: "/") + "x"
                )
                counts.append(try await observed.count { try await artifacts.put(.text("x"), at: path, in: .mlflow) })
            }
            #expect(Set(counts).count == 1, "\(counts)")
            #expect(counts[0] <= 4)
        }
    }

    @Test("a file in the way is found at any depth")
    func conflicts() async throws {
        try await ArtifactWorld.with { world in
            let names = (0..<100).map { "folder\($0)" }
            try await world.put("x", at: names[..<50].joined(separator: "/"))
            let deep = names.joined(separator: "/")
            #expect(try await errorCode { try await world.put("y", at: deep) } == .invalidArgument)
            try await world.delete("folder0")
            try await world.put("y", at: deep)
            for depth in [1, 50, 99] {
                let folder = names[..<depth].joined(separator: "/")
                #expect(try await errorCode { try await world.put("z", at: folder) } == .invalidArgument)
            }
        }
    }
}
