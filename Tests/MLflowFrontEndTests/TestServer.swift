import HTTPTypes
import Hummingbird
import HummingbirdTesting
import MartletBlobs
import MartletCore
import MartletHTTP
import MartletJSON
import MartletServer
import MartletSQL
import MartletSQLite
import MartletTestSupport
import NIOCore

/// The whole server in process, over a database in memory and blobs in a temporary folder.
struct TestServer {
    struct Answer {
        let status: Int
        let headers: HTTPFields
        let bytes: [UInt8]

        var text: String { String(decoding: self.bytes, as: UTF8.self) }
        /// `nil` when the body is not JSON.
        var json: JSONValue? { try? JSONDocument(parsing: self.bytes, depthMax: 64).root }
        var errorCode: String? { self.json?["error_code"]?.string }
        var message: String { self.json?["message"]?.string ?? "" }
    }

    private let client: any TestClientProtocol

    /// Lends a server with nothing in it but the default experiment.
    static func run(
        _ settings: ServerSettings = ServerSettings(dataPath: ""),
        _ body: @escaping @Sendable (TestServer) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let blobs = try LocalBlobStore(root: folder)
            let domain = try await openTestDomain(blobs: blobs, surroundings: .system)
            let metrics = RequestMetrics()
            let frontEnds = frontEnds(domain: domain, settings: settings, metrics: metrics, gateway: nil) { true }
            let app = Application(router: buildRouter(serving: frontEnds, settings: settings, metrics: metrics))
            try await app.test(.router) { client in try await body(TestServer(client: client)) }
            try await blobs.close()
        }
    }

    func get(_ path: String, _ headers: HTTPFields = [:]) async throws -> Answer {
        try await self.send(.get, path, headers)
    }

    func post(_ path: String, _ json: String, contentType: String? = "application/json") async throws -> Answer {
        try await self.send(.post, path, contentType.map { [.contentType: $0] } ?? [:], ByteBuffer(string: json))
    }

    /// - Parameter path: Below `/api/2.0/mlflow/` unless it begins with a slash.
    func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ headers: HTTPFields = [:],
        _ body: ByteBuffer = ByteBuffer()
    ) async throws -> Answer {
        let uri = path.hasPrefix("/") ? path : "/api/2.0/mlflow/\(path)"
        return try await self.client.execute(uri: uri, method: method, headers: headers, body: body) { response in
            Answer(
                status: Int(response.status.code),
                headers: response.headers,
                bytes: Array(response.body.readableBytesView)
            )
        }
    }
}
