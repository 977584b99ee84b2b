import MartletClient
import MartletCommands
import MartletWire
import Testing

@Suite("What commands show")
struct OutputTests {
    private func lines(_ build: (inout Screen) -> Void, _ style: Style = .plain) -> [String] {
        var screen = Screen()
        build(&screen)
        return screen.lines(style)
    }

    @Test("columns are aligned, and no line ends in spaces")
    func alignment() {
        let lines = self.lines { $0.table(["NAME", "STAGE"], [["iris", "production"], ["a longer name", ""]]) }
        #expect(lines == ["NAME           STAGE", "iris           production", "a longer name"])
    }

    @Test("colours are there only when they are wanted, and change no column")
    func colours() {
        let rows: [[Cell]] = [[.good("a"), "b"], ["long", "c"]]
        #expect(self.lines { $0.table(nil, rows) } == ["a     b", "long  c"])
        #expect(self.lines({ $0.table(nil, rows) }, .coloured).first == "\u{1B}[32ma\u{1B}[0m     b")
    }

    @Test("what a server says cannot command the terminal")
    func controlCharacters() {
        #expect(self.lines { $0.line("a\u{1B}[2J\rb\u{9B}\u{202E}c\n") } == ["a [2J b  c "])
    }

    @Test(
        "bytes are counted in the unit that fits",
        arguments: [(0, "0 B"), (1_023, "1023 B"), (1_024, "1.0 KiB"), (1_600_000, "1.5 MiB"), (5 << 40, "5.0 TiB")]
    )
    func bytes(count: Int64, text: String) {
        #expect(Amount.bytes(count) == text)
    }

    @Test("numbers have as many digits as they need")
    func numbers() {
        #expect(Amount.value(0.95) == "0.95")
        #expect(Amount.value(3) == "3")
        #expect(Amount.percent(0.0123) == "+1.2 %")
        #expect(Amount.percent(-0.5) == "-50.0 %")
        #expect(Amount.count(1, "file") == "1 file")
        #expect(Amount.count(2, "entry", plural: "entries") == "2 entries")
    }

    @Test(
        "times are read as people write them",
        arguments: [
            ("2026-05-03", "2026-05-03T00:00:00.000Z"), ("2026-05-03T14:00Z", "2026-05-03T14:00:00.000Z"),
            ("2026-05-03 14:00", "2026-05-03T14:00:00.000Z"), ("2026-05-03T16:00:05+02:00", "2026-05-03T14:00:05.000Z"),
        ]
    )
    func times(text: String, moment: String) {
        #expect(Moment(argument: text)?.text == moment)
    }

    @Test("what is no time is refused", arguments: ["", "yesterday", "2026-13-01", "2026-05-03T25:00Z", "14:00"])
    func noTimes(text: String) {
        #expect(Moment(argument: text) == nil)
    }

    @Test("fractions of seconds are not shown")
    func shortTimes() {
        #expect(Moment.short("2026-05-03T14:00:05.123Z") == "2026-05-03T14:00:05Z")
        #expect(Moment.short("2026-05-03T14:00:05Z") == "2026-05-03T14:00:05Z")
        let sentence = "from 2026-05-03T14:00:05.000Z to 2026-05-04T14:00:05.120Z, after 0.5Z"
        #expect(
            Moment.shortened(in: sentence) == "from 2026-05-03T14:00:05Z to 2026-05-04T14:00:05Z, after 0.5Z"
        )
    }

    @Test("a lineage is a tree, and what is in it twice is shown once")
    func lineage() {
        let nodes = ["d", "r", "v", "s"].map { LineageNode(id: $0, kind: "kind", label: $0.uppercased()) }
        let edges = [("d", "r"), ("d", "v"), ("r", "v"), ("v", "s")].map { LineageEdge(from: $0, to: $1, label: "to") }
        let lines = self.lines { LineageView.tree(LineageGraph(nodes: nodes, edges: edges), &$0) }
        #expect(
            lines == [
                "D [kind]", "  └ to: R [kind]", "    └ to: V [kind]", "      └ to: S [kind]",
                "  └ to: V [kind] (see above)",
            ]
        )
    }

    @Test("a lineage that goes in circles ends")
    func circle() {
        let nodes = ["a", "b"].map { LineageNode(id: $0, kind: "run", label: $0) }
        let edges = [LineageEdge(from: "a", to: "b", label: "x"), LineageEdge(from: "b", to: "a", label: "y")]
        #expect(self.lines { LineageView.tree(LineageGraph(nodes: nodes, edges: edges), &$0) }.count == 3)
    }

    @Test("gates say which of them is closed")
    func gates() {
        let gates = [
            GateResult(gate: "approvals", passed: false, message: "0 of 1"),
            GateResult(gate: "capture:code", passed: true, message: "is there"),
        ]
        let report = GateReport(stage: "production", mode: "enforce", passed: false, gates: gates)
        let lines = self.lines { TransitionView.gates(report, &$0) }
        #expect(
            lines == [
                "closed: it may not enter production", "  ✗  approvals     0 of 1", "  ✓  capture:code  is there",
            ]
        )
    }
}
