import Crypto
import HTTPTypes
import Hummingbird
import MartletCore
import MartletDeployments
import MartletHTTP
import MartletRouting
import NIOCore
import NIOHTTP1

/// Chooses who answers a request, has it answered, and records both.
struct Gateway: Sendable {
    let routes: RouteTable
    let log: DecisionLog
    let meter: TrafficMeter
    let drift: DriftLog
    let surroundings: Surroundings
    let backends: Backends

    func answer(_ request: Request, _ context: MartletRequestContext) async throws(MartletError) -> Response {
        let start = ContinuousClock.now
        guard let name = context.parameters.get("deployment"), let route = self.routes.route(to: name) else {
            throw MartletError(.notFound, "There is no deployment '\(context.parameters.get("deployment") ?? "")'.")
        }
        let body = try await request.wholeBody(bytesMax: Int(route.settings.bodyBytesMax))
        let subject = route.subject(of: request, body)
        let now = self.surroundings.now()
        let id = DecisionID(at: now, random: self.surroundings.randomBits())
        // Without a subject, the decision is about itself: chance, which can be recomputed all the same.
        let chooser = subject ?? id.bytes.withUnsafeBytes { route.hash($0) }
        let arm = route.arm(for: chooser)
        let decision = Decision(
            id: id,
            deploymentKey: route.deployment.key,
            revision: route.deployment.revision.number,
            arm: arm,
            at: now,
            subject: subject,
            request: body.sha256,
            status: 0,
            latencyMicroseconds: 0
        )
        let proxied = try Self.proxied(request, name, body, id)
        self.shadow(proxied, decision, route, chooser)
        return await self.exchange(proxied, decision, route, since: start).run()
    }

    private func exchange(
        _ request: ProxiedRequest,
        _ decision: Decision,
        _ route: Route,
        since start: ContinuousClock.Instant
    ) -> Exchange {
        Exchange(
            log: self.log,
            meter: self.meter,
            drift: self.drift,
            backends: self.backends,
            route: route,
            request: request,
            start: start,
            decision: decision
        )
    }

    private static func proxied(
        _ request: Request,
        _ name: String,
        _ body: ByteBuffer,
        _ id: DecisionID
    ) throws(MartletError) -> ProxiedRequest {
        var headers = ForwardedHeaders.request(request.headers)
        headers.replaceOrAdd(name: "Martlet-Decision", value: id.description)
        let target = request.head.path ?? "/"
        let path = String(target.dropFirst(GatewayFrontEnd.root.count + 1 + name.count))
        guard !Self.climbs(path) else { throw .invalid("The path leads out of the deployment.") }
        return ProxiedRequest(
            method: HTTPMethod(rawValue: request.method.rawValue),
            path: path,
            headers: headers,
            body: body
        )
    }

    /// Whether a path has a part that goes up, and so perhaps to what its backend's URL does not give access to.
    private static func climbs(_ path: String) -> Bool {
        path.prefix { $0 != "?" }.split(separator: "/").contains { part in
            part.utf8.count <= 6 && PercentEncoding.decode(part.utf8).elementsEqual("..".utf8)
        }
    }

    /// Sends copies to shadows, whose answers nobody waits for.
    private func shadow(_ request: ProxiedRequest, _ original: Decision, _ route: Route, _ chooser: SubjectHash) {
        for arm in route.shadows(for: chooser) {
            let id = DecisionID(at: original.at, random: self.surroundings.randomBits())
            let exchange = self.exchange(request, original.copy(id, to: arm), route, since: .now)
            self.backends.runAside { await exchange.runUnheard() }
        }
    }
}

extension ByteBuffer {
    var sha256: BlobDigest {
        BlobDigest(bytes: self.withUnsafeReadableBytes { Array(SHA256.hash(data: $0)) })
    }
}
