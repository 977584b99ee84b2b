import MartletCore
import MartletJSON
import MartletRouting

/// The record of a decision as it is sealed, proved and exported: one line of canonical JSON (RFC 8785).
struct DecisionLine: Sendable {
    /// By their names, but for what is absent.
    let members: [CanonicalJSON.Member]

    init(_ decision: Decision, in deployment: DeploymentName, _ arm: Arm) {
        let members: [(String, CanonicalJSON?)] = [
            ("agreement", decision.agreement.map { .string($0.rawValue) }),
            ("answerSha256", decision.answer.map { .string($0.description) }),
            ("arm", .string(arm.name.rawValue)),
            ("at", .string(decision.at.text)),
            ("deployment", .string(deployment.rawValue)),
            ("digest", .string(arm.version.digest.description)),
            ("failure", decision.failure.map { .string($0.rawValue) }),
            ("id", .string(decision.id.description)),
            ("latencyMicroseconds", CanonicalJSON(decision.latencyMicroseconds)),
            ("requestSha256", .string(decision.request.description)),
            ("revision", CanonicalJSON(decision.revision)),
            ("role", .string(arm.role.rawValue)),
            ("shadowOf", decision.shadowOf.map { .string($0.description) }),
            ("status", CanonicalJSON(Int64(decision.status))),
            ("subject", decision.subject.map { .string($0.description) }),
            ("version", .string(arm.version.label)),
        ]
        self.members = members.compactMap { name, value in value.map { .init(name, $0) } }
    }

    /// The bytes whose hash is a leaf of the tree.
    var text: String { CanonicalJSON.object(self.members).text }

    /// The same with what came of it, which is no part of what is sealed.
    func text(with outcomes: [Outcome]) -> String {
        let values = outcomes.map { CanonicalJSON.Member($0.metric, .number($0.value)) }
        return CanonicalJSON.object(self.members + [.init("outcomes", .object(values))]).text
    }
}
