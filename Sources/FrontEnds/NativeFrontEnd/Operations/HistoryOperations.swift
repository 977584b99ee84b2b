import Hummingbird
import MartletCore
import MartletRegistry
import MartletWire

/// What happened, and what was.
struct HistoryOperations {
    let services: NativeServices

    private static let paging: [Operation.Parameter] =
        .paging + [.init("at", "Leaves out what came after this moment (RFC 3339)")]

    var all: [Operation] {
        [
            .get(
                "/models/{model}/history",
                "getModelHistory",
                "Tell what happened to a model and its versions, the newest first",
                query: Self.paging,
                answer: .json(.init(of: HistoryPage.self))
            ) { request throws(MartletError) in try await self.history(request, of: nil) },
            .get(
                "/models/{model}/versions/{version}/history",
                "getVersionHistory",
                "Tell what happened to a version, the newest first",
                query: Self.paging,
                answer: .json(.init(of: HistoryPage.self))
            ) { request throws(MartletError) in try await self.history(request, of: try request.version()) },
            .get(
                "/models/{model}/state",
                "getModelState",
                "Show what a model and its versions were at a moment",
                query: [
                    .init("at", "The moment (RFC 3339); now where absent"),
                    .init("version", "Only the version that this name meant then"),
                ],
                answer: .json(.init(of: ModelState.self)),
                run: self.state
            ),
        ]
    }

    private func history(
        _ request: NativeRequest,
        of version: VersionSelector?
    ) async throws(MartletError) -> Response {
        let moment = try request.moment("at")
        let name = try request.model()
        let question = Fingerprint(of: ["history", name.rawValue, "\(String(describing: version))", moment?.text ?? ""])
        var before: Int64?
        if case .integer(let index)? = try request.position(in: question)?.first { before = index }
        let page = try await self.services.history.history(
            of: name,
            version: version,
            until: moment,
            before: before,
            limit: try request.limit()
        )
        return try .json(HistoryPage(page, question: question))
    }

    @Sendable private func state(_ request: NativeRequest) async throws(MartletError) -> Response {
        let moment = try request.moment("at") ?? self.services.history.now
        let (name, history) = (try request.model(), self.services.history)
        guard let version = request.text("version") else {
            return try .json(ModelState(try await history.story(of: name, at: moment), of: name, at: moment))
        }
        let found = try await history.story(of: try VersionSelector(validating: version), of: name, at: moment)
        return try .json(ModelState(found.story, only: found.version, of: name, at: moment))
    }
}
