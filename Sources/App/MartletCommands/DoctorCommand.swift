package import ArgumentParser
import MartletArtifacts
import MartletBlobs
import MartletCore
import MartletServer

/// `martlet doctor`
package struct DoctorCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check a data folder that no server is using.",
        discussion: """
            Checks the database, that every version is what its digest says, that no entry of the ledger was edited, \
            dropped or moved, that every stored file is there, and reads every byte of it to see that it is still \
            what it was. Ends with 0 when nothing that was acknowledged is missing or damaged, with 1 otherwise.
            """
    )

    @Option(help: Setting.data.help)
    var data: String?

    @Option(help: Setting.database.help)
    var database: String?

    @Option(help: Setting.blobs.help)
    var blobs: String?

    @OptionGroup var objectStore: ObjectStoreOptions

    @Flag(help: "Compare only the sizes of files instead of reading them.")
    var quick = false

    package init() {}

    package func run() async throws {
        let options: [Setting: String?] = [
            .data: self.data,
            .database: self.database,
            .blobs: self.blobs,
        ]
        let settings = try await CommandFailure.reporting {
            try await SettingsReader(options, self.objectStore.values, filePath: nil).settings()
        }
        let path = settings.dataPath
        let report: DataFolderInspection.Report
        do {
            report = try await Self.inspect(settings, self.quick ? .sizes : .contents)
        } catch let error as MartletError {
            print("cannot check \(path): \(error.message)")
            throw ExitCode.failure
        }
        Self.show(report, path)
        if !report.isHealthy { throw ExitCode.failure }
    }

    private static func inspect(
        _ settings: ServerSettings,
        _ depth: ArtifactInspection.Depth
    ) async throws -> DataFolderInspection.Report {
        let store = try await ServerStore.openExisting(settings)
        do {
            let report = try await DataFolderInspection(store).run(depth)
            try await store.close()
            return report
        } catch {
            // What went wrong first is what to tell.
            try? await store.close()
            throw error
        }
    }

    private static func show(_ report: DataFolderInspection.Report, _ path: String) {
        for problem in report.databaseProblems { print("DAMAGED   database: \(problem)") }
        for problem in report.registryProblems { print("DAMAGED   \(problem)") }
        for finding in report.findings { print(finding.line) }
        let verdict = report.isHealthy ? "is healthy" : "is damaged"
        print(
            "\(path) \(verdict): \(report.intactBlobs) stored files and \(report.intactVersions) versions are as they "
                + "should be, of a ledger of \(report.ledgerEntries) entries."
        )
    }
}

extension ArtifactFinding {
    fileprivate var line: String {
        switch self {
        case .missing(let blob): "MISSING   \(blob.digest) (\(blob.size) bytes)"
        case .wrongSize(let blob, let found): "DAMAGED   \(blob.digest): \(found) bytes instead of \(blob.size)"
        case .damaged(let blob): "DAMAGED   \(blob.digest): the bytes are no longer what they were"
        case .missingPart(let part): "MISSING   part \(part.rawValue) of an upload under way"
        case .unnamed(let blob): "leftover  \(blob.digest): no artifact names it (\(blob.size) bytes)"
        case .leftover(let part): "leftover  \(part.rawValue): a file that was never completed"
        }
    }
}
