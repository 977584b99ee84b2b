import HTTPTypes
import MartletCore
import MartletJSON
import MartletServer
import NIOCore
import Testing

@Suite("requests of MLflow clients")
struct RequestTests {
    @Test(
        "every prefix that clients and MLflow's page use leads to the same routes",
        arguments: [
            "/api/2.0/mlflow", "/ajax-api/2.0/mlflow", "/api/3.0/mlflow", "/ajax-api/3.0/mlflow",
        ]
    )
    func prefixes(prefix: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.get("\(prefix)/experiments/get?experiment_id=0")
            #expect(answer.status == 200)
            #expect(answer.json?["experiment"]?["name"]?.string == "Default")
        }
    }

    @Test(
        "what nobody serves is answered in MLflow's words",
        arguments: [
            "/api/2.0/mlflow/traces", "/nowhere", "/api/2.0/mlflow/runs/create", "/api/2.0/mlflow/webhooks",
        ]
    )
    func unknownEndpoint(path: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.get(path)
            #expect(answer.status == 404)
            #expect(answer.errorCode == "ENDPOINT_NOT_FOUND")
        }
    }

    @Test("a body that is not a JSON object is refused", arguments: ["", "{", "[]", "5", "null", #""text""#, "\u{0}"])
    func notAnObject(body: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.post("runs/log-batch", body)
            #expect(answer.status == 400)
            #expect(answer.errorCode == "INVALID_PARAMETER_VALUE")
        }
    }

    @Test(
        "a body that does not call itself JSON is refused",
        arguments: [nil, "text/plain", "application/x-www-form-urlencoded"]
    )
    func contentType(type: String?) async throws {
        try await TestServer.run { server in
            let answer = try await server.post("experiments/create", #"{"name": "a"}"#, contentType: type)
            #expect(answer.errorCode == "INVALID_PARAMETER_VALUE")
            #expect(answer.message.contains("Content-Type"))
        }
    }

    @Test("names may be camelCase and numbers may be texts, as in the JSON of Protocol Buffers")
    func lenience() async throws {
        try await TestServer.run { server in
            let answer = try await server.post(
                "runs/create",
                #"{"experimentId": "0", "startTime": "17", "run_name": null}"#
            )
            #expect(answer.json?["run"]?["info"]?["start_time"]?.integer == 17)
        }
    }

    @Test("a body longer than the limit is refused before it is read", arguments: [true, false])
    func bodyLimit(isAnnounced: Bool) async throws {
        try await TestServer.run(ServerSettings(dataPath: "", jsonBodyBytesMax: 100)) { server in
            let body = ByteBuffer(string: #"{"name": "\#(String(repeating: "x", count: 200))"}"#)
            var headers: HTTPFields = [.contentType: "application/json"]
            if isAnnounced { headers[.contentLength] = String(body.readableBytes) }
            let answer = try await server.send(.post, "experiments/create", headers, body)
            #expect(answer.status == 413)
            #expect(answer.errorCode == "REQUEST_LIMIT_EXCEEDED")
        }
    }

    @Test("a query is decoded once, as a form")
    func query() async throws {
        try await TestServer.run { server in
            let made = try await server.post("experiments/create", #"{"name": "a b+c%41ü"}"#)
            #expect(made.status == 200)
            let found = try await server.get("experiments/get-by-name?experiment_name=a+b%2Bc%2541%C3%BC")
            #expect(found.json?["experiment"]?["name"]?.string == "a b+c%41ü")
        }
    }

    @Test("an artifact can be stored, read in part and listed")
    func artifacts() async throws {
        try await TestServer.run { server in
            let path = "/api/2.0/mlflow-artifacts/artifacts/0/a/artifacts/f.txt"
            #expect(try await server.send(.put, path, [:], ByteBuffer(string: "hello")).status == 200)
            let part = try await server.get(path, [.range: "bytes=1-3"])
            #expect(part.status == 206)
            #expect(part.text == "ell")
            let list = try await server.get("/api/2.0/mlflow-artifacts/artifacts?path=0/a/artifacts")
            #expect(list.json?["files"]?.elements.map { $0["file_size"]?.integer } == [5])
        }
    }

    @Test("operators get their answers, and people a page")
    func operations() async throws {
        try await TestServer.run { server in
            #expect(try await server.get("/health").text == "OK")
            #expect(try await server.get("/ready").text == "OK")
            #expect(try await server.get("/version").text == MartletVersion.text)
            #expect(try await server.get("/").text.contains("MLFLOW_TRACKING_URI"))
            let metrics = try await server.get("/metrics").text
            #expect(
                metrics.contains(#"martlet_http_request_seconds_count{method="GET",route="/health",status="200"} 1"#)
            )
            #expect(metrics.contains("process_resident_memory_bytes"))
        }
    }
}
