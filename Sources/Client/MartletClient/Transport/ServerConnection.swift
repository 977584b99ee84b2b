import AsyncHTTPClient
import FoundationEssentials
import MartletCore
import MartletWire
import NIOCore
import NIOHTTP1

/// Sends calls to one server and reads what it answers.
struct ServerConnection: Sendable {
    /// Longer answers are not read: no list of a registry is that long.
    static let answerBytesMax = 256 * 1_024 * 1_024
    /// A server may need that long to write a large file to a slow disk before it answers.
    private static let patience = TimeAmount.seconds(300)
    /// A version that is to be deployed may need longer than that until it is ready.
    private static let patienceWithChanges = TimeAmount.hours(1)
    private static let root = "/api/martlet/v1"
    private static let schemes = ["http://", "https://", "http+unix://", "https+unix://"]

    private let http: HTTPClient
    /// For changes.
    private let patientHTTP: HTTPClient
    private let url: String
    private let base: String
    private let isSocket: Bool
    private let actor: String?

    init(url: String, actor: String?) throws(MartletClientError) {
        let scheme = Self.schemes.first { url.lowercased().hasPrefix($0) }
        // What is before it may be a password.
        guard !url.prefix(while: { $0 != "?" && $0 != "#" }).contains("@") else {
            throw MartletClientError(
                .invalidArgument,
                "the URL of a server has no name or password in it, nor an '@': write http://HOST:PORT"
            )
        }
        guard let scheme, Self.isPlace(url.dropFirst(scheme.count), scheme) else {
            throw MartletClientError(.invalidArgument, "'\(url)' is not the URL of a server: write http://HOST:PORT")
        }
        if let actor, actor.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
            throw MartletClientError(.invalidArgument, "the name of who acts must not contain control characters")
        }
        self.url = url
        self.base = String(url.prefix { $0 != "?" && $0 != "#" }.trimmingSuffix { $0 == "/" }) + Self.root
        self.isSocket = scheme.contains("+unix")
        self.actor = actor
        self.http = Self.client(waiting: Self.patience)
        self.patientHTTP = Self.client(waiting: Self.patienceWithChanges)
    }

    /// Closes all connections.
    func shutDown() async throws {
        try await self.http.shutdown()
        try await self.patientHTTP.shutdown()
    }

    /// Whether what follows the scheme names somebody: a host, or the path of a socket.
    private static func isPlace(_ rest: Substring, _ scheme: String) -> Bool {
        if scheme.contains("+unix") { return !rest.isEmpty }
        return URLAuthority(rest.prefix { !"/?#".contains($0) }) != nil
    }

    private static func client(waiting time: TimeAmount) -> HTTPClient {
        var configuration = HTTPClient.Configuration()
        configuration.timeout = .init(connect: .seconds(10), read: time)
        // A change, and a secret in it, is for the server that was named. No Martlet server redirects these calls.
        configuration.redirectConfiguration = .disallow
        // Who calls decides whether to try again; otherwise a server that is not there costs ten seconds.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        return HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
    }

    /// Sends a call, and returns the answer whatever its status.
    func answer(to call: ServerCall) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: self.base + call.target)
        request.method = HTTPMethod(rawValue: call.method.rawValue.uppercased())
        for header in call.headers { request.headers.add(name: header.name, value: header.value) }
        if self.isSocket { request.headers.replaceOrAdd(name: "Host", value: "localhost") }
        if let actor { request.headers.replaceOrAdd(name: "Martlet-Actor", value: actor) }
        switch call.body {
        case .json(let bytes):
            request.headers.replaceOrAdd(name: "Content-Type", value: "application/json")
            request.body = .bytes(bytes)
        case .file(let chunks):
            request.headers.replaceOrAdd(name: "Content-Type", value: "application/octet-stream")
            request.body = .stream(chunks, length: .known(chunks.size))
        case nil: break
        }
        do {
            return try await (call.isChange ? self.patientHTTP : self.http).execute(request, deadline: .distantFuture)
        } catch {
            throw MartletClientError(error, insteadOfAnswerTo: call, from: self.url)
        }
    }

    /// Sends a call, and returns the answer if it is one of success.
    func send(_ call: ServerCall) async throws -> HTTPClientResponse {
        let answer = try await self.answer(to: call)
        guard (200..<300).contains(answer.status.code) else { throw await Self.error(from: answer) }
        return answer
    }

    /// Sends a call, and returns the bytes of the answer.
    func bytes(_ call: ServerCall) async throws -> ByteBuffer {
        try await self.bytes(of: try await self.send(call), to: call)
    }

    private func bytes(of answer: HTTPClientResponse, to call: ServerCall) async throws -> ByteBuffer {
        do {
            return try await answer.body.collect(upTo: Self.answerBytesMax)
        } catch {
            throw MartletClientError(error, insteadOfAnswerTo: call, from: self.url)
        }
    }

    /// Sends a call, and decodes the answer.
    func read<Message: Decodable>(_ call: ServerCall) async throws -> Message {
        try Self.decode(try await self.bytes(call))
    }

    /// Sends a call with a message, and decodes the answer.
    func read<Message: Decodable>(_ call: ServerCall, sending message: some Encodable) async throws -> Message {
        try await self.read(try Self.call(call, sending: message))
    }

    /// Sends a call whose answer says nothing, which is a status of its own.
    func perform(_ call: ServerCall) async throws {
        let answer = try await self.send(call)
        guard answer.status == .noContent else {
            throw MartletClientError(
                .unexpectedAnswer,
                "the answer is not what a Martlet server says: status \(answer.status.code) instead of 204",
                status: Int(answer.status.code)
            )
        }
        _ = try await self.bytes(of: answer, to: call)
    }

    /// Sends a call with a message whose answer says nothing.
    func perform(_ call: ServerCall, sending message: some Encodable) async throws {
        try await self.perform(try Self.call(call, sending: message))
    }

    private static func call(_ call: ServerCall, sending message: some Encodable) throws -> ServerCall {
        var call = call
        call.body = .json(ByteBuffer(bytes: try JSONEncoder().encode(message)))
        return call
    }

    private static func decode<Message: Decodable>(_ bytes: ByteBuffer) throws -> Message {
        try JSONDecoder().decode(Message.self, from: Data(bytes.readableBytesView))
    }

    /// What the server says went wrong.
    static func error(from answer: HTTPClientResponse) async -> MartletClientError {
        if (300..<400).contains(answer.status.code), let place = answer.headers.first(name: "Location") {
            return MartletClientError(redirection: Int(answer.status.code), to: place)
        }
        // An answer that cannot be read, or is no problem report, leaves its status to tell.
        let bytes = try? await answer.body.collect(upTo: 1_024 * 1_024)
        let problem = bytes.flatMap { try? Self.decode($0) as Problem }
        return MartletClientError(status: Int(answer.status.code), problem: problem)
    }
}

extension StringProtocol {
    fileprivate func trimmingSuffix(_ isUnwanted: (Character) -> Bool) -> SubSequence {
        guard let last = self.lastIndex(where: { !isUnwanted($0) }) else {
            return self[self.startIndex..<self.startIndex]
        }
        return self[...last]
    }
}
