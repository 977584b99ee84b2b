import MartletArtifacts
import MartletCore
import MartletSQL
import Synchronization
import MartletTestSupport
import Testing

@Suite("What a name costs")
struct NamingCostTests {
    @Test("a name takes as many statements however deep it lies")
    func depth() async throws {
        try await ArtifactWorld.with { world in
            let counter = StatementCounter(base: world.database)
            let artifacts = world.artifacts(over: counter)
            var counts: [Int] = []
            for depth in [1, 2, 40, 2_000] {
                let path = try ArtifactPath(
                    validating: Array(repeating: "f", count: depth).joined(separator: "/") + "x"
                )
                try await artifacts.put(.text("x"), at: path, in: .mlflow)
                counts.append(counter.take())
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

/// Counts statements.
private final class StatementCounter: Database {
    private let base: any Database
    private let count = Mutex(0)

    init(base: any Database) {
        self.base = base
    }

    /// The number of statements since the last call.
    func take() -> Int {
        self.count.withLock { count in
            defer { count = 0 }
            return count
        }
    }

    func read<Value: Sendable>(
        _ extent: ReadExtent,
        _ body: @Sendable @escaping (any Connection) throws(MartletError) -> Value
    ) async throws(MartletError) -> Value {
        try await self.base.read(extent) { db throws(MartletError) in
            try body(CountingConnection(base: db) { self.add() })
        }
    }

    func close() async throws(MartletError) { try await self.base.close() }

    func write<Value: Sendable>(
        _ scope: WriteScope,
        _ body: @Sendable @escaping (any Connection) throws(MartletError) -> Value
    ) async throws(MartletError) -> Value {
        try await self.base.write(scope) { db throws(MartletError) in
            try body(CountingConnection(base: db) { self.add() })
        }
    }

    private func add() {
        self.count.withLock { $0 += 1 }
    }
}

private struct CountingConnection: Connection {
    let base: any Connection
    let count: () -> Void

    func query(_ sql: SQL) throws(MartletError) -> SQLRows {
        self.count()
        return try self.base.query(sql)
    }

    func execute(_ sql: SQL) throws(MartletError) -> Int {
        self.count()
        return try self.base.execute(sql)
    }

    func execute(_ batch: SQLBatch) throws(MartletError) {
        self.count()
        try self.base.execute(batch)
    }
}
