import Hummingbird
import MartletCore
import MartletRegistry
import MartletWire

/// Versions beside each other, and what came from what.
struct ComparisonOperations {
    let services: NativeServices

    var all: [Operation] {
        [
            .get(
                "/diff",
                "diffVersions",
                "Say how two versions differ",
                query: [
                    .init("from", "A version, as in iris@1.2.0", isRequired: true),
                    .init("to", "A version, as in iris@1.3.0", isRequired: true),
                ],
                answer: .json(.init(of: DiffReport.self))
            ) { request throws(MartletError) in
                let from = try request.namedVersion("from")
                let to = try request.namedVersion("to")
                return try .json(DiffReport(try await self.services.comparison.diff(from: from, to: to)))
            },
            .get(
                "/models/{model}/best",
                "rankVersions",
                "Rank a model's versions by a metric, for each dataset apart",
                query: [
                    .init("metric", "By what to rank", isRequired: true),
                    .init("dataset", "The name or digest of the only dataset to look at"),
                    .init("better", "higher or lower; guessed from the metric's name where absent"),
                ],
                answer: .json(.init(of: Leaderboard.self)),
                run: self.best
            ),
            .get(
                "/models/{model}/versions/{version}/lineage",
                "getLineage",
                "Show what went into a version",
                answer: .json(.init(of: LineageGraph.self))
            ) { request throws(MartletError) in
                let lineage = try await self.services.lineage.lineage(
                    of: try request.version(),
                    of: try request.model()
                )
                return try .json(LineageGraph(lineage))
            },
            .get(
                "/lineage",
                "getDescendants",
                "Show what came from a dataset",
                query: [.init("dataset", "Its name, or a digest", isRequired: true)],
                answer: .json(.init(of: LineageGraph.self))
            ) { request throws(MartletError) in
                let dataset = try request.requiredText("dataset")
                return try .json(LineageGraph(try await self.services.lineage.descendants(ofDataset: dataset)))
            },
        ]
    }

    @Sendable private func best(_ request: NativeRequest) async throws(MartletError) -> Response {
        let metric = try request.requiredText("metric")
        var better = MetricDirection(guessingFrom: metric)
        if let text = request.text("better") {
            guard let said = MetricDirection(rawValue: text) else { throw .invalid("'better' is 'higher' or 'lower'.") }
            better = said
        }
        let name = try request.model()
        let rankings = try await self.services.comparison.best(
            of: name,
            by: metric,
            on: request.text("dataset"),
            better: better
        )
        return try .json(
            Leaderboard(
                model: name.rawValue,
                metric: metric,
                better: better.rawValue,
                rankings: rankings.map { MartletWire.Ranking($0) }
            )
        )
    }
}
