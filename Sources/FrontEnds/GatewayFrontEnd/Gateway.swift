import Crypto
import HTTPTypes
import Hummingbird
import MartletCore
import MartletDeployments
import MartletHTTP
import MartletProxy
import MartletRouting
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

/// Chooses who answers a request, has it answered, and records both.
final class Gateway: Sendable {
    /// Bodies of at most that length are read whole before they are passed on.
    static let wholeBodyBytes = 256 << 10

    let routes: RouteTable
    let logs: GatewayLogs
    let client: ProxyClient
    let addresses: BackendAddresses
    private let surroundings: Surroundings
    private let aside = AsideWork()
    /// Answers of shadows that wait to be compared.
    let comparing = AsideWork()
    /// Those of them that wait for the end of an answer that is passed on as it comes.
    let awaitingEnds = AsideWork()
    let comparison = AnswerComparison()

    init(
        routes: RouteTable,
        logs: GatewayLogs,
        surroundings: Surroundings,
        client: ProxyClient,
        addresses: BackendAddresses
    ) {
        self.routes = routes
        self.logs = logs
        self.surroundings = surroundings
        self.client = client
        self.addresses = addresses
    }

    func answer(_ request: Request, _ context: MartletRequestContext) async throws(MartletError) -> Response {
        let start = NIODeadline.now()
        guard let name = context.parameters.get("deployment"), let route = self.routes.route(to: name) else {
            throw MartletError(.notFound, "There is no deployment '\(context.parameters.get("deployment") ?? "")'.")
        }
        let path = try ServedPath.below(request.head.path ?? "/")
        let headers = HTTPHeaders(request.headers)
        try headers.requireNoOtherProtocol()
        let length = headers.bodyLength
        var body = try await self.body(of: request, length, if: route.isSubjectInBody, route)
        let choice = Choice(self.id(), route.subject(of: headers, body), route)
        let isShort = length.map { $0 <= Self.wholeBodyBytes } ?? false
        if body == nil {
            body = try await self.body(of: request, length, if: isShort || !choice.shadows.isEmpty, route)
        }
        let exchange = Exchange(self, route, choice, headers, body, since: start)
        let upload = body == nil ? exchange.upload(of: request, context.channel) : nil
        let proxied = Self.proxied(
            HTTPMethod(request.method),
            path,
            headers,
            upload.map { .streamed(length: length, start: $0.start) } ?? .whole(body ?? ByteBuffer()),
            choice.idText
        )
        if !choice.shadows.isEmpty { self.shadow(proxied, exchange, choice.shadows, context.channel) }
        return await exchange.run(proxied, upload, ClientPresence.of(context.channel))
    }

    func id() -> DecisionID {
        DecisionID(at: self.surroundings.now(), random: self.surroundings.randomBits())
    }

    /// Reads a body that must be there as a whole.
    ///
    /// - Parameter length: `nil` where that shows only when it ends.
    private func body(
        of request: Request,
        _ length: Int?,
        if isNeeded: Bool,
        _ route: Route
    ) async throws(MartletError) -> ByteBuffer? {
        if let length, length > route.bodyBytesMax { throw .bodyTooLong(bytesMax: Int(route.bodyBytesMax)) }
        if length == 0 { return ByteBuffer() }
        return isNeeded ? try await request.wholeBody(bytesMax: Int(route.bodyBytesMax)) : nil
    }

    static func proxied(
        _ method: HTTPMethod,
        _ path: String,
        _ headers: HTTPHeaders,
        _ body: ProxiedRequest.Body,
        _ decision: String
    ) -> ProxiedRequest {
        ProxiedRequest(
            method: method,
            path: path,
            headers: ForwardedHeaders.request(headers, decision),
            body: body
        )
    }

    /// Sends copies to shadows, whose answers nobody waits for.
    func shadow(_ request: ProxiedRequest, _ original: Exchange, _ arms: [Int], _ channel: any Channel) {
        for arm in arms {
            let exchange = original.copy(self.id(), to: arm)
            let loop = EventLoopExecutor(channel.eventLoop)
            self.aside.run(loop, keeping: request.bodyBytes) { await exchange.runUnheard(request) }
        }
    }
}

/// Who answers a request.
struct Choice: Sendable {
    let id: DecisionID
    let idText: String
    let subject: SubjectHash?
    /// The place of the arm.
    let arm: Int
    /// The places of those that get a copy.
    let shadows: [Int]

    init(_ id: DecisionID, _ subject: SubjectHash?, _ route: Route) {
        self.id = id
        self.idText = id.description
        self.subject = subject
        guard route.hasChoice else {
            self.arm = route.primary
            self.shadows = []
            return
        }
        // Without a subject, the decision is about itself: chance, which can be recomputed all the same.
        let chooser = subject ?? id.bytes.withUnsafeBytes { route.hash($0) }
        self.arm = route.arm(for: chooser)
        self.shadows = route.shadows(for: chooser)
    }
}

extension HTTPHeaders {
    /// - Throws: `unsupported` where the connection is to go on with something that is no HTTP. An offer of HTTP/2, as
    ///   some clients make with every request, need not be taken up (RFC 9110, section 7.8).
    fileprivate func requireNoOtherProtocol() throws(MartletError) {
        guard self["connection"].contains(where: { $0.lowercased().contains("upgrade") }) else { return }
        let names = self["upgrade"].joined(separator: ",").split(separator: ",").map { $0.filter { $0 != " " } }
        guard let other = names.first(where: { $0.lowercased() != "h2c" }) else { return }
        throw MartletError(
            .unsupported,
            "Requests to deployments are HTTP; connections of '\(other)' are not passed on."
        )
    }

    /// How long a request's body is; `nil` where that shows only when it ends.
    var bodyLength: Int? {
        if let length = self.first(name: "content-length") { return Int(length) }
        return self.contains(name: "transfer-encoding") ? nil : 0
    }
}

extension ByteBuffer {
    var sha256: BlobDigest {
        self.withUnsafeReadableBytes { SHA256.hash(data: $0) }.withUnsafeBytes { BlobDigest(bytes: Array($0)) }
    }
}
