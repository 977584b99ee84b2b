import Hummingbird
import MartletCore
import MartletDeployments
import MartletHTTP
import MartletRouting
import MartletWire

/// `/decisions`: what versions decided, and what came of it.
struct DecisionOperations {
    private static let batchMax = 10_000

    let services: NativeServices

    var all: [Operation] {
        [
            .get(
                "/decisions/{decision}",
                "getDecision",
                "Say which version made a decision, and where that is written",
                answer: .json(.init(of: DecisionRecord.self))
            ) { request throws(MartletError) in
                try .json(DecisionRecord(try await self.services.decisions.decision(try request.decision())))
            },
            .get(
                "/deployments/{deployment}/decisions",
                "listDecisions",
                "List what was decided about a subject, the newest first",
                query: [
                    .init("subject", "As requests spell it", isRequired: true),
                    .limit,
                ],
                answer: .json(.init(of: DecisionList.self))
            ) { request throws(MartletError) in
                let decisions = try await self.services.decisions.decisions(
                    about: try request.requiredText("subject"),
                    in: try request.deployment(),
                    limit: try request.limit()
                )
                return try .json(DecisionList(decisions: decisions.map { DecisionRecord($0) }))
            },
            .change(
                .post,
                "/decisions/{decision}/outcome",
                "tellOutcome",
                "Say what came of a decision",
                needs: .tellOutcomes,
                body: .json(.init(of: OutcomeRequest.self)),
                status: .noContent
            ) { request throws(MartletError) in
                let message = try await request.message(OutcomeRequest.self)
                let id = try request.decision()
                try await self.services.decisions.tell(message.metrics, of: id, by: try request.act())
                return .noContent
            },
            .change(
                .post,
                "/deployments/{deployment}/outcomes",
                "tellOutcomes",
                "Say what came of many decisions, by their ids or by subject",
                needs: .tellOutcomes,
                body: .json(.init(of: OutcomeBatch.self)),
                answer: .json(.init(of: OutcomeBatchResult.self)),
                run: self.tellAll
            ),
        ]
    }

    @Sendable private func tellAll(_ request: NativeRequest) async throws(MartletError) -> Response {
        let batch = try await request.message(OutcomeBatch.self).outcomes
        guard batch.count <= Self.batchMax else {
            throw MartletError(.limitExceeded, "There are at most \(Self.batchMax) outcomes in a batch.")
        }
        let (name, act) = (try request.deployment(), try request.act())
        var refusals: [OutcomeRefusal] = []
        for (index, outcome) in batch.enumerated() {
            do throws(MartletError) {
                try await self.tell(outcome, in: name, by: act)
            } catch {
                // What the outcome itself is refused for; all else ends the batch, which can be sent again.
                guard [.invalidArgument, .notFound, .conflict].contains(error.code) else { throw error }
                refusals.append(OutcomeRefusal(index: Int64(index), reason: error.message))
            }
        }
        let acceptedCount = Int64(batch.count - refusals.count)
        return try .json(OutcomeBatchResult(acceptedCount: acceptedCount, refusals: refusals))
    }

    private func tell(
        _ outcome: BatchedOutcome,
        in name: DeploymentName,
        by act: Act
    ) async throws(MartletError) {
        switch (outcome.decision, outcome.subject) {
        case (let id?, nil):
            try await self.services.decisions.tell(outcome.metrics, of: try DecisionID(validating: id), by: act)
        case (nil, let subject?):
            _ = try await self.services.decisions.tell(outcome.metrics, about: subject, in: name, by: act)
        default: throw .invalid("An outcome is of one 'decision' or about one 'subject'.")
        }
    }
}

extension NativeRequest {
    fileprivate func decision() throws(MartletError) -> DecisionID {
        try DecisionID(validating: try self.capture("decision"))
    }
}

extension DecisionRecord {
    fileprivate init(_ explained: ExplainedDecision) {
        let decision = explained.decision
        self.init(
            id: decision.id.description,
            at: decision.at.text,
            deployment: explained.deployment.rawValue,
            revision: decision.revision,
            ledgerEntry: explained.revision.entry,
            arm: ArmRecord(explained.arm),
            subject: decision.subject?.description,
            requestSha256: decision.request.description,
            answerSha256: decision.answer?.description,
            status: Int64(decision.status),
            failure: decision.failure?.rawValue,
            latencyMicroseconds: decision.latencyMicroseconds,
            shadowOf: decision.shadowOf?.description,
            outcomes: explained.outcomes.map { outcome in
                OutcomeRecord(
                    metric: outcome.metric,
                    value: outcome.value,
                    actor: outcome.actor.rawValue,
                    at: outcome.at.text
                )
            }
        )
    }
}
