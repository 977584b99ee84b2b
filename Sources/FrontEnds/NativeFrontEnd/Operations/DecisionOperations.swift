import Hummingbird
import MartletCore
import MartletDeployments
import MartletHTTP
import MartletJSON
import MartletLedger
import MartletProofs
import MartletRouting
import MartletWire

/// `/decisions`: what versions decided, and what came of it.
struct DecisionOperations {
    private static let batchMax = 10_000
    private static let linesMax = 10_000

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
                "/decisions/{decision}/payload",
                "getPayload",
                "Return what was asked and answered, if that was kept",
                needs: .readPayloads,
                answer: .json(.init(of: PayloadRecord.self))
            ) { request throws(MartletError) in
                try .json(PayloadRecord(try await self.services.decisions.payload(of: try request.decision())))
            },
            .get(
                "/decisions/{decision}/proof",
                "getDecisionProof",
                "Prove to a stranger what was decided, and by which version",
                answer: .json(.init(of: DecisionProofBundle.self)),
                run: self.proof
            ),
            .get(
                "/deployments/{deployment}/decisions.jsonl",
                "exportDecisions",
                "Return the records of some time with their outcomes, in the order of their ids",
                query: [
                    .init("from", "A moment; the beginning where absent"),
                    .init("to", "The first moment that is not wanted; now where absent"),
                    .init("after", "The id of the last record of the page before"),
                    .init("limit", .integer, "How many at once; 1000 where absent, 10000 at most"),
                ],
                answer: .lines,
                run: self.export
            ),
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
            .get(
                "/deployments/{deployment}/differences",
                "listDifferences",
                "List what shadows would have answered differently, the newest first",
                query: [.limit],
                answer: .json(.init(of: DecisionList.self))
            ) { request throws(MartletError) in
                let (name, limit) = (try request.deployment(), try request.limit())
                let decisions = try await self.services.decisions.differences(in: name, limit: limit)
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
                let (message, json) = try await request.messageAndDocument(OutcomeRequest.self)
                try json.requireNoMetricTwice()
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

    @Sendable private func proof(_ request: NativeRequest) async throws(MartletError) -> Response {
        let proof = try await self.services.decisions.proof(of: try request.decision())
        let evidence = try await self.services.ledger.evidence(of: proof.entry)
        return try .json(
            DecisionProofBundle(
                record: proof.record,
                index: proof.index,
                count: proof.count,
                path: HashPath(proof.path).hashes,
                entry: evidence.entry.body,
                entryIndex: evidence.entry.index,
                treeSize: evidence.size,
                inclusion: HashPath(evidence.path).hashes,
                checkpoint: evidence.checkpoint,
                publicKey: self.services.ledger.publicKey.text
            )
        )
    }

    @Sendable private func export(_ request: NativeRequest) async throws(MartletError) -> Response {
        let beginning = Timestamp(milliseconds: 0)
        let from = try request.moment("from") ?? beginning
        let to = try request.moment("to") ?? self.services.decisions.now
        let after = try request.text("after").map { id throws(MartletError) in try DecisionID(validating: id) }
        let lines = try await self.services.decisions.lines(
            of: try request.deployment(),
            max(from, beginning)..<max(to, from, beginning),
            after: after,
            limit: try request.limit(default: 1_000, max: Self.linesMax)
        )
        return .text(lines.map { $0 + "\n" }.joined(), type: "application/jsonl")
    }

    @Sendable private func tellAll(_ request: NativeRequest) async throws(MartletError) -> Response {
        let (message, json) = try await request.messageAndDocument(OutcomeBatch.self)
        let batch = message.outcomes
        guard batch.count <= Self.batchMax else {
            throw MartletError(.limitExceeded, "There are at most \(Self.batchMax) outcomes in a batch.")
        }
        var (outcomes, places): ([ToldOutcome], [Int]) = ([], [])
        var refusals: [Int: MartletError] = [:]
        var elements = json["outcomes"]?.elements
        for (place, outcome) in batch.enumerated() {
            do throws(MartletError) {
                try elements?.next()?.requireNoMetricTwice()
                outcomes.append(ToldOutcome(of: try ToldOutcome.Target(outcome), outcome.metrics))
                places.append(place)
            } catch {
                refusals[place] = error
            }
        }
        let (name, act) = (try request.deployment(), try request.act())
        for (index, refusal) in try await self.services.decisions.tell(outcomes, in: name, by: act) {
            refusals[places[index]] = refusal
        }
        return try .json(
            OutcomeBatchResult(
                acceptedCount: Int64(batch.count - refusals.count),
                refusals: refusals.sorted { $0.key < $1.key }.map { place, refusal in
                    OutcomeRefusal(index: Int64(place), reason: refusal.message)
                }
            )
        )
    }
}

extension JSONValue {
    /// Refuses an outcome whose metrics cannot be told apart: of two values of one metric, only one would be noted.
    fileprivate func requireNoMetricTwice() throws(MartletError) {
        guard let name = self["metrics"]?.repeatedName else { return }
        throw .invalid("The metric '\(name)' is named twice in one outcome.")
    }
}

extension ToldOutcome.Target {
    /// - Throws: `invalidArgument` unless there is exactly one of both.
    fileprivate init(_ outcome: BatchedOutcome) throws(MartletError) {
        switch (outcome.decision, outcome.subject) {
        case (let id?, nil): self = .decision(try DecisionID(validating: id))
        case (nil, let subject?): self = .subject(subject)
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
            agreement: decision.agreement?.rawValue,
            shadows: explained.shadows.map { shadow, arm in
                ShadowRecord(
                    decision: shadow.id.description,
                    arm: ArmRecord(arm),
                    status: Int64(shadow.status),
                    agreement: shadow.agreement?.rawValue
                )
            },
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

extension PayloadRecord {
    fileprivate init(_ payload: Payload) {
        self.init(
            request: PayloadBody(payload.request),
            answer: PayloadBody(payload.answer),
            isRedacted: payload.isRedacted
        )
    }
}

extension PayloadBody {
    fileprivate init(_ body: Payload.Body) {
        let text = body.bytes.flatMap { String(validating: $0, as: UTF8.self) }
        self.init(type: body.type, text: text, base64: text == nil ? body.bytes.map(Base64.string) : nil)
    }
}
