import MartletJSON
import Testing

@Suite("the grammar of searches")
struct SearchGrammarTests {
    private static let runs = [
        #"{"name": "a", "metrics": [["loss", 0.5]], "params": [["lr", "0.1"]]}"#,
        #"{"name": "b", "metrics": [["loss", 2], ["f1 score", 1]], "params": [["lr", "it's"]]}"#,
        #"{"name": "c", "metrics": [], "params": []}"#,
    ]

    /// Makes the runs above; they start in the order of their names.
    private static func prepare(_ server: TestServer) async throws {
        for (index, text) in self.runs.enumerated() {
            let plan = try JSONDocument(parsing: Array(text.utf8), depthMax: 8).root
            let name = plan["name"]?.string ?? ""
            let made = try await server.post(
                "runs/create",
                #"{"experiment_id": "0", "run_name": "\#(name)", "start_time": \#(index)}"#
            )
            let id = made.json?["run"]?["info"]?["run_id"]?.string ?? ""
            let metrics = plan["metrics"]?.elements.map { metric in
                let pair = metric.elements.map(\.source)
                return #"{"key": \#(pair[0]), "value": \#(pair[1]), "timestamp": 1}"#
            }
            let params = plan["params"]?.elements.map { param in
                let pair = param.elements.map(\.source)
                return #"{"key": \#(pair[0]), "value": \#(pair[1])}"#
            }
            let batch = try await server.post(
                "runs/log-batch",
                #"{"run_id": "\#(id)", "metrics": [\#(metrics?.joined(separator: ",") ?? "")], "#
                    + #""params": [\#(params?.joined(separator: ",") ?? "")]}"#
            )
            #expect(batch.status == 200, "\(batch.text)")
        }
    }

    private static func quoted(_ text: String) -> String {
        var json = JSONWriter()
        json.string(text)
        return String(decoding: json.bytes, as: UTF8.self)
    }

    @Test(
        "filters find what they say",
        arguments: [
            ("", "cba"),
            ("metrics.loss > 1", "b"),
            ("metrics.loss>0.1 and metric.loss<=2.0e0", "ba"),
            ("metrics.`f1 score` = 1", "b"),
            (#"metrics."f1 score" = 1"#, "b"),
            (#"params.lr = "it's""#, "b"),
            ("params.lr LIKE '0._'", "a"),
            ("run_name ILIKE 'A' AND attributes.status = 'RUNNING'", "a"),
            ("attributes.start_time >= 1", "cb"),
            ("params.lr IS NULL", "c"),
            ("params.lr IS NOT NULL AND", "ba"),
            ("metrics.loss != 2", "a"),
            ("run_name IN ('a')", nil),
            ("metrics.loss > 1 OR params.lr = '1'", nil),
            ("metrics.loss", nil),
            ("loss > 1", nil),
            ("'a' = 'a'", nil),
            ("metrics.loss > ", nil),
            ("params.lr = 'x", nil),
            ("metrics.`loss > 1", nil),
            ("run_id IN ()", nil),
            ("datasets.size = '1'", nil),
        ] as [(String, String?)]
    )
    func filters(filter: String, expected: String?) async throws {
        try await TestServer.run { server in
            try await Self.prepare(server)
            let answer = try await server.post(
                "runs/search",
                #"{"experiment_ids": ["0"], "filter": \#(Self.quoted(filter))}"#
            )
            if let expected {
                let names = answer.json?["runs"]?.elements.map { $0["info"]?["run_name"]?.string ?? "" }.joined()
                #expect(names ?? "" == expected, "\(answer.text)")
            } else {
                #expect(answer.errorCode == "INVALID_PARAMETER_VALUE", "\(answer.text)")
            }
        }
    }

    @Test("a filter has a bound on its comparisons, which is said")
    func tooManyComparisons() async throws {
        try await TestServer.run { server in
            let filter = Array(repeating: "metrics.a > 1", count: 1_500).joined(separator: " AND ")
            let answer = try await server.post("runs/search", #"{"experiment_ids": ["0"], "filter": "\#(filter)"}"#)
            #expect(answer.errorCode == "INVALID_PARAMETER_VALUE")
            #expect(answer.message.contains("1500"))
        }
    }

    @Test("twenty order keys and their second page are no trouble, more are refused", arguments: [20, 21])
    func manyOrderKeys(count: Int) async throws {
        try await TestServer.run { server in
            try await Self.prepare(server)
            let order = (0..<count).map { "\"metrics.m\($0)\"" }.joined(separator: ",")
            let question = #""experiment_ids": ["0"], "max_results": 1, "order_by": [\#(order)]"#
            let first = try await server.post("runs/search", "{\(question)}")
            guard count <= 20 else {
                #expect(first.errorCode == "INVALID_PARAMETER_VALUE")
                return
            }
            let token = first.json?["next_page_token"]?.string ?? ""
            let second = try await server.post("runs/search", #"{\#(question), "page_token": "\#(token)"}"#)
            #expect(second.json?["runs"]?.elements.map { $0["info"]?["run_name"]?.string } == ["b"], "\(second.text)")
        }
    }
}
