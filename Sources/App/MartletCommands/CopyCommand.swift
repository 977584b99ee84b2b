package import ArgumentParser
import MartletCore
import MartletServer

/// `martlet copy`
package struct CopyCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "copy",
        abstract: "Move a whole registry from one place to another.",
        discussion: """
            Example: martlet copy --from sqlite:./martlet-data --to postgres://db/martlet --blobs s3://models/martlet

            copies every row under its own key, and every byte, compares both, and checks the ledger. Stop the servers \
            of both places first. A copy that was interrupted goes on when the same command is given again; until it \
            has ended, no server starts on the target.
            """
    )

    @Option(help: ArgumentHelp("sqlite:FOLDER, or postgres://… as libpq takes it.", valueName: "place"))
    var from: String

    @Option(help: ArgumentHelp("sqlite:FOLDER, or postgres://… as libpq takes it.", valueName: "place"))
    var to: String

    @Option(
        help: ArgumentHelp(
            "Where the bytes are: s3://BUCKET/PREFIX or a data folder. (default: the folder of --from)",
            valueName: "place"
        )
    )
    var fromBlobs: String?

    @Option(
        help: ArgumentHelp(
            "Where the bytes are to be; the same as --from-blobs, they stay there. (default: the folder of --to)",
            valueName: "place"
        )
    )
    var blobs: String?

    @OptionGroup var objectStore: ObjectStoreOptions

    package init() {}

    package func run() async throws {
        let (source, target) = try await self.places()
        let line = StatusLine()
        do throws(MartletError) {
            let report = try await RegistryCopy.run(from: source, to: target) { line.show($0.text) }
            line.clear()
            Self.show(report)
        } catch {
            line.clear()
            ErrorOutput.write("martlet: \(error.message)\n")
            throw ExitCode.failure
        }
    }

    private func places() async throws -> (source: RegistryPlace, target: RegistryPlace) {
        let source = try Self.rows(self.from, "--from")
        let target = try Self.rows(self.to, "--to")
        guard let fromBytes = self.fromBlobs ?? source.folder else {
            throw ValidationError("say with --from-blobs where the bytes are: s3://BUCKET/PREFIX or a data folder")
        }
        guard let toBytes = self.blobs ?? target.folder else {
            throw ValidationError("say with --blobs where the bytes are to be: s3://BUCKET/PREFIX or a data folder")
        }
        guard fromBytes != toBytes else { return (.init(rows: source, bytes: nil), .init(rows: target, bytes: nil)) }
        return (
            RegistryPlace(rows: source, bytes: try await self.bytes(fromBytes)),
            RegistryPlace(rows: target, bytes: try await self.bytes(toBytes))
        )
    }

    private static func rows(_ text: String, _ option: String) throws -> RegistryPlace.Rows {
        let scheme = "sqlite:"
        if text.hasPrefix(scheme) { return .folder(String(text.dropFirst(scheme.count))) }
        guard let server = DatabaseServer(text) else {
            // Not the text itself: it may hold a password.
            throw ValidationError("the value of \(option) is neither sqlite:FOLDER nor postgres://…")
        }
        return .server(server)
    }

    private func bytes(_ place: String) async throws -> RegistryPlace.Bytes {
        guard place.hasPrefix("s3://") else { return .folder(place) }
        let reader = try await SettingsReader([.blobs: place], self.objectStore.values, filePath: nil)
        return .objectStore(try reader.blobSettings())
    }

    private static func show(_ report: RegistryCopy.Report) {
        print(
            """
            Copied \(Amount.count(report.rowCount, "row")) in \(Amount.count(report.tableCount, "table")), and \
            \(Amount.count(report.blobCount, "file")) (\(Amount.bytes(report.blobBytes))). Both hold the same, and the \
            ledger of \(Amount.count(Int(report.ledgerEntries), "entry", plural: "entries")) is intact.
            """
        )
        if report.hasLedgerKey { return print("The key that the ledger is signed with was taken along.") }
        print("Next: give the servers the key that the ledger is signed with (serve --ledger-key FILE).")
    }
}

extension RegistryPlace.Rows {
    fileprivate var folder: String? { if case .folder(let path) = self { path } else { nil } }
}

extension RegistryCopy.Progress {
    /// What a copy is doing.
    fileprivate var text: String {
        switch self {
        case .rows(let table, let count): "\(table): \(Amount.count(count, "row")) copied"
        case .blobs(let count, let bytes): "\(Amount.count(count, "file")), \(Amount.bytes(bytes)) copied"
        case .comparing(let table): "comparing \(table)"
        }
    }
}
