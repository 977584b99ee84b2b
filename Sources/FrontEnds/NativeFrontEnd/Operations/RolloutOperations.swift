import HTTPTypes
import Hummingbird
import MartletCore
import MartletDeployments
import MartletHTTP
import MartletRegistry
import MartletRouting
import MartletWire

/// Roll-outs by steps.
struct RolloutOperations: Sendable {
    private static let path = "/deployments/{deployment}/rollout"

    let services: NativeServices

    var all: [Operation] {
        [
            .get(
                Self.path,
                "getRollout",
                "Show a deployment's newest roll-out, and what it waits for",
                answer: .json(.init(of: RolloutRecord.self))
            ) { request throws(MartletError) in
                let (rollout, reason) = try await self.services.rollouts.rollout(of: try request.deployment())
                return try .json(RolloutRecord(rollout, waitsFor: reason))
            },
            .change(
                .post,
                Self.path,
                "beginRollout",
                "Let a version take over a deployment in steps, now or later",
                needs: .deploy,
                isConditional: true,
                body: .json(.init(of: RolloutRequest.self)),
                status: .created,
                answer: .json(.init(of: RolloutRecord.self))
            ) { request throws(MartletError) in
                let message = try await request.message(RolloutRequest.self)
                let rollout = try await self.services.rollouts.begin(
                    try RolloutDraft(message),
                    of: try request.deployment(),
                    expecting: try request.request.expectedRevision(),
                    by: try request.act(message.reason)
                )
                return try .json(RolloutRecord(rollout, waitsFor: nil), status: .created)
            },
            self.acting(
                "pause",
                "pauseRollout",
                "Take no more steps until the roll-out is resumed",
                self.services.rollouts.pause
            ),
            self.acting(
                "resume",
                "resumeRollout",
                "Go on with a roll-out that was paused",
                self.services.rollouts.resume
            ),
            self.acting(
                "abort",
                "abortRollout",
                "Take no more steps; what serves stays as it is",
                self.services.rollouts.abort
            ),
        ]
    }

    private func acting(
        _ word: String,
        _ name: String,
        _ summary: String,
        _ act: @escaping @Sendable (DeploymentName, Int64?, Act) async throws(MartletError) -> Rollout
    ) -> Operation {
        .change(
            .post,
            "\(Self.path)/\(word)",
            name,
            summary,
            needs: .deploy,
            query: [.reason],
            isConditional: true,
            answer: .json(.init(of: RolloutRecord.self))
        ) { request throws(MartletError) in
            let expected = try request.request.expectedRevision()
            let rollout = try await act(try request.deployment(), expected, try request.act())
            return try .json(RolloutRecord(rollout, waitsFor: nil))
        }
    }
}
