package import ArgumentParser
import Configuration
import Glibc
import Logging
import MartletCore
import MartletServer
import NIOCore

/// `martlet serve`
package struct ServeCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve MLflow clients from one data folder, with no other process.",
        discussion: """
            Each setting can also be given as an environment variable or in a JSON file (--config FILE), whose \
            members are called like the options without dashes: {"data": "/srv/martlet", "jsonBodyMaxBytes": 1000000}. \
            A dot in the name of a setting is an object of its own ({"s3": {"pathStyle": true}}); what has several \
            values may be a list of texts. A member that is no setting is refused. An option wins over a variable, a \
            variable over the file.
            """
    )

    @Option(help: Setting.data.help)
    var data: String?

    @Option(help: Setting.database.help)
    var database: String?

    @Option(help: Setting.databaseConnections.help)
    var databaseConnections: Int?

    @Option(help: Setting.blobs.help)
    var blobs: String?

    @OptionGroup var objectStore: ObjectStoreOptions

    @Option(help: Setting.s3RedirectDownloads.help)
    var s3RedirectDownloads: String?

    @Option(help: Setting.s3DirectUploads.help)
    var s3DirectUploads: String?

    @OptionGroup var webhooks: WebhookOptions

    @Option(help: Setting.decisionPeriod.help)
    var decisionPeriod: String?

    @Option(help: Setting.trafficDays.help)
    var trafficDays: Int?

    @OptionGroup(title: "Versions that the server runs") var supervision: SuperviseOptions

    @Option(help: Setting.drainSeconds.help)
    var drainSeconds: Int?

    @Option(help: Setting.ledgerKey.help)
    var ledgerKey: String?

    @Flag(help: "Make a new ledger key though the ledger was signed with one that is not here.")
    var newLedgerKey = false

    @Option(help: Setting.host.help)
    var host: String?

    @Option(help: Setting.port.help)
    var port: Int?

    @Option(help: Setting.allowedHosts.help)
    var allowedHosts: String?

    @Option(help: Setting.logLevel.help)
    var logLevel: String?

    @Option(help: Setting.jsonBodyMaxBytes.help)
    var jsonBodyMaxBytes: Int?

    @Option(help: Setting.artifactMaxBytes.help)
    var artifactMaxBytes: Int?

    @Option(help: "A JSON file with settings. [env: MARTLET_CONFIG]")
    var config: String?

    package init() {}

    package func run() async throws {
        let settings = try await CommandFailure.reporting { try await self.settings() }
        LoggingSystem.bootstrap(StreamLogHandler.standardError(label:))
        var logger = Logger(label: "martlet")
        logger.logLevel = settings.logLevel
        do {
            try await MartletServer(settings: settings, logger: logger).run { port in
                Self.greet(settings, port: port)
            }
        } catch let error as MartletError {
            logger.critical("cannot serve", metadata: ["reason": "\(error.message)"])
            throw ExitCode.failure
        } catch let error as IOError {
            let place = "\(settings.host):\(settings.port)"
            logger.critical("cannot listen", metadata: ["address": "\(place)", "reason": "\(Self.reason(error))"])
            throw ExitCode.failure
        }
    }

    /// Why nobody can listen there, and what to change.
    private static func reason(_ error: IOError) -> String {
        let reason = String(cString: strerror(error.errnoCode))
        switch error.errnoCode {
        case EADDRINUSE: return "\(reason): choose another port with --port, or stop what listens there"
        case EACCES: return "\(reason): choose a port above 1023 with --port"
        case EADDRNOTAVAIL: return "\(reason): name an address of this machine with --host"
        default: return reason
        }
    }

    private func settings() async throws -> ServerSettings {
        let options: [Setting: String?] = [
            .data: self.data,
            .database: self.database,
            .databaseConnections: self.databaseConnections.map(String.init),
            .blobs: self.blobs,
            .s3RedirectDownloads: self.s3RedirectDownloads,
            .s3DirectUploads: self.s3DirectUploads,
            .decisionPeriod: self.decisionPeriod,
            .trafficDays: self.trafficDays.map(String.init),
            .drainSeconds: self.drainSeconds.map(String.init),
            .ledgerKey: self.ledgerKey,
            .host: self.host,
            .port: self.port.map(String.init),
            .allowedHosts: self.allowedHosts,
            .logLevel: self.logLevel,
            .jsonBodyMaxBytes: self.jsonBodyMaxBytes.map(String.init),
            .artifactMaxBytes: self.artifactMaxBytes.map(String.init),
        ]
        let (objectStore, webhooks) = (self.objectStore.values, self.webhooks.values)
        let supervision = self.supervision.values
        let reader = try await SettingsReader(options, objectStore, webhooks, supervision, filePath: self.config)
        var settings = try reader.settings()
        settings.ledgerKey.mayReplace = self.newLedgerKey
        return settings
    }

    private static func greet(_ settings: ServerSettings, port: Int) {
        let url = "http://\(settings.host):\(port)"
        print(
            """
            Martlet \(MartletVersion.text) serves \(settings.dataPath) at \(url)
            Next: export MLFLOW_TRACKING_URI=\(url)
            """
        )
        // Without it, whoever reads from a pipe or a file sees this when the server stops.
        fflush(nil)
    }
}
