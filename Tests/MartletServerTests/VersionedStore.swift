import HTTPTypes
import Hummingbird
import HummingbirdTesting
import MartletCore
import MartletHTTP
import MartletServer
import MartletTestSupport
import NIOCore
import Testing

/// Lends the store of a server on which ann has registered a version with a file and one without, and moved one.
func withVersions(_ body: @escaping @Sendable (ServerStore) async throws -> Void) async throws {
    try await withTemporaryFolder { path in
        let store = try ServerStore(dataPath: path)
        let domain = try await store.openDomain()
        let settings = ServerSettings(dataPath: path)
        let metrics = RequestMetrics()
        let router = buildRouter(
            serving: frontEnds(domain: domain, settings: settings, metrics: metrics, gateway: nil) { true },
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
