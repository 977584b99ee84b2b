import ArgumentParser
import MartletClient
import MartletWire

/// `martlet backends`
struct BackendsCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "backends",
        abstract: "Show the processes that a server runs for versions, and what they have said."
    )

    @Argument(help: "Only of this model's versions.")
    var model: String?

    @Option(help: "How much of what each has said lately.")
    var lines: Int = 0

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        let list = try await client.backends(ofModel: self.model, lines: self.lines)
        try self.output.show(list, BackendsView.list)
    }
}

/// How the processes look that a server runs.
enum BackendsView {
    static func list(_ list: BackendList, _ screen: inout Screen) {
        guard list.supervised else { return screen.line("this server runs no versions by itself: see --supervise") }
        guard !list.backends.isEmpty else { return screen.line("nothing runs") }
        let rows: [[Cell]] = list.backends.map { backend in
            [
                .strong(backend.label), "\(backend.state)\(backend.needed ? "" : ", kept warm")",
                "\(backend.process.map(String.init) ?? "")", "\(backend.url ?? "")", "\(backend.requests)",
                "\(backend.restarts)", "\(backend.memoryBytes.map(Amount.bytes) ?? "")", "\(backend.trouble ?? "")",
            ]
        }
        screen.table(["VERSION", "STATE", "PROCESS", "URL", "REQUESTS", "RESTARTS", "MEMORY", "TROUBLE"], rows)
        for backend in list.backends {
            screen.section(backend.label, nil, backend.lines.map { [Cell($0)] })
        }
    }
}
