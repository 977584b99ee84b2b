import Crypto
import Hummingbird
import MartletCore
import MartletDeployments
import MartletHTTP
import MartletProxy
import MartletRouting
import NIOCore
import NIOHTTP1

/// One request, its answer, and the record of both.
struct Exchange: Sendable {
    let gateway: Gateway
    let route: Route
    let arm: Int
    let id: DecisionID
    let idText: String
    let start: NIODeadline
    /// The request, where it is looked at or kept; `nil` where it is not, or was not whole.
    let observed: (type: String?, body: ByteBuffer)?
    /// By whose chance it is kept: a copy goes with its original.
    let chance: DecisionID
    /// As it is before there is an answer; `nil` where none is kept.
    let decision: Decision?
    /// Whether an experiment counts it.
    let isCounted: Bool
    /// Told the answer of a request that shadows get copies of.
    let returned: ReturnedAnswer.Source?
    /// Of a copy: what its original's answer was.
    let original: ReturnedAnswer?

    init(
        _ gateway: Gateway,
        _ route: Route,
        _ choice: Choice,
        _ headers: HTTPHeaders,
        _ body: ByteBuffer?,
        since start: NIODeadline
    ) {
        self.gateway = gateway
        self.route = route
        self.arm = choice.arm
        self.id = choice.id
        self.idText = choice.idText
        self.start = start
        self.chance = choice.id
        self.returned = choice.shadows.isEmpty ? nil : ReturnedAnswer.Source()
        self.original = nil
        self.observed = route.observes ? body.map { (headers.first(name: "content-type"), $0) } : nil
        guard route.recording != .off else {
            (self.decision, self.isCounted) = (nil, false)
            return
        }
        self.isCounted = gateway.routes.experiments.contains(route.deployment.key)
        let decision = Decision(
            id: choice.id,
            deploymentKey: route.deployment.key,
            revision: route.deployment.revision.number,
            arm: choice.arm,
            at: choice.id.moment,
            subject: choice.subject,
            request: (body ?? ByteBuffer()).sha256,
            status: 0,
            latencyMicroseconds: 0
        )
        self.decision = decision
        // Now, and not when the answer has ended: what is slow would seem to lose those who wait for it.
        if self.isCounted { gateway.logs.units.begin(decision) }
    }

    private init(_ original: Exchange, _ id: DecisionID, _ arm: Int) {
        self.gateway = original.gateway
        self.route = original.route
        self.arm = arm
        self.id = id
        self.idText = id.description
        self.start = .now()
        self.chance = original.id
        self.returned = nil
        self.original = original.returned?.answer
        self.observed = original.observed
        self.decision = original.decision?.copy(id, to: arm)
        self.isCounted = false
    }

    /// The same request, as a shadow is about to get a copy of it.
    func copy(_ id: DecisionID, to arm: Int) -> Exchange {
        Exchange(self, id, arm)
    }

    /// What passes a request's body on as it comes.
    func upload(of request: Request, _ channel: any Channel) -> StreamedUpload {
        StreamedUpload(
            request.body,
            bytesMax: Int(self.route.bodyBytesMax),
            isHashed: self.decision != nil,
            on: EventLoopExecutor(channel.eventLoop)
        )
    }

    /// - Parameters:
    ///   - upload: What `request` gets its body from; `nil` where it is whole.
    ///   - presence: Says whether anybody is still there to be answered.
    func run(_ request: ProxiedRequest, _ upload: StreamedUpload?, _ presence: ClientPresence?) async -> Response {
        do throws(ProxyFailure) {
            let call = try self.call(request)
            presence?.watch(call.cancel)
            return await self.response(.success(try await call.run()), upload, presence)
        } catch {
            return await self.response(.failure(error), upload, presence)
        }
    }

    func call(_ request: ProxiedRequest) throws(ProxyFailure) -> ProxyCall {
        guard let url = self.gateway.addresses.url(of: self.route.arms[self.arm]) else { throw .unreachable }
        return try self.gateway.client.call(
            request,
            to: url,
            timeout: .milliseconds(self.route.timeoutMilliseconds),
            attemptsMax: self.route.attemptsMax
        )
    }
}
