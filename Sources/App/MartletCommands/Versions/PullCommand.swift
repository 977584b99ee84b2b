import ArgumentParser
import MartletClient
import MartletWire

/// `martlet pull`
struct PullCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract: "Bring the files of a version into a folder, and check every byte.",
        discussion: """
            A pull that was interrupted goes on where it was when it is repeated. Files that are there and right are \
            left as they are; files with other bytes are replaced only with --overwrite.
            """
    )

    @Argument(help: VersionReference.help, transform: VersionReference.parse)
    var version: VersionReference

    @Argument(help: "The folder; made if it does not exist.")
    var folder: String

    @Flag(help: "Replace files that have other bytes.")
    var overwrite = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        let progress = ProgressLine("received", isSilent: self.output.json)
        defer { progress.clear() }
        let result = try await client.pull(
            self.version,
            into: self.folder,
            overwriting: self.overwrite,
            progress: progress.show
        )
        progress.clear()
        try self.output.show(result.version) { version, screen in
            let verb = result.filesKept == 1 ? "was" : "were"
            let kept = result.filesKept > 0 ? ", \(result.filesKept) \(verb) there already" : ""
            screen.line(
                .good("pulled "),
                .strong(VersionView.name(version)),
                ": \(Amount.count(result.filesWritten, "file")) written\(kept), \(Amount.bytes(result.bytes)) verified"
            )
        }
    }
}
