import Hummingbird
import MartletCore
import MartletDeployments
import MartletHTTP
import MartletJSON
import MartletRouting
import MartletSearch
import MartletStatistics
import MartletWire

/// `/deployments/{deployment}/experiments`: which of a deployment's arms is better.
struct ExperimentOperations {
    /// What names the newest experiment in the place of its number.
    private static let newest = "latest"

    let services: NativeServices

    var all: [Operation] {
        [
            .get(
                "/deployments/{deployment}/experiments",
                "listExperiments",
                "List a deployment's experiments, the newest first",
                query: .paging,
                answer: .json(.init(of: ExperimentPage.self)),
                run: self.list
            ),
            .get(
                "/deployments/{deployment}/experiments/{experiment}",
                "getExperiment",
                "Say what an experiment says by now; 'latest' is the newest",
                answer: .json(.init(of: ExperimentReportRecord.self))
            ) { request throws(MartletError) in
                let report = try await self.services.experiments.report(
                    try request.experiment(newest: Self.newest),
                    in: try request.deployment()
                )
                return try .json(ExperimentReportRecord(report))
            },
            .change(
                .post,
                "/deployments/{deployment}/experiments",
                "startExperiment",
                "Write down what is to be compared, and how; from then on it is",
                needs: .deploy,
                body: .json(.init(of: ExperimentRequest.self)),
                status: .created,
                answer: .json(.init(of: ExperimentReportRecord.self)),
                run: self.start
            ),
            .change(
                .post,
                "/deployments/{deployment}/experiments/{experiment}/stop",
                "stopExperiment",
                "End an experiment, and write its verdicts down; 'latest' is the newest",
                needs: .deploy,
                body: .json(.init(of: ExperimentStopRequest.self)),
                isBodyRequired: false,
                answer: .json(.init(of: ExperimentReportRecord.self))
            ) { request throws(MartletError) in
                let message = try await request.optionalMessage(ExperimentStopRequest.self)
                let report = try await self.services.experiments.stop(
                    try request.experiment(newest: Self.newest),
                    in: try request.deployment(),
                    by: try request.act(message?.reason)
                )
                return try .json(ExperimentReportRecord(report))
            },
        ]
    }

    @Sendable private func list(_ request: NativeRequest) async throws(MartletError) -> Response {
        let name = try request.deployment()
        let question = Fingerprint(of: ["experiments", name.rawValue])
        var before = Int64.max
        if case .integer(let number)? = try request.position(in: question)?.first { before = number }
        let page = try await self.services.experiments.list(in: name, before: before, limit: try request.limit())
        return try .json(
            ExperimentPage(
                experiments: page.items.map { ExperimentRecord($0) },
                nextPageToken: page.next.map { PageToken(question: question, fields: $0).text }
            )
        )
    }

    @Sendable private func start(_ request: NativeRequest) async throws(MartletError) -> Response {
        let (message, json) = try await request.messageAndDocument(ExperimentRequest.self)
        let report = try await self.services.experiments.start(
            try ExperimentDraft(message, json),
            in: try request.deployment(),
            by: try request.act(message.reason)
        )
        return try .json(ExperimentReportRecord(report), status: .created)
    }
}

extension ExperimentDraft {
    /// - Parameter json: What the message was read from.
    fileprivate init(_ message: ExperimentRequest, _ json: JSONValue) throws(MartletError) {
        guard let goal = json["goal"] else { throw .invalid("An experiment has a 'goal'.") }
        self.init(goal: try ExperimentMetric(goal))
        if let guardrails = json["guardrails"] {
            self.guardrails = try Array(guardrails.elements).map { json throws(MartletError) in
                try ExperimentMetric(json)
            }
        }
        if let alpha = message.alpha { self.alpha = alpha }
        if let count = message.minimumSample {
            guard count > 0 else { throw .invalid("The minimum sample is 1 or more.") }
            self.minimumSample = UInt64(count)
        }
        if let count = message.tightestAt { self.tightestAt = Double(count) }
        self.baseline = try message.baseline.map { name throws(MartletError) in try ArmName(validating: name) }
    }
}

extension NativeRequest {
    /// - Returns: The number in the path; `nil` for what stands for the newest.
    fileprivate func experiment(newest: String) throws(MartletError) -> Int64? {
        let text = try self.capture("experiment")
        guard text != newest else { return nil }
        guard let number = Int64(text) else { throw .invalid("'\(text)' is no number of an experiment.") }
        return number
    }
}
