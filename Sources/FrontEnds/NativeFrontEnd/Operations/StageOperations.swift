import HTTPTypes
import Hummingbird
import MartletCore
import MartletHTTP
import MartletJSON
import MartletRegistry
import MartletWire

/// How versions move: policies, gates, approvals, transitions and rollbacks.
struct StageOperations {
    private static let production = "production"

    let services: NativeServices

    var all: [Operation] { self.moves + self.approvals + self.policies }

    private var moves: [Operation] {
        [
            .change(
                .post,
                "/models/{model}/versions/{version}/transitions",
                "moveVersion",
                "Move a version to another stage",
                isConditional: true,
                body: .json(.init(of: TransitionRequest.self)),
                answer: .json(.init(of: TransitionResult.self)),
                run: self.move
            ),
            .change(
                .post,
                "/models/{model}/rollback",
                "rollBack",
                "Bring back the version that was in a stage before the present one",
                body: .json(.init(of: RollbackRequest.self)),
                isBodyRequired: false,
                answer: .json(.init(of: TransitionResult.self))
            ) { request throws(MartletError) in
                let message = try await request.optionalMessage(RollbackRequest.self)
                let result = try await self.services.stages.rollBack(
                    try request.model(),
                    in: try StageName(validating: message?.stage ?? Self.production),
                    by: try request.act(message?.reason)
                )
                return try .json(TransitionResult(result))
            },
            .get(
                "/models/{model}/versions/{version}/gates",
                "getGates",
                "Say whether a version may enter a stage, gate by gate",
                query: [.init("stage", "production where absent")],
                answer: .json(.init(of: GateReport.self))
            ) { request throws(MartletError) in
                let stage = try StageName(validating: request.text("stage") ?? Self.production)
                return try .json(try await self.gates(request, stage))
            },
        ]
    }

    private var approvals: [Operation] {
        [
            .change(
                .post,
                "/models/{model}/versions/{version}/approvals",
                "approveVersion",
                "Say that a version may enter a stage; its author cannot",
                needs: .governRegistry,
                body: .json(.init(of: ApprovalRequest.self)),
                isBodyRequired: false,
                status: .created,
                answer: .json(.init(of: ApprovalRecord.self))
            ) { request throws(MartletError) in
                let message = try await request.optionalMessage(ApprovalRequest.self)
                let approval = try await self.services.stages.approve(
                    try request.version(),
                    of: try request.model(),
                    for: try StageName(validating: message?.stage ?? Self.production),
                    by: try request.act(message?.reason)
                )
                return try .json(ApprovalRecord(approval), status: .created)
            },
            .get(
                "/models/{model}/versions/{version}/approvals",
                "listApprovals",
                "List who approved a version",
                answer: .json(.init(of: ApprovalList.self))
            ) { request throws(MartletError) in
                let approvals = try await self.services.stages.approvals(
                    of: try request.version(),
                    of: try request.model()
                )
                return try .json(ApprovalList(approvals: approvals.map { ApprovalRecord($0) }))
            },
        ]
    }

    private var policies: [Operation] {
        [
            .get(
                "/models/{model}/policy",
                "getPolicy",
                "Show what a model asks of its versions",
                answer: .json(.init(of: PolicyDocument.self))
            ) { request throws(MartletError) in
                Self.answer(try await self.services.stages.policy(of: try request.model()))
            },
            .change(
                .put,
                "/models/{model}/policy",
                "setPolicy",
                "Replace what a model asks of its versions",
                needs: .governRegistry,
                query: [.reason],
                body: .json(.init(of: PolicyDocument.self)),
                answer: .json(.init(of: PolicyDocument.self))
            ) { request throws(MartletError) in
                let policy = try Policy(try await request.document(PolicyDocument.self))
                try await self.services.stages.setPolicy(policy, of: try request.model(), by: try request.act())
                return Self.answer(policy)
            },
        ]
    }

    @Sendable private func move(_ request: NativeRequest) async throws(MartletError) -> Response {
        let message = try await request.message(TransitionRequest.self)
        let target = try StageName(validating: message.to)
        let move = StageMove(
            try request.version(),
            of: try request.model(),
            to: .name(target),
            expectedStage: try message.from.map { name throws(MartletError) in try StageName(validating: name) },
            expectedRevision: try request.request.expectedRevision(),
            archivesOthers: message.keepsOthers == true ? false : nil
        )
        do throws(MartletError) {
            let result = try await self.services.stages.move(move, by: try request.act(message.reason))
            return try .json(TransitionResult(result), headers: [.eTag: "\"\(result.version.revision)\""])
        } catch {
            guard error.code == .gateClosed else { throw error }
            return NativeError.response(error, gates: try await self.gates(request, target))
        }
    }

    private func gates(_ request: NativeRequest, _ stage: StageName) async throws(MartletError) -> GateReport {
        GateReport(
            try await self.services.stages.verdict(
                on: try request.version(),
                of: try request.model(),
                entering: stage
            )
        )
    }

    private static func answer(_ policy: Policy) -> Response {
        .text(policy.json.text, type: "application/json")
    }
}
