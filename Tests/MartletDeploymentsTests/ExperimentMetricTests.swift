import MartletCore
import MartletDeployments
import MartletJSON
import MartletStatistics
import Testing

@Suite("Metrics of experiments")
struct ExperimentMetricTests {
    private func metric(_ json: String) throws -> ExperimentMetric {
        try ExperimentMetric(try JSONDocument(parsing: Array(json.utf8), depthMax: 8).root)
    }

    @Test("a metric that says only its name is a proportion, and more is better")
    func usual() throws {
        #expect(try self.metric(#"{"name": "sale"}"#) == ExperimentMetric("sale", .proportion))
        #expect(
            try self.metric(#"{"name": "s", "better": null, "margin": null}"#) == ExperimentMetric("s", .proportion)
        )
    }

    @Test("a range is enough to say that a metric is bounded")
    func bounded() throws {
        let stars = try ExperimentMetric("stars", .bounded(1...5), .lowerIsBetter, margin: 0.5)
        #expect(try self.metric(#"{"name": "stars", "from": 1, "to": 5, "better": "lower", "margin": 0.5}"#) == stars)
        #expect(try self.metric(stars.json.text) == stars)
    }

    @Test("less is better of what the gateway measures, unless told otherwise")
    func measured() throws {
        #expect(
            try self.metric(#"{"name": "gateway.error"}"#)
                == ExperimentMetric("gateway.error", .proportion, .lowerIsBetter)
        )
        let latency = try self.metric(#"{"name": "gateway.latency", "better": "higher"}"#)
        #expect(latency == (try ExperimentMetric("gateway.latency", .unbounded)))
    }

    @Test(
        "what comes back from the ledger is what went in",
        arguments: [
            ExperimentMetric.Outcomes.proportion, .unbounded, .bounded(-1.5...2), .bounded(0...1e-9),
        ]
    )
    func stored(_ outcomes: ExperimentMetric.Outcomes) throws {
        let metric = try ExperimentMetric("größe \"☃\"", outcomes, .lowerIsBetter, margin: 0.1)
        #expect(try self.metric(metric.json.text) == metric)
    }

    @Test(
        "what makes no sense is refused",
        arguments: [
            #"{}"#, #"{"name": 1}"#, #"{"name": " "}"#, #"{"name": "a", "values": "many"}"#,
            #"{"name": "a", "values": "bounded"}"#, #"{"name": "a", "from": 1}"#, #"{"name": "a", "from": 2, "to": 2}"#,
            #"{"name": "a", "values": "proportion", "from": 0, "to": 1}"#, #"{"name": "a", "better": "faster"}"#,
            #"{"name": "a", "margin": -0.1}"#, #"{"name": "gateway.speed"}"#,
            #"{"name": "gateway.latency", "values": "bounded", "from": 0, "to": 1}"#,
        ]
    )
    func refused(_ json: String) {
        #expect(throws: MartletError.self) { try self.metric(json) }
    }
}
