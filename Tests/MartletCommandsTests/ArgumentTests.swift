import ArgumentParser
import MartletClient
import MartletCommands
import MartletWire
import Testing

@Suite("What commands are told")
struct ArgumentTests {
    @Test("a metric may name what it was measured on")
    func metrics() {
        let datasets = [DatasetRecord(name: "test.csv", digest: "ab")]
        func record(_ text: String) -> MetricRecord? { MetricArgument(argument: text)?.record(among: datasets) }
        #expect(record("accuracy=0.95") == MetricRecord(name: "accuracy", value: 0.95))
        let onTest = MetricRecord(name: "f1", value: 1, datasetName: "test.csv", datasetDigest: "ab")
        #expect(record("f1=1@test.csv") == onTest)
        let onOther = MetricRecord(name: "f1", value: -2e-3, datasetName: "a@b#c", datasetDigest: "d")
        #expect(record("f1=-2e-3@a@b#c#d") == onOther)
        for text in ["accuracy", "=1", "a=", "a=x", "a=1@", "a=1@#d", "a=1@n#"] {
            #expect(record(text) == nil, "\(text)")
        }
    }

    @Test("a metric of an experiment says what is not usual about it, each thing once")
    func plans() {
        func plan(_ text: String) -> MetricPlan? { MetricPlanArgument(argument: text)?.plan }
        #expect(plan("resolved") == MetricPlan(name: "resolved"))
        #expect(plan("cost:unbounded:lower") == MetricPlan(name: "cost", values: "unbounded", better: "lower"))
        let stars = MetricPlan(name: "stars", values: "bounded", from: -1, to: 5.5, better: "higher", margin: 0.1)
        #expect(plan("stars:margin=0.1:-1..5.5:higher") == stars)
        for text in [
            "", ":lower", "a:", "a:up", "a:1..", "a:..2", "a:1...5", "a:5..1", "a:margin=", "a:margin=x",
            "a:lower:higher",
        ] {
            #expect(plan(text) == nil, "\(text)")
        }
        for text in ["a:unbounded:1..2", "a:1..2:proportion", "a:margin=1:margin=1"] {
            #expect(plan(text) == nil, "\(text)")
        }
    }

    @Test("a share is percent, exact to the millionth")
    func shares() throws {
        let shares = ["10%": 100_000, "0.25%": 2_500, "33.3333%": 333_333, "100%": 1_000_000, "0%": 0, "7.0%": 70_000]
        for (text, parts) in shares { #expect(ShareArgument(argument: text)?.partsPerMillion == Int64(parts)) }
        for text in ["10", "%", "101%", "100.1%", "-1%", "1.%", ".5%", "1.23456%", "1.+5%", "ten%", "1e1%"] {
            #expect(ShareArgument(argument: text) == nil, "\(text)")
        }
        #expect(try ShareArgument.shares(["a=b@1.0=5%"]) == ["a=b@1.0": 50_000])
        #expect(throws: ValidationError.self) { try ShareArgument.shares(["iris"]) }
    }

    @Test("a pair is divided at its first equals sign, and no key comes twice")
    func pairs() throws {
        #expect(PairArgument(argument: "a=b=c")?.value == "b=c")
        #expect(PairArgument(argument: "a=")?.value == "")
        #expect(PairArgument(argument: "=a") == nil)
        let twice = ["a=1", "a=2"].compactMap(PairArgument.init(argument:))
        #expect(throws: ValidationError.self) { try PairArgument.dictionary(twice, "--tag") }
    }

    @Test(
        "credentials of a repository are not written down",
        arguments: [
            ("https://ada:token@github.com/a/b.git", "https://github.com/a/b.git"),
            ("https://token@github.com/a/b?x=secret", "https://github.com/a/b"),
            ("https://github.com/a/b", "https://github.com/a/b"),
            ("ssh://git:secret@host:22/a", "ssh://git@host:22/a"),
            ("git@github.com:a/b.git", "git@github.com:a/b.git"), ("/srv/git/a", "/srv/git/a"),
        ]
    )
    func credentials(url: String, written: String) {
        #expect(WorkTree.withoutCredentials(url) == written)
    }

    @Test("the server is the one that is named first")
    func servers() throws {
        let named = try ConnectionOptions.parse(["--server", "http://a"])
        let unnamed = try ConnectionOptions.parse([])
        let environment = ["MARTLET_URL": "http://b", "MLFLOW_TRACKING_URI": "http://c"]
        #expect(named.url(environment) == "http://a")
        #expect(unnamed.url(environment) == "http://b")
        #expect(unnamed.url(["MLFLOW_TRACKING_URI": "http://c"]) == "http://c")
        #expect(unnamed.url(["MLFLOW_TRACKING_URI": "sqlite:///x"]) == "http://127.0.0.1:5000")
        #expect(throws: (any Error).self) { try ConnectionOptions.parse(["--server", "http://a", "--data", "d"]) }
    }

    @Test("who acts is the one who is named first")
    func actors() throws {
        let unnamed = try ConnectionOptions.parse([])
        #expect(try ConnectionOptions.parse(["--actor", "ada"]).actorName(["MARTLET_ACTOR": "eve"]) == "ada")
        #expect(unnamed.actorName(["MARTLET_ACTOR": "eve"]) == "eve")
        #expect(unnamed.actorName([:]) != "")
    }

    @Test("a target is a model, or a version where there is an at sign or a slash")
    func targets() throws {
        #expect(try Target("iris", isModel: false) == .model("iris"))
        #expect(try Target("a/b@1", isModel: false) == .version(VersionReference(model: "a/b", version: "1")))
        #expect(try Target("a/b@1", isModel: true) == .model("a/b@1"))
        #expect(throws: MartletClientError.self) { try Target("a@", isModel: false) }
    }

    @Test("what is wrong with the words is not what is wrong with the registry")
    func codes() {
        #expect(CommandFailure.code(for: MartletClientError(.unreachable, "")) == ExitCode(69))
        #expect(CommandFailure.code(for: MartletClientError(.invalidArgument, "")) == ExitCode(64))
        #expect(CommandFailure.code(for: MartletClientError(.invalidArgument, "", status: 400)) == ExitCode(1))
        #expect(CommandFailure.code(for: MartletClientError(.gateClosed, "", status: 409)) == ExitCode(1))
    }
}
