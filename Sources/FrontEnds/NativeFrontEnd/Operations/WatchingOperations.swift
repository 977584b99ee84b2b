import MartletCore
import MartletDeployments
import MartletWire

/// How deployments are doing.
struct WatchingOperations: Sendable {
    let services: NativeServices

    var all: [Operation] {
        [
            .get(
                "/deployments/{deployment}/traffic",
                "getTraffic",
                "Show what came of a deployment's requests, for each of its arms",
                query: [.init("since", "A moment, or how long ago, as in 15m, which it is where absent")],
                answer: .json(.init(of: TrafficRecord.self))
            ) { request throws(MartletError) in
                let now = self.services.traffic.now
                let since = try request.text("since").map { text throws(MartletError) in
                    try Self.moment(text, before: now)
                }
                let report = try await self.services.traffic.traffic(of: try request.deployment(), since: since)
                return try .json(TrafficRecord(report))
            },
            .get(
                "/deployments/{deployment}/findings",
                "listFindings",
                "List which conditions a deployment's versions have met, the newest first",
                query: [.limit],
                answer: .json(.init(of: FindingList.self))
            ) { request throws(MartletError) in
                let name = try request.deployment()
                let found = try await self.services.traffic.findings(of: name, limit: try request.limit())
                return try .json(FindingList(findings: found.map { FindingRecord($0) }))
            },
        ]
    }

    private static func moment(_ text: String, before now: Timestamp) throws(MartletError) -> Timestamp {
        guard text.contains("-") else { return now - (try TimeSpan(validating: text)) }
        return try Timestamp(text: text)
    }
}
