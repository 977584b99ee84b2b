import ArgumentParser
import FoundationEssentials
import MartletClient
import MartletWire

/// `martlet decisions`
struct DecisionsCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "decisions",
        abstract: "Write what a deployment decided, with what came of it, one line of JSON each.",
        discussion: """
            Example: martlet decisions support-bot --from 2026-11-01 --to 2026-12-01 -o november.jsonl
            Example: martlet decisions support-bot --subject ann
            Example: martlet decisions support-bot --differences

            Without its member "outcomes", a line is what the ledger sealed (docs/decision-records.md).
            """
    )

    private static let linesPerRequest = 5_000

    @Argument(help: "The deployment.")
    var deployment: String

    @Option(help: "Only the newest hundred about this subject, as requests spell it; no lines, but a table.")
    var subject: String?

    @Flag(help: "Only the newest hundred that a shadow would have answered differently; no lines, but a table.")
    var differences = false

    @Option(help: "From when on.", transform: Moment.parse)
    var from: Moment?

    @Option(help: "The first moment that is not wanted.", transform: Moment.parse)
    var to: Moment?

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp("The file; the standard output where absent.", valueName: "file")
    )
    var path: String?

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        // Moments are written so that their order is that of their texts.
        if let from, let to, from.text > to.text {
            throw ValidationError("--from \(Moment.short(from.text)) is later than --to \(Moment.short(to.text))")
        }
    }

    func run(_ client: MartletClient) async throws {
        if let subject {
            let list = try await client.decisions(about: subject, inDeployment: self.deployment)
            return try self.output.show(list) { DecisionView.list($0.decisions, &$1) }
        }
        if self.differences {
            let list = try await client.differences(inDeployment: self.deployment)
            return try self.output.show(list) { DecisionView.list($0.decisions, &$1) }
        }
        let writer = try LineWriter(path: self.path)
        var count: Int64 = 0
        var last: String?
        repeat {
            let lines = try await client.decisionLines(
                ofDeployment: self.deployment,
                from: self.from?.text,
                to: self.to?.text,
                after: last,
                limit: Self.linesPerRequest
            )
            for line in lines { writer.write(Array(line.utf8)) }
            count += Int64(lines.count)
            last = lines.count == Self.linesPerRequest ? try lines.last.map(Self.id) : nil
        } while last != nil
        try writer.close()
        ErrorOutput.line("exported \(Amount.count(count, "decision"))")
    }

    private static func id(of line: String) throws -> String {
        struct Record: Decodable { let id: String }
        return try JSONDecoder().decode(Record.self, from: Data(line.utf8)).id
    }
}
