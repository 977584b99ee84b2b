import ArgumentParser
import Configuration
import MartletServer
import MartletSupervisor

/// One setting of the server: what it is called everywhere, what it means, what it is by default.
enum Setting: String, CaseIterable {
    case data, database, databaseConnections, blobs
    // A dot is a group in the file, and keeps the words of the variable apart.
    case s3Endpoint = "s3.endpoint"
    case s3Region = "s3.region"
    case s3PathStyle = "s3.pathStyle"
    case s3RedirectDownloads = "s3.redirectDownloads"
    case s3DirectUploads = "s3.directUploads"
    case webhookAllowedTargets, webhookAttempts, webhookTimeoutSeconds, webhookAuthorityFile
    case decisionPeriod, trafficDays
    case supervise, superviseCommand, supervisePorts, superviseHealthPath, superviseStartSeconds, superviseStopSeconds
    case superviseWarmSeconds, superviseHealthSeconds, superviseMemoryMaxBytes, superviseOpenFilesMax,
        superviseNiceness, superviseEnvironment
    case drainSeconds
    case ledgerKey, host, port, allowedHosts, logLevel, jsonBodyMaxBytes, artifactMaxBytes

    var key: ConfigKey { ConfigKey(self.rawValue) }

    /// The value that holds when nobody says anything; `nil` when there is none.
    var defaultValue: String? {
        switch self {
        case .data: "./martlet-data"
        case .databaseConnections: "\(DatabaseServer.defaultConnections)"
        case .host: "127.0.0.1"
        case .port: "5000"
        case .logLevel: "info"
        case .jsonBodyMaxBytes: "67108864"
        case .s3RedirectDownloads, .s3DirectUploads: "false"
        case .decisionPeriod: "1h"
        case .trafficDays: "\(ServerSettings.defaultTrafficDays)"
        case .webhookAttempts: "\(WebhookSettings.defaultAttempts)"
        case .webhookTimeoutSeconds: "\(WebhookSettings.defaultTimeoutSeconds)"
        case .supervise: "false"
        case .superviseCommand: SupervisorSettings().command.text
        case .supervisePorts: "20000-29999"
        case .superviseHealthPath: SupervisorSettings().healthPath
        case .superviseStartSeconds: "120"
        case .superviseStopSeconds: "20"
        case .superviseWarmSeconds: "600"
        case .superviseHealthSeconds: "10"
        case .drainSeconds: "\(ServerSettings.defaultDrainSeconds)"
        case .superviseOpenFilesMax: "4096"
        case .superviseNiceness: "0"
        case .database, .blobs, .s3Endpoint, .s3Region, .s3PathStyle, .ledgerKey, .allowedHosts, .artifactMaxBytes,
            .webhookAllowedTargets, .webhookAuthorityFile, .superviseMemoryMaxBytes, .superviseEnvironment:
            nil
        }
    }

    /// Whether it has several values, with commas between; a file may have a list of texts.
    var isList: Bool {
        switch self {
        case .allowedHosts, .webhookAllowedTargets, .superviseEnvironment: true
        default: false
        }
    }

    var help: ArgumentHelp {
        let ending = "(default: \(self.defaultValue ?? self.meaningOfNoValue))"
        return "\(self.meaning) [env: \(self.variable)] \(ending)"
    }

    private var meaningOfNoValue: String {
        switch self {
        case .database: "SQLite in the data folder"
        case .blobs: "the data folder"
        case .s3Endpoint: "Amazon's"
        case .s3Region: "AWS_REGION, or the profile's, or us-east-1"
        case .s3PathStyle: "true with an endpoint, otherwise false"
        case .ledgerKey: "ledger-key in the data folder"
        case .allowedHosts: "localhost on a loopback address, otherwise any"
        case .webhookAllowedTargets: "public addresses over https only"
        case .webhookAuthorityFile: "the system's certificates only"
        case .superviseEnvironment: "none"
        default: "no limit"
        }
    }

    private var meaning: String {
        switch self {
        case .data: "The folder that holds everything; made if it does not exist."
        case .database: "The PostgreSQL database that holds the rows: postgres://…, or key=value as libpq takes it."
        case .databaseConnections: "How many connections to it to keep, at least 5."
        case .blobs: "A place in an object store for the bytes of artifacts, as s3://BUCKET/PREFIX."
        case .s3Endpoint: "Who serves the bucket, as http://HOST:PORT."
        case .s3Region: "Where the bucket is."
        case .s3PathStyle: "Whether the bucket is a part of URLs' paths instead of the host's name: true or false."
        case .s3RedirectDownloads: "Whether clients fetch artifacts from the object store itself: true or false."
        case .s3DirectUploads: "Whether uploads in parts go to the object store itself: true or false."
        case .webhookAllowedTargets:
            "Hosts, addresses and networks (10.0.0.0/8), with commas between, that webhooks may call though they are "
                + "not public, and by http."
        case .webhookAttempts: "How often a delivery to a webhook is tried before it is given up."
        case .webhookTimeoutSeconds: "How long one call of a webhook may take."
        case .webhookAuthorityFile: "A PEM file with certificates that webhooks may have besides the system's."
        case .decisionPeriod:
            "How long the times are whose records of decisions are sealed together, as in 10m or 1h."
        case .trafficDays: "How many days the counts of deployments' requests, and of their features, are kept."
        case .supervise: "Whether to run versions that are deployed without a URL: true or false."
        case .superviseCommand:
            "What is run for a version: a program and its arguments, which no shell reads, with {model}, {version} and "
                + "{port}."
        case .supervisePorts: "Where it may be told to listen, on 127.0.0.1."
        case .superviseHealthPath: "What is asked for to learn whether it is ready."
        case .superviseStartSeconds: "How long it may take until it is ready."
        case .superviseStopSeconds: "How long it may take to end after SIGTERM."
        case .superviseWarmSeconds: "How long it stays after nothing needs it any more."
        case .superviseHealthSeconds:
            "How often it is asked for that again; what then answers nothing is started anew. 0 for never."
        case .drainSeconds:
            "How long requests through the gateway may go on when their backend, or the server, is to end."
        case .superviseMemoryMaxBytes: "How much memory it may use with all that it starts; above it is ended."
        case .superviseOpenFilesMax: "How many files each of its processes may have open."
        case .superviseNiceness: "How much it gives way to other processes, from 0 to 19."
        case .superviseEnvironment:
            "Variables of the server's environment that it gets besides PATH, HOME and the like, with commas between."
        case .ledgerKey: "The file with the key that the ledger is signed with; servers that share a database share it."
        case .host: "The address to listen on."
        case .port: "The port to listen on; 0 lets the system choose."
        case .allowedHosts: "Names that clients may call the server by, with commas between; * for any."
        case .logLevel: "trace, debug, info, notice, warning, error or critical."
        case .jsonBodyMaxBytes: "The longest JSON request; longer ones get 413."
        case .artifactMaxBytes: "The longest artifact; longer ones get 413."
        }
    }

    private var variable: String {
        let words = self.rawValue.flatMap { $0 == "." ? "_" : $0.isUppercase ? "_\($0)" : $0.uppercased() }
        return "MARTLET_" + String(words)
    }
}
