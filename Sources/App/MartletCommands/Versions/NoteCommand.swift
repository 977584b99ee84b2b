import ArgumentParser
import MartletClient
import MartletWire

/// `martlet note`
struct NoteCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "note",
        abstract: "Add a remark to a version, or list its remarks.",
        discussion: "Example: martlet note iris@1.2.0 'trained without the March data'"
    )

    @Argument(help: VersionReference.help, transform: VersionReference.parse)
    var version: VersionReference

    @Argument(help: "The remark; without one, those that there are are listed.")
    var text: String?

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        if let text {
            let note = try await client.addNote(text, to: self.version)
            return try self.output.show(note) { note, screen in screen.line(.good("added note \(note.number)")) }
        }
        try self.output.show(try await client.notes(of: self.version)) { list, screen in
            if list.notes.isEmpty { screen.line("no notes") }
            for note in list.notes {
                screen.line(.strong("\(note.number) "), .faint("\(Moment.short(note.at)) by \(note.author)"))
                for line in note.text.split(whereSeparator: \.isNewline) { screen.line("  \(line)") }
            }
        }
    }
}
