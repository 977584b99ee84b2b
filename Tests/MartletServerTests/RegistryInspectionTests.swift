import HTTPTypes
import Hummingbird
import HummingbirdTesting
import MartletArtifacts
import MartletCore
import MartletHTTP
import MartletServer
import MartletSQL
import MartletTestSupport
import NIOCore
import Testing

@Suite("Inspecting versions and the ledger")
struct RegistryInspectionTests {
    @Test("what was registered and changed by the rules is healthy")
    func healthy() async throws {
        try await self.withVersions { store in
            let report = try await DataFolderInspection(store).run(.contents)
            #expect(report.registryProblems == [])
            #expect(report.intactVersions == 2)
            #expect(report.ledgerEntries == 5)
        }
    }

    @Test(
        "whatever is edited behind the server's back is named",
        arguments: [
            ("UPDATE ledger_entry SET body = replace(body, 'ann', 'bob') WHERE entry_index = 2", "entry 2 was edited"),
            ("DELETE FROM ledger_entry WHERE entry_index = 2", "entries 2 to 2 are missing"),
            ("DELETE FROM ledger_entry WHERE entry_index = 4", "it has 4 entries and should have 5"),
            (
                """
                UPDATE ledger_entry SET leaf = (SELECT leaf FROM ledger_entry WHERE entry_index = 2),
                    body = (SELECT body FROM ledger_entry WHERE entry_index = 2) WHERE entry_index = 3
                """, "entry 3 says that it is 2"
            ),
            ("UPDATE ledger_node SET hash = zeroblob(32)", "its tree is not that of its entries"),
            ("DELETE FROM ledger_node", "its tree is not that of its entries"),
            ("UPDATE version_manifest SET body = replace(body, 'ann', 'bob')", "its manifest was edited"),
            ("DELETE FROM version_manifest", "has no manifest"),
            ("DELETE FROM artifact WHERE space = 'sealed'", "its list of files was edited"),
            ("UPDATE model_version SET tree = zeroblob(32)", "its files are not those of its manifest"),
        ]
    )
    func tampering(statement: String, finding: String) async throws {
        try await self.withVersions { store in
            try await store.database.write { db throws(MartletError) in
                try db.execute(SQL(stringLiteral: statement))
            }
            let report = try await DataFolderInspection(store).run(.sizes)
            #expect(!report.isHealthy)
            #expect(report.registryProblems.contains { $0.contains(finding) }, "\(report.registryProblems)")
        }
    }

    /// Lends the store of a server on which ann has registered a version with a file and one without, and moved one.
    private func withVersions(_ body: @escaping @Sendable (EmbeddedStore) async throws -> Void) async throws {
        try await withTemporaryFolder { path in
            let store = try EmbeddedStore(dataPath: path)
            let domain = try await store.openDomain()
            let settings = ServerSettings(dataPath: path)
            let metrics = RequestMetrics()
            let router = buildRouter(
                serving: frontEnds(domain: domain, settings: settings, metrics: metrics) { true },
                settings: settings,
                metrics: metrics
            )
            try await Application(router: router).test(.router) { client in
                let api = "/api/martlet/v1"
                func send(_ method: HTTPRequest.Method, _ path: String, _ text: String) async throws {
                    var headers: HTTPFields = [.contentType: "application/json"]
                    headers[.martletActor] = "ann"
                    let body = ByteBuffer(string: text)
                    let status = try await client.execute(uri: path, method: method, headers: headers, body: body) {
                        $0.status.code
                    }
                    #expect((200..<300).contains(status), "\(method) \(path)")
                }
                let digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
                try await send(.put, "\(api)/blobs/\(digest)", "test")
                try await send(.post, "\(api)/models", #"{"name":"iris"}"#)
                let file = #"{"files":[{"path":"model.bin","sha256":"\#(digest)"}]}"#
                try await send(.post, "\(api)/models/iris/versions", file)
                try await send(.post, "\(api)/models/iris/versions", #"{"source":"s3://bucket/x"}"#)
                try await send(.post, "\(api)/models/iris/versions/1/transitions", #"{"to":"staging"}"#)
            }
            try await body(store)
            try await store.close()
        }
    }
}
