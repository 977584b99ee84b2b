package import Logging
package import MartletCore

/// Everything that can be said about a server before it starts.
package struct ServerSettings: Sendable {
    package var dataPath: String
    /// What has the rows; without one they are in the data folder.
    package var database: DatabaseServer?
    package var ledgerKey: LedgerKeySettings
    package var host: String
    /// 0 lets the system choose.
    package var port: Int
    package var logLevel: Logger.Level
    /// The longest JSON request.
    package var jsonBodyBytesMax: Int
    /// The longest artifact; `nil` for any length.
    package var artifactBytesMax: Int?
    /// The names that clients may call the server by, besides addresses; `["*"]` for any, `nil` to let the
    /// address that it listens on decide.
    package var allowedHosts: [String]?
    /// Where the bytes of artifacts are kept.
    package var blobs: BlobSettings
    /// How the receivers of webhooks are called.
    package var webhooks: WebhookSettings
    /// How long the times are whose records of decisions are sealed together.
    package var decisionPeriod: TimeSpan
    /// How long the counts of deployments' requests are kept.
    package var trafficDays: Int
    /// How versions without a URL are run; `nil` to run none.
    package var supervision: SupervisionSettings?
    /// How long requests through the gateway may go on when the server is to end.
    package var drainSeconds: Int

    package static let defaultDrainSeconds = 300
    package static let defaultDecisionPeriod = TimeSpan(milliseconds: 3_600_000)
    package static let defaultTrafficDays = 30
    package static let defaultJSONBodyBytesMax = 64 * 1_024 * 1_024

    package init(
        dataPath: String,
        database: DatabaseServer? = nil,
        ledgerKey: LedgerKeySettings = .init(),
        host: String = "127.0.0.1",
        port: Int = 5_000,
        logLevel: Logger.Level = .info,
        jsonBodyBytesMax: Int = Self.defaultJSONBodyBytesMax,
        artifactBytesMax: Int? = nil,
        allowedHosts: [String]? = nil,
        blobs: BlobSettings = BlobSettings(),
        webhooks: WebhookSettings = WebhookSettings(),
        decisionPeriod: TimeSpan = Self.defaultDecisionPeriod,
        trafficDays: Int = Self.defaultTrafficDays,
        supervision: SupervisionSettings? = nil,
        drainSeconds: Int = Self.defaultDrainSeconds
    ) {
        self.dataPath = dataPath
        self.database = database
        self.ledgerKey = ledgerKey
        self.host = host
        self.port = port
        self.logLevel = logLevel
        self.jsonBodyBytesMax = jsonBodyBytesMax
        self.artifactBytesMax = artifactBytesMax
        self.allowedHosts = allowedHosts
        self.blobs = blobs
        self.webhooks = webhooks
        self.decisionPeriod = decisionPeriod
        self.trafficDays = trafficDays
        self.supervision = supervision
        self.drainSeconds = drainSeconds
    }
}

extension ServerSettings {
    /// Where the server answers on its own machine.
    func url(port: Int) -> String {
        let host =
            switch self.host {
            case "0.0.0.0", "": "127.0.0.1"
            case "::": "[::1]"
            default: self.host.contains(":") ? "[\(self.host)]" : self.host
            }
        return "http://\(host):\(port)"
    }
}

/// Where the key is that the ledger is signed with.
package struct LedgerKeySettings: Sendable {
    /// `nil` for the data folder.
    package var path: String?
    /// Whether a new key may take the place of one that is missing, though servers share the ledger.
    package var mayReplace: Bool

    package init(path: String? = nil, mayReplace: Bool = false) {
        self.path = path
        self.mayReplace = mayReplace
    }
}
