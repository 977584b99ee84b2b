import HTTPTypes
import Hummingbird
import MartletCore
import MartletDeployments
import MartletHTTP
import MartletJSON
import MartletRegistry
import MartletSearch
import MartletWire

/// `/deployments`: which versions serve where.
struct DeploymentOperations {
    let services: NativeServices

    var all: [Operation] { self.reading + self.changing }

    private var reading: [Operation] {
        [
            .get(
                "/deployments",
                "listDeployments",
                "List deployments by name",
                query: .paging,
                answer: .json(.init(of: DeploymentPage.self)),
                run: self.list
            ),
            .get(
                "/deployments/{deployment}",
                "getDeployment",
                "Show what serves in a deployment",
                answer: .json(.init(of: DeploymentRecord.self))
            ) { request throws(MartletError) in
                try Self.answer(try await self.services.deployments.deployment(try request.deployment()))
            },
            .get(
                "/deployments/{deployment}/drift",
                "getDrift",
                "Say how far what versions see and say is from what they were trained on",
                query: [.init("since", "From that hour on; the last 24 hours where absent")],
                answer: .json(.init(of: DriftReportRecord.self))
            ) { request throws(MartletError) in
                let since = try request.moment("since")
                return try .json(
                    DriftReportRecord(try await self.services.drift.report(try request.deployment(), since: since))
                )
            },
            .get(
                "/deployments/{deployment}/revisions",
                "listRevisions",
                "List what a deployment was, the newest first",
                query: .paging,
                answer: .json(.init(of: RevisionPage.self)),
                run: self.revisions
            ),
            .get(
                "/deployments/{deployment}/revisions/{revision}",
                "getRevision",
                "Show what a deployment was at one revision",
                answer: .json(.init(of: RevisionRecord.self))
            ) { request throws(MartletError) in
                let text = try request.capture("revision")
                guard let number = Int64(text) else { throw .invalid("'\(text)' is no number of a revision.") }
                let revision = try await self.services.deployments.revision(number, of: try request.deployment())
                return try .json(RevisionRecord(revision))
            },
        ]
    }

    private var changing: [Operation] {
        [
            .change(
                .post,
                "/deployments/{deployment}/revisions",
                "deploy",
                "Change which versions serve, or how",
                needs: .deploy,
                isConditional: true,
                body: .json(.init(of: DeployRequest.self)),
                status: .created,
                answer: .json(.init(of: DeploymentRecord.self)),
                run: self.deploy
            ),
            .change(
                .post,
                "/deployments/{deployment}/rollback",
                "rollBackDeployment",
                "Bring back what served before",
                needs: .deploy,
                isConditional: true,
                body: .json(.init(of: DeploymentRollbackRequest.self)),
                isBodyRequired: false,
                answer: .json(.init(of: DeploymentRecord.self)),
                run: self.rollBack
            ),
            .change(
                .delete,
                "/deployments/{deployment}",
                "deleteDeployment",
                "Take a deployment away; the ledger remembers it",
                needs: .deploy,
                query: [.reason],
                isConditional: true,
                status: .noContent
            ) { request throws(MartletError) in
                try await self.services.deployments.delete(
                    try request.deployment(),
                    expecting: try request.request.expectedRevision(),
                    by: try request.act()
                )
                return .noContent
            },
        ]
    }

    @Sendable private func list(_ request: NativeRequest) async throws(MartletError) -> Response {
        let question = Fingerprint(of: ["deployments"])
        var after = ""
        if case .text(let name)? = try request.position(in: question)?.first { after = name }
        let page = try await self.services.deployments.list(after: after, limit: try request.limit())
        return try .json(
            DeploymentPage(
                deployments: page.items.map { DeploymentRecord($0) },
                nextPageToken: page.next.map { PageToken(question: question, fields: $0).text }
            )
        )
    }

    @Sendable private func revisions(_ request: NativeRequest) async throws(MartletError) -> Response {
        let name = try request.deployment()
        let question = Fingerprint(of: ["revisions", name.rawValue])
        var before = Int64.max
        if case .integer(let number)? = try request.position(in: question)?.first { before = number }
        let page = try await self.services.deployments.revisions(
            of: name,
            before: before,
            limit: try request.limit()
        )
        return try .json(
            RevisionPage(
                revisions: page.items.map { RevisionRecord($0) },
                nextPageToken: page.next.map { PageToken(question: question, fields: $0).text }
            )
        )
    }

    @Sendable private func deploy(_ request: NativeRequest) async throws(MartletError) -> Response {
        let (message, json) = try await request.messageAndDocument(DeployRequest.self)
        if let name = json["shares"]?.repeatedName { throw .invalid("The arm '\(name)' is named twice.") }
        let change = DeploymentChange(
            try ArmChange(message),
            settings: json["settings"].flatMap { $0.kind == .null ? nil : $0 },
            expecting: try request.request.expectedRevision(),
            isChecked: message.check ?? true,
            isVerified: message.verify ?? false
        )
        let deployment = try await self.services.deployments.deploy(
            change,
            to: try request.deployment(),
            by: try request.act(message.reason)
        )
        return try Self.answer(deployment, status: .created)
    }

    @Sendable private func rollBack(_ request: NativeRequest) async throws(MartletError) -> Response {
        let message = try await request.optionalMessage(DeploymentRollbackRequest.self)
        let (model, version) = try message?.to.map(Self.target) ?? (nil, nil)
        let deployment = try await self.services.deployments.rollBack(
            try request.deployment(),
            to: version,
            of: model,
            expecting: try request.request.expectedRevision(),
            isForced: message?.force ?? false,
            by: try request.act(message?.reason)
        )
        return try Self.answer(deployment)
    }

    /// Reads a version of the model that serves, or one that says of which, as in `iris@1.2.0`.
    private static func target(_ text: String) throws(MartletError) -> (ModelName?, VersionSelector?) {
        guard text.contains(where: { $0 == "@" || $0 == "/" }) else {
            return (nil, try VersionSelector(validating: text))
        }
        return try NativeRequest.namedVersion(in: text)
    }

    private static func answer(
        _ deployment: Deployment,
        status: HTTPResponse.Status = .ok
    ) throws(MartletError) -> Response {
        let tag = "\"\(deployment.revision.number)\""
        return try .json(DeploymentRecord(deployment), status: status, headers: [.eTag: tag])
    }
}

extension NativeRequest {
    func deployment() throws(MartletError) -> DeploymentName {
        try DeploymentName(validating: try self.capture("deployment"))
    }
}
