import Crypto
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import MartletClient
import MartletCore
import MartletWire
import NIOCore
import Synchronization

/// A registry of one version, over real connections, that can be made to misbehave.
final class FileServer: Sendable {
    struct State {
        var files: [String: [UInt8]] = [:]
        /// What it lists instead of the paths of its files.
        var listed: [FileRecord]?
        /// After how many bytes the next answers break off.
        var breaks: [Int] = []
        /// The `Range` headers of the requests for files.
        var ranges: [String?] = []
        var answersRanges = true
        /// The manifest and the digest that the version claims to have.
        var manifest: (bytes: [UInt8], digest: String)?
        /// Bytes by digest that were sent to it.
        var blobs: [String: [UInt8]] = [:]
        var registrations: [Registration] = []
        var actors: Set<String> = []
    }

    private let state: Mutex<State>

    init(_ files: [String: [UInt8]] = [:]) {
        self.state = Mutex(State(files: files))
    }

    var now: State { self.state.withLock { $0 } }

    func change(_ body: (inout State) -> Void) {
        self.state.withLock { body(&$0) }
    }

    static func digest(_ bytes: [UInt8]) -> String { Hexadecimal.string(Array(SHA256.hash(data: bytes))) }

    /// Runs the server and lends a client of it.
    func withClient(_ body: @Sendable (MartletClient) async throws -> Void) async throws {
        try await Application(router: self.router()).test(.live) { test in
            let url = "http://127.0.0.1:\(test.port ?? 0)/"
            try await withMartletClient(url: url, actor: "ada") { client in try await body(client) }
        }
    }

    private func router() -> Router<BasicRequestContext> {
        let router = Router()
        let version = router.group("api/martlet/v1/models/:model/versions/:version")
        version.get { _, context in
            try Self.json(Self.record(model: context.parameters.require("model"), self.now.manifest?.digest))
        }
        version.get("manifest") { _, _ in
            Response(status: .ok, body: .init(byteBuffer: ByteBuffer(bytes: self.now.manifest?.bytes ?? [])))
        }
        version.get("files") { _, _ in try Self.json(FileList(files: self.list())) }
        version.get("files/**") { request, context in
            self.answer(request, context.parameters.getCatchAll().joined(separator: "/"))
        }
        router.post("api/martlet/v1/models/:model/versions") { request, context in
            let registration = try await request.decode(as: Registration.self, context: context)
            self.state.withLock { $0.registrations.append(registration) }
            return try Self.json(Self.record(model: context.parameters.require("model")), .created)
        }
        router.head("api/martlet/v1/blobs/:digest") { _, context in
            let digest = try context.parameters.require("digest")
            return Response(status: self.state.withLock { $0.blobs[digest] != nil } ? .ok : .notFound)
        }
        router.put("api/martlet/v1/blobs/:digest") { request, context in
            try await self.receive(request, context.parameters.require("digest"))
        }
        return router
    }

    private func receive(_ request: Request, _ digest: String) async throws -> Response {
        let bytes = Array(try await request.body.collect(upTo: 1 << 30).readableBytesView)
        guard Self.digest(bytes) == digest else {
            let problem = Problem(status: 400, code: "integrity", title: "wrong", detail: "other bytes")
            return try Self.json(problem, .badRequest)
        }
        self.state.withLock { state in
            state.blobs[digest] = bytes
            state.actors.insert(request.headers[.init("Martlet-Actor") ?? .accept] ?? "")
        }
        return Response(status: .noContent)
    }

    private func list() -> [FileRecord] {
        self.state.withLock { state in
            state.listed
                ?? state.files.sorted { $0.key < $1.key }.map {
                    FileRecord(path: $0.key, role: "other", size: Int64($0.value.count), sha256: Self.digest($0.value))
                }
        }
    }

    private func answer(_ request: Request, _ path: String) -> Response {
        let range = request.headers[.range]
        let (file, limit, start) = self.state.withLock { state -> ([UInt8]?, Int?, Int) in
            state.ranges.append(range)
            let start = state.answersRanges ? Self.start(of: range) : 0
            return (state.files[path], state.breaks.isEmpty ? nil : state.breaks.removeFirst(), start)
        }
        guard let file else { return Response(status: .notFound) }
        let rest = Array(file[start...])
        let body = ResponseBody(contentLength: rest.count) { writer in
            try await writer.write(ByteBuffer(bytes: rest.prefix(limit ?? rest.count)))
            // What was written reaches the client before the connection is cut.
            if limit != nil { try await Task.sleep(for: .milliseconds(50)) }
            if limit != nil { throw CancellationError() }
            try await writer.finish(nil)
        }
        return Response(status: start > 0 ? .partialContent : .ok, body: body)
    }

    private static func start(of range: String?) -> Int {
        range.flatMap { Int($0.dropFirst("bytes=".count).dropLast()) } ?? 0
    }

    private static func json(
        _ message: some Encodable,
        _ status: HTTPResponse.Status = .ok
    ) throws -> Response {
        Response(status: status, body: .init(byteBuffer: ByteBuffer(bytes: try encode(message))))
    }

    private static func record(model: String, _ digest: String? = nil) -> VersionRecord {
        VersionRecord(
            model: model,
            number: 4,
            semanticVersion: "1.2.0",
            semanticVersionReasons: [],
            digest: digest,
            seal: SealRecord(state: "sealed", reason: nil, tree: nil, fileCount: 0, byteCount: 0),
            stage: "candidate",
            mlflowStage: "None",
            author: "ada",
            description: nil,
            tags: [:],
            aliases: [],
            source: "",
            runId: nil,
            loggedModelId: nil,
            parent: nil,
            revision: 1,
            createdAt: "2026-05-03T14:00:00.000Z",
            updatedAt: "2026-05-03T14:00:00.000Z",
            deletedAt: nil,
            legalHold: nil,
            purgedAt: nil
        )
    }
}
