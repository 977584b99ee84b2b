import HTTPTypes
import Hummingbird
import HummingbirdTesting
import MartletCore
import MartletJSON
import MartletServer
import NIOCore

/// The whole server in process, over a database in memory.
struct TestServer {
    struct Answer {
        let status: Int
        let body: JSONValue

        var errorCode: String? { self.body["error_code"]?.string }
        var message: String { self.body["message"]?.string ?? "" }
    }

    private let client: any TestClientProtocol

    /// Lends a server with nothing in it but the default experiment.
    static func run(_ body: @escaping @Sendable (TestServer) async throws -> Void) async throws {
        try await withTestApplication { app in
            try await app.test(.router) { client in try await body(TestServer(client: client)) }
        }
    }

    func post(_ path: String, _ json: String, contentType: String? = "application/json") async throws -> Answer {
        let headers: HTTPFields = contentType.map { [.contentType: $0] } ?? [:]
        return try await self.send(.post, path, headers, ByteBuffer(string: json))
    }

    func get(_ path: String) async throws -> Answer {
        try await self.send(.get, path, [:], ByteBuffer())
    }

    private func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ headers: HTTPFields,
        _ body: ByteBuffer
    ) async throws -> Answer {
        let uri = path.hasPrefix("/") ? path : "/api/2.0/mlflow/\(path)"
        let response = try await self.client.executeRequest(uri: uri, method: method, headers: headers, body: body)
        let document = try JSONDocument(parsing: Array(response.body.readableBytesView), depthMax: 64)
        return Answer(status: Int(response.status.code), body: document.root)
    }
}
