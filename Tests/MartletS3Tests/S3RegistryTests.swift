import MartletCore
import MartletS3
import MartletTestSupport
import Testing

@Suite("A place in an object store belongs to one registry", .enabled(if: !S3TestServer.isRuledOut))
struct S3RegistryTests {
    private static let products = [S3TestServer.Product.seaweedfs, .juicefs]

    @Test("who comes first has it, also at later starts and with other servers", arguments: products)
    func same(product: S3TestServer.Product) async throws {
        let settings = try await S3TestServer.shared(product).settings()
        for _ in 1...2 {
            try await settings.withStore { store in
                try await withThrowingTaskGroup { group in
                    for _ in 1...4 { group.addTask { try await store.dedicate(to: "martlet-a") } }
                    try await group.waitForAll()
                }
            }
        }
    }

    @Test("another one is refused, with a message that names both", arguments: products)
    func another(product: S3TestServer.Product) async throws {
        let settings = try await S3TestServer.shared(product).settings()
        try await settings.withStore { try await $0.dedicate(to: "martlet-a") }
        try await settings.withStore { store in
            let error = await #expect(throws: MartletError.self) { try await store.dedicate(to: "martlet-b") }
            #expect(error?.code == .conflict)
            for word in ["'martlet-a'", "'martlet-b'", settings.url, "--blobs"] {
                #expect(error?.message.contains(word) == true, "\(word)")
            }
        }
    }

    @Test("of two that start at once, one is refused")
    func race() async throws {
        try await S3TestServer.shared(.seaweedfs).settings().withStore { store in
            let refused = try await withThrowingTaskGroup { group in
                for name in ["martlet-a", "martlet-b"] {
                    group.addTask { try await errorCode { try await store.dedicate(to: name) } }
                }
                return try await group.reduce(into: [MartletError.Code?]()) { $0.append($1) }
            }
            #expect(refused.count { $0 == .conflict } == 1)
            #expect(refused.count { $0 == nil } == 1)
        }
    }
}
