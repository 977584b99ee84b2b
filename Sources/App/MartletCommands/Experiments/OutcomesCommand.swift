import ArgumentParser
import FoundationEssentials
import MartletClient
import MartletCore
import MartletJSON
import MartletWire

/// `martlet outcomes`
struct OutcomesCommand: ClientCommand {
    /// Fewer than a server takes at once, so that progress is seen and little is repeated.
    private static let batchSize = 1_000

    static let configuration = CommandConfiguration(
        commandName: "outcomes",
        abstract: "Say what came of decisions.",
        discussion: """
            Each line is a JSON object with the id of a decision, or with a subject for the newest decision about it:
              {"decision": "01a1ff13-0cbe-759c-8b89-4ad84973dc45", "metrics": {"resolved": 1}}
              {"subject": "ann", "metrics": {"resolved": 0, "stars": 4}}
            To say the same again is fine, so a file that was not told to its end can be told again.
            """
    )

    @Argument(help: "The deployment.")
    var deployment: String

    @Option(help: "The file; - for the standard input.")
    var file: String

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        let (outcomes, unreadable) = try self.outcomes()
        var acceptedCount: Int64 = 0
        var refusals = unreadable
        for start in stride(from: 0, to: outcomes.count, by: Self.batchSize) {
            let batch = outcomes[start...].prefix(Self.batchSize)
            let result = try await client.tellOutcomes(
                OutcomeBatch(outcomes: batch.map(\.outcome)),
                inDeployment: self.deployment
            )
            acceptedCount += result.acceptedCount
            for var refusal in result.refusals {
                refusal.index = Int64(outcomes[start + Int(refusal.index)].line)
                refusals.append(refusal)
            }
        }
        try self.show(acceptedCount, refusals.sorted { $0.index < $1.index })
    }

    private func show(_ acceptedCount: Int64, _ refusals: [OutcomeRefusal]) throws {
        if self.output.json {
            print(try OutputOptions.text(OutcomesSummary(accepted: acceptedCount, refused: refusals)))
        } else {
            OutputOptions.line(.good("told "), "\(Amount.count(acceptedCount, "outcome")) of \(self.deployment)")
            for refusal in refusals { ErrorOutput.line("line \(refusal.index): \(refusal.reason)") }
        }
        guard refusals.isEmpty else {
            throw MartletClientError(.refused, "\(Amount.count(refusals.count, "outcome")) refused")
        }
    }

    /// Reads the file. Each has the number of its line, from 1.
    private func outcomes() throws -> ([(line: Int, outcome: BatchedOutcome)], unreadable: [OutcomeRefusal]) {
        let text = try TextFile.readArgument(self.file)
        var outcomes: [(line: Int, outcome: BatchedOutcome)] = []
        var unreadable: [OutcomeRefusal] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: Self.isLineEnd).enumerated() {
            guard !line.allSatisfy(\.isWhitespace) else { continue }
            do throws(MartletError) {
                outcomes.append((index + 1, try Self.outcome(line)))
            } catch {
                unreadable.append(OutcomeRefusal(index: Int64(index + 1), reason: error.message))
            }
        }
        return (outcomes, unreadable)
    }

    private static func outcome(_ line: Substring) throws(MartletError) -> BatchedOutcome {
        let bytes = Array(line.utf8)
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONDocument(parsing: bytes, depthMax: Limits.jsonDepth)
        } catch {
            throw .invalid("This is no JSON: \(error.reason) at byte \(error.offset).")
        }
        try Self.check(document.root)
        guard let outcome = try? JSONDecoder().decode(BatchedOutcome.self, from: Data(bytes)) else {
            throw .invalid("This is no outcome.")
        }
        return outcome
    }

    /// Says what an outcome lacks, or what it has instead.
    private static func check(_ outcome: JSONValue) throws(MartletError) {
        guard outcome.kind == .object else { throw .invalid("An outcome is a JSON object.") }
        for name in ["decision", "subject"] {
            if let value = outcome[name], value.kind != .string, value.kind != .null {
                throw .invalid("'\(name)' is not a text but \(value.source).")
            }
        }
        guard let metrics = outcome["metrics"], metrics.kind == .object else {
            throw .invalid("An outcome has 'metrics', with a number for each.")
        }
        // Of a name that is repeated the decoder would take one value, whichever.
        if let name = metrics.repeatedName { throw .invalid("The metric '\(name)' is named twice.") }
        for (name, value) in metrics.members where value.double == nil {
            throw .invalid("The metric '\(name.string ?? name.source)' is not a number but \(value.source).")
        }
    }

    /// Not what else Unicode takes for one: JSON may have it inside of a text.
    private static func isLineEnd(_ character: Character) -> Bool { character == "\n" || character == "\r\n" }
}

/// What became of a file.
private struct OutcomesSummary: Encodable {
    let accepted: Int64
    /// By line, from 1.
    let refused: [Refusal]

    struct Refusal: Encodable {
        let line: Int64
        let reason: String
    }

    init(accepted: Int64, refused: [OutcomeRefusal]) {
        self.accepted = accepted
        self.refused = refused.map { Refusal(line: $0.index, reason: $0.reason) }
    }
}
