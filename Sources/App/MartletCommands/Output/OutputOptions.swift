import ArgumentParser
import FoundationEssentials
import Glibc
import MartletClient

/// How a command shows what it has to say.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print the server's JSON, with sorted keys.")
    var json = false

    /// Prints a message of the server: as it is with `--json`, otherwise as `screen` shows it.
    func show<Message: Encodable>(_ message: Message, _ screen: (Message, inout Screen) -> Void) throws {
        guard !self.json else { return print(try Self.text(message)) }
        var page = Screen()
        screen(message, &page)
        for line in page.lines(.of(stream: STDOUT_FILENO)) { print(line) }
    }

    /// Makes room for a picture that takes the place of the one before; where there is no terminal, they follow each
    /// other.
    static func clearTerminal() {
        if isatty(STDOUT_FILENO) == 1 { print("\u{1B}[2J\u{1B}[H", terminator: "") }
    }

    /// Prints one line for people.
    static func line(_ cells: Cell...) {
        print(cells.map(Style.of(stream: STDOUT_FILENO).paint).joined())
    }

    static func text(_ message: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(message), as: UTF8.self)
    }
}
