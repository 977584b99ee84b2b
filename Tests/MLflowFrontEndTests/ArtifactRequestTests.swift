import HTTPTypes
import MartletJSON
import MartletServer
import NIOCore
import Testing

private let artifacts = "/api/2.0/mlflow-artifacts/artifacts"

@Suite("Artifact requests")
struct ArtifactRequestTests {
    private static let alphabet = "abcdefghijklmnopqrstuvwxyz"

    @Test(
        "one range is answered with just that",
        arguments: [
            ("bytes=0-0", "a", "0-0"), ("bytes=3-5", "def", "3-5"), ("bytes=24-", "yz", "24-25"),
            ("bytes=-2", "yz", "24-25"), ("bytes=20-999", "uvwxyz", "20-25"), ("bytes=-999", alphabet, "0-25"),
            ("BYTES=1-1", "b", "1-1"), ("bytes=25-99999999999999999999999", "z", "25-25"),
        ]
    )
    func ranges(header: String, text: String, range: String) async throws {
        try await self.withAlphabet { server, path in
            let answer = try await server.get(path, [.range: header])
            #expect(answer.status == 206)
            #expect(answer.text == text)
            #expect(answer.headers[.contentRange] == "bytes \(range)/26")
            #expect(answer.headers[.contentLength] == "\(text.utf8.count)")
        }
    }

    @Test(
        "what is not one range is answered with everything",
        arguments: [
            "bytes=0-1,3-4", "bytes=5-2", "bytes=", "bytes=-", "bytes=a-b", "bytes=1-2-3", "lines=1-2", "bytes",
            "bytes=+1-2",
        ]
    )
    func wholeFiles(header: String) async throws {
        try await self.withAlphabet { server, path in
            let answer = try await server.get(path, [.range: header])
            #expect(answer.status == 200)
            #expect(answer.text == Self.alphabet)
            #expect(answer.headers[.acceptRanges] == "bytes")
        }
    }

    @Test("a range beyond the end cannot be answered", arguments: ["bytes=26-", "bytes=26-30", "bytes=-0"])
    func unsatisfiableRanges(header: String) async throws {
        try await self.withAlphabet { server, path in
            let answer = try await server.get(path, [.range: header])
            #expect(answer.status == 416)
            #expect(answer.headers[.contentRange] == "bytes */26")
        }
    }

    @Test("the digest tells a client whether it has the bytes already")
    func conditions() async throws {
        try await self.withAlphabet { server, path in
            let tag = try await server.get(path).headers[.eTag] ?? ""
            #expect(tag == "\"71c480df93d6ae2f1efad1447c66c9525e316218cf51fc8d9ed832f2daf18b73\"")
            for known in [tag, "W/\(tag)", "\"x\", \(tag)", "*"] {
                let answer = try await server.get(path, [.ifNoneMatch: known])
                #expect(answer.status == 304 && answer.bytes.isEmpty && answer.headers[.eTag] == tag)
            }
            #expect(try await server.get(path, [.ifNoneMatch: "\"x\""]).status == 200)
            #expect(try await server.get(path, [.range: "bytes=0-1", .ifRange: tag]).status == 206)
            #expect(try await server.get(path, [.range: "bytes=0-1", .ifRange: "\"x\""]).status == 200)
        }
    }

    @Test("HEAD says what GET would, without the bytes")
    func head() async throws {
        try await self.withAlphabet { server, path in
            let answer = try await server.send(.head, path, [.range: "bytes=0-1"])
            #expect(answer.status == 200)
            #expect(answer.headers[.contentLength] == "26")
            #expect(answer.bytes.isEmpty)
            #expect(try await server.send(.head, "\(path).missing").status == 404)
        }
    }

    @Test(
        "a browser saves a file under its name and never shows it",
        arguments: [
            ("a.txt", "text/plain", "filename=a.txt"), ("MLmodel", "text/plain", "filename=MLmodel"),
            ("x.py", "text/plain", "filename=x.py"), ("x.html", "text/html", "filename=x.html"),
            ("x.PNG", "image/png", "filename=x.PNG"), ("x.bin", "application/octet-stream", "filename=x.bin"),
            ("noending", "application/octet-stream", "filename=noending"),
            ("a%20b.csv", "text/plain", "filename=\"a b.csv\""),
            ("a%22b", "application/octet-stream", "filename=\"a\\\"b\""),
            ("%C3%A4.txt", "text/plain", "filename=\"_.txt\"; filename*=UTF-8''%C3%A4.txt"),
        ]
    )
    func names(name: String, type: String, disposition: String) async throws {
        try await TestServer.run { server in
            #expect(try await server.send(.put, "\(artifacts)/d/\(name)", [:], ByteBuffer(string: "x")).status == 200)
            let answer = try await server.get("\(artifacts)/d/\(name)")
            #expect(answer.headers[.contentType] == type)
            #expect(answer.headers[.contentDisposition] == "attachment; \(disposition)")
            #expect(answer.headers[.xContentTypeOptions] == "nosniff")
        }
    }

    @Test("more than the limit is refused and leaves nothing", arguments: [true, false])
    func limit(isAnnounced: Bool) async throws {
        try await TestServer.run(ServerSettings(dataPath: "", artifactBytesMax: 10)) { server in
            let headers: HTTPFields = isAnnounced ? [.contentLength: "11"] : [:]
            let body = ByteBuffer(repeating: 1, count: 11)
            let refused = try await server.send(.put, "\(artifacts)/a", headers, body)
            #expect(refused.status == 413)
            #expect(try await server.get("\(artifacts)/a").status == 404)
            #expect(
                try await server.send(.put, "\(artifacts)/a", [:], ByteBuffer(repeating: 1, count: 10)).status == 200
            )
        }
    }

    private func withAlphabet(_ body: @escaping @Sendable (TestServer, String) async throws -> Void) async throws {
        try await TestServer.run { server in
            let path = "\(artifacts)/1/r/artifacts/alphabet.txt"
            #expect(try await server.send(.put, path, [:], ByteBuffer(string: Self.alphabet)).status == 200)
            try await body(server, path)
        }
    }
}

@Suite("Multipart upload requests")
struct MultipartUploadRequestTests {
    private static let mpu = "/api/2.0/mlflow-artifacts/mpu"

    @Test("a file goes up in parts, to addresses under the name by which the client knows the server")
    func wholeUpload() async throws {
        try await TestServer.run { server in
            let created = try await server.post(
                "\(Self.mpu)/create/1/r/artifacts",
                #"{"path": "/models/model.bin", "num_parts": 2}"#
            )
            let id = try #require(created.json?["upload_id"]?.string)
            let credentials = try #require(created.json?["credentials"]).elements.map { $0 }
            #expect(credentials.map { $0["part_number"]?.integer } == [1, 2])
            var parts: [String] = []
            for (credential, text) in zip(credentials, ["first ", "second"]) {
                let url = try #require(credential["url"]?.string)
                let path = try #require(url.firstRange(of: "/api/").map { String(url[$0.lowerBound...]) })
                let answer = try await server.send(.put, path, [:], ByteBuffer(string: text))
                let tag = try #require(answer.headers[.eTag]).filter { $0 != "\"" }
                parts.append(#"{"part_number": \#(parts.count + 1), "etag": "\"\#(tag)\"", "url": "\#(url)"}"#)
            }
            let list = parts.joined(separator: ",")
            let complete = #"{"path": "/models/model.bin", "upload_id": "\#(id)", "parts": [\#(list)]}"#
            #expect(try await server.post("\(Self.mpu)/complete/1/r/artifacts", complete).text == "{}")
            #expect(try await server.get("\(artifacts)/1/r/artifacts/model.bin").text == "first second")
        }
    }

    @Test(
        "a file of another system is called by the last part of its path",
        arguments: [#"C:\\a\\b.bin"#, "a/b.bin", "b.bin"]
    )
    func fileNames(path: String) async throws {
        try await TestServer.run { server in
            let created = try await server.post("\(Self.mpu)/create/run", #"{"path": "\#(path)", "num_parts": 1}"#)
            let id = try #require(created.json?["upload_id"]?.string)
            let abort = #"{"path": "b.bin", "upload_id": "\#(id)"}"#
            #expect(try await server.post("\(Self.mpu)/abort/run", abort).status == 200)
            #expect(try await server.post("\(Self.mpu)/abort/run", abort).status == 404)
        }
    }

    @Test(
        "what cannot be meant is refused",
        arguments: [
            ("create/run", #"{}"#, 400), ("create/run", #"{"path": "a/..", "num_parts": 1}"#, 400),
            ("create/../run", #"{"path": "a", "num_parts": 1}"#, 400),
            ("create/run", #"{"path": "a", "num_parts": 0}"#, 400),
            ("create/run", #"{"path": "a", "num_parts": 9223372036854775807}"#, 400),
            ("complete/run", #"{"path": "a", "upload_id": "x", "parts": []}"#, 404),
            ("complete/run", #"{"path": "a", "upload_id": "00000000000000000000000000000000", "parts": [1]}"#, 400),
            ("abort/run", #"{"path": "a", "upload_id": "00000000000000000000000000000000"}"#, 404),
            ("abort/run", #"{"path": "a"}"#, 400),
        ]
    )
    func badInput(path: String, json: String, status: Int) async throws {
        try await TestServer.run { server in
            let created = try await server.post("\(Self.mpu)/\(path)", json)
            #expect(created.status == status)
        }
    }
}
