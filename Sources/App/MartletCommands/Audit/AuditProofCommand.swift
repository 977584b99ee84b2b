import ArgumentParser
import FoundationEssentials
import MartletClient
import MartletWire

/// `martlet audit proof`
struct AuditProofCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proof",
        abstract: "Fetch a proof that a version was registered as it is; check one, or one of a decision.",
        discussion: """
            Example: martlet audit proof iris@1.2.0 -o iris.proof.json
            Example: martlet audit proof --verify iris.proof.json --key 'NAME+HASH+KEY'

            Checking needs no server. Get the key from somebody you trust; what a proof says of its own key proves \
            nothing.
            """
    )

    @Argument(help: VersionReference.help, transform: VersionReference.parse)
    var version: VersionReference?

    @Option(name: .shortAndLong, help: "Write the proof to this file.")
    var output: String?

    @Option(help: ArgumentHelp("Check the proof in this file.", valueName: "file"))
    var verify: String?

    @Option(help: "The public key of the ledger, or a file with it.")
    var key: String?

    @Flag(help: .hidden)
    var json = false

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard (self.version == nil) != (self.verify == nil) else {
            throw ValidationError("name a version to fetch a proof, or a file with --verify")
        }
        guard self.verify == nil || self.key != nil else {
            throw ValidationError("name the public key of the ledger with --key")
        }
    }

    func run() async throws {
        try await CommandFailure.reporting {
            if let verify { return try Self.check(verify, key: PublicKey.read(self.key ?? "")) }
            if let version { try await self.fetch(version) }
        }
    }

    private func fetch(_ version: VersionReference) async throws {
        let bundle = try await self.connection.withClient { try await $0.proof(of: version) }
        // A proof that does not hold is worth nothing to anybody.
        try ProofVerifier.verify(bundle, publicKey: bundle.publicKey)
        let text = try OutputOptions.text(bundle)
        guard let output else { return print(text) }
        try TextFile.write(text + "\n", to: output)
        ErrorOutput.line("wrote the proof of \(Style.printable(version.description)) to \(output)")
    }

    private static func check(_ path: String, key: String) throws {
        let data = Data(try TextFile.read(path).utf8)
        // Why it is not the one makes no difference: it may be the other.
        if let bundle = try? JSONDecoder().decode(DecisionProofBundle.self, from: data) {
            return try self.check(bundle, key: key)
        }
        guard let bundle = try? JSONDecoder().decode(ProofBundle.self, from: data) else {
            throw MartletClientError(.integrity, "'\(path)' is no proof")
        }
        try ProofVerifier.verify(bundle, publicKey: key)
        let name = VersionView.name(bundle.model, bundle.number, bundle.semanticVersion)
        OutputOptions.line(.good("holds: "), .strong(name), " was registered with the digest sha256:\(bundle.digest)")
        OutputOptions.line(.faint("entry \(bundle.index) of \(bundle.treeSize), signed by \(bundle.publicKey)"))
    }

    private static func check(_ bundle: DecisionProofBundle, key: String) throws {
        try ProofVerifier.verify(bundle, publicKey: key)
        OutputOptions.line(.good("holds: "), "this is the record of a decision as it was sealed:")
        OutputOptions.line("\(Style.printable(bundle.record))")
        OutputOptions.line(.faint("entry \(bundle.entryIndex) of \(bundle.treeSize), signed by \(bundle.publicKey)"))
    }
}
