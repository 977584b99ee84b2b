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
            "/api/2.0/mlflow/traces", "/nowhere", "/api/2.0/mlflow/runs/create", "/api/2.0/mlflow/scorers",
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

@Suite("requests that mean harm")
struct HostileRequestTests {
    @Test(
        "a page token cut short is refused in every listing",
        arguments: [
            ("experiments/search", #""max_results": 1"#),
            ("runs/search", #""experiment_ids": ["0"], "max_results": 1"#),
        ]
    )
    func shortToken(path: String, question: String) async throws {
        try await TestServer.run { server in
            for name in ["a", "b"] {
                _ = try await server.post("experiments/create", #"{"name": "\#(name)"}"#)
                _ = try await server.post("runs/create", #"{"experiment_id": "0"}"#)
            }
            let first = try await server.post(path, "{\(question)}")
            let token = try #require(first.json?["next_page_token"]?.string)
            // The question's fingerprint, the number of fields, and as many fields as that says.
            let none = String(token.prefix(16)) + String(repeating: "0", count: 16)
            let one = String(token.prefix(16)) + String(repeating: "0", count: 15) + "1" + "00"
            for forged in [none, one] {
                let answer = try await server.post(path, #"{\#(question), "page_token": "\#(forged)"}"#)
                #expect(answer.errorCode == "INVALID_PARAMETER_VALUE", "\(answer.text)")
            }
        }
    }

    @Test("keys that look alike but are spelt with other code points are different keys")
    func equivalentKeys() async throws {
        try await TestServer.run { server in
            let made = try await server.post("runs/create", #"{"experiment_id": "0"}"#)
            let id = try #require(made.json?["run"]?["info"]?["run_id"]?.string)
            let body = #"""
                {"run_id": "\#(id)", "metrics": [{"key": "\u2126", "value": 1, "timestamp": 1},
                {"key": "\u03a9", "value": 2, "timestamp": 1}], "params": [{"key": "\u2126", "value": "1"},
                {"key": "\u03a9", "value": "\u212b"}]}
                """#
            #expect(try await server.post("runs/log-batch", body).status == 200)
            let run = try await server.get("runs/get?run_id=\(id)").json?["run"]?["data"]
            #expect(run?["metrics"]?.elements.map { $0["value"]?.double }.count == 2)
            #expect(run?["params"]?.elements.map { $0["value"]?.string }.count == 2)
            let changed = try await server.post(
                "runs/log-parameter",
                #"{"run_id": "\#(id)", "key": "\u03a9", "value": "\u00c5"}"#
            )
            #expect(changed.errorCode == "INVALID_PARAMETER_VALUE")
        }
    }

    @Test(
        "a mark that combines with a slash hides no step out of a folder",
        arguments: [
            ("registered-models/create", #"{"name": "a/\u0301.."}"#),
            ("registered-models/create", #"{"name": "a:\u0301b"}"#),
            ("logged-models", #"{"experiment_id": "0", "name": "a/\u0301b"}"#),
        ]
    )
    func combiningMarks(path: String, body: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.post(path, body)
            #expect(answer.errorCode == "INVALID_PARAMETER_VALUE")
        }
    }

    @Test("a request of more values than anybody sends is refused")
    func jsonBomb() async throws {
        try await TestServer.run { server in
            let zeros = Array(repeating: "0", count: 1_000_001).joined(separator: ",")
            let answer = try await server.post("runs/log-batch", #"{"run_id": "a", "x": [\#(zeros)]}"#)
            #expect(answer.status == 400)
            #expect(answer.message.contains("too many values"))
        }
    }

    @Test("a pattern longer than its bound is refused in words")
    func longPattern() async throws {
        try await TestServer.run { server in
            let pattern = String(repeating: "%a", count: 600)
            let filter = #"{"experiment_ids": ["0"], "filter": "run_name LIKE '\#(pattern)'"}"#
            let answer = try await server.post("runs/search", filter)
            #expect(answer.errorCode == "INVALID_PARAMETER_VALUE")
        }
    }

    @Test(
        "another server's page can change nothing",
        arguments: [
            [.origin: "http://evil.example"], [.origin: "null"],
            [HTTPField.Name("Sec-Fetch-Site") ?? .origin: "cross-site"],
        ] as [HTTPFields]
    )
    func forgery(headers: HTTPFields) async throws {
        try await TestServer.run { server in
            let path = "/api/2.0/mlflow-artifacts/artifacts/a.txt"
            let body = ByteBuffer(string: "x")
            let forged = try await server.send(.put, path, headers, body)
            #expect(forged.status == 403)
            let present = try await server.get(path)
            #expect(present.status == 404)
            let own = try await server.send(.put, path, [.origin: "http://localhost"], body)
            #expect(own.status == 200)
        }
    }

    @Test("a request that says twice whom it is for is refused", arguments: ["localhost", "evil.example"])
    func twoHosts(second: String) async throws {
        try await TestServer.run { server in
            // The first of them has become the request's authority.
            let answer = try await server.get("/health", [HTTPField.Name("Host") ?? .origin: second])
            #expect(answer.status == 400)
            #expect(answer.errorCode == "INVALID_PARAMETER_VALUE")
        }
    }

    @Test("HEAD is answered like GET, without a body", arguments: ["/health", "/nowhere", "/api/2.0/mlflow/runs/get"])
    func head(path: String) async throws {
        try await TestServer.run { server in
            let get = try await server.get(path)
            let head = try await server.send(.head, path)
            #expect(head.bytes.isEmpty)
            #expect(head.status == get.status)
        }
    }
}
