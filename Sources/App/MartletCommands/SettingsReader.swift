import ArgumentParser
import Configuration
import Logging
import MartletCore
import MartletServer
import MartletSupervisor

/// Settles each setting: an option wins over an environment variable, that over the file, that over the default.
struct SettingsReader {
    private let config: ConfigReader

    /// - Parameters:
    ///   - options: What the command line says; `nil` where it says nothing.
    ///   - filePath: The file that the command line names; without one the environment may.
    init(_ options: [Setting: String?]..., filePath: String?) async throws {
        let options = options.reduce(into: [:]) { $0.merge($1) { $1 } }.compactMapValues { $0 }
        let environment = EnvironmentVariablesProvider().prefixKeys(with: "martlet")
        var providers: [any ConfigProvider] = [Self.provider("options", options), environment]
        if let path = filePath ?? ConfigReader(provider: environment).string(forKey: "config") {
            providers.append(Self.provider("file", try SettingsFile(path: path).values))
        }
        let defaults = Setting.allCases.compactMap { setting in setting.defaultValue.map { (setting, $0) } }
        providers.append(Self.provider("defaults", Dictionary(uniqueKeysWithValues: defaults)))
        self.config = ConfigReader(providers: providers)
    }

    func settings() throws -> ServerSettings {
        let level = try self.config.requiredString(forKey: Setting.logLevel.key)
        guard let logLevel = Logger.Level(rawValue: level) else {
            throw ValidationError("'\(level)' is not a value for logLevel: write info or debug, for example")
        }
        return ServerSettings(
            dataPath: try self.config.requiredString(forKey: Setting.data.key),
            database: try self.database(),
            ledgerKey: LedgerKeySettings(path: self.text(.ledgerKey)),
            host: try self.config.requiredString(forKey: Setting.host.key),
            port: try self.integer(.port, in: 0...65_535),
            logLevel: logLevel,
            jsonBodyBytesMax: try self.integer(.jsonBodyMaxBytes, in: 1...Int.max),
            artifactBytesMax: self.text(.artifactMaxBytes) == nil
                ? nil : try self.integer(.artifactMaxBytes, in: 1...Int.max),
            allowedHosts: self.list(.allowedHosts),
            blobs: try self.blobSettings(),
            webhooks: try self.webhooks(),
            decisionPeriod: try self.span(.decisionPeriod),
            trafficDays: try self.integer(.trafficDays, in: 1...3_650),
            supervision: try self.supervision(),
            drainSeconds: try self.drainSeconds()
        )
    }

    private func drainSeconds() throws -> Int { try self.integer(.drainSeconds, in: 0...86_400) }

    private func webhooks() throws -> WebhookSettings {
        let settings = WebhookSettings(
            allowedTargets: self.list(.webhookAllowedTargets) ?? [],
            attempts: try self.integer(.webhookAttempts, in: 1...100),
            timeoutSeconds: try self.integer(.webhookTimeoutSeconds, in: 1...600),
            authorityFile: self.text(.webhookAuthorityFile)
        )
        try self.naming(.webhookAllowedTargets) { () throws(MartletError) in try settings.checkAllowedTargets() }
        return settings
    }

    /// `nil` where the server runs nothing by itself. What is wrong is said all the same, and not only on the day when
    /// somebody turns it on.
    private func supervision() throws -> SupervisionSettings? {
        let isOn = try self.boolean(.supervise) ?? false
        let healthPath = try self.config.requiredString(forKey: Setting.superviseHealthPath.key)
        guard healthPath.hasPrefix("/") else {
            throw ValidationError("'\(healthPath)' is not a value for superviseHealthPath: a path begins with /")
        }
        let memoryBytesMax = try self.text(.superviseMemoryMaxBytes).map { _ in
            Int64(try self.integer(.superviseMemoryMaxBytes, in: 1...Int.max))
        }
        let healthSeconds = try self.integer(.superviseHealthSeconds, in: 0...86_400)
        let settings = SupervisorSettings(
            command: try self.command(),
            ports: try self.ports(.supervisePorts),
            healthPath: healthPath,
            startTimeout: .seconds(try self.integer(.superviseStartSeconds, in: 1...86_400)),
            stopTimeout: .seconds(try self.integer(.superviseStopSeconds, in: 1...3_600)),
            warmTime: .seconds(try self.integer(.superviseWarmSeconds, in: 0...604_800)),
            drainTime: .seconds(try self.drainSeconds()),
            healthPeriod: healthSeconds == 0 ? nil : .seconds(healthSeconds),
            memoryBytesMax: memoryBytesMax,
            limits: ProcessLimits(
                openFilesMax: try self.integer(.superviseOpenFilesMax, in: 16...1_048_576),
                niceness: try self.integer(.superviseNiceness, in: 0...19)
            ),
            environment: self.list(.superviseEnvironment) ?? []
        )
        // Itself, also when another program has taken its place on the disk.
        return isOn ? SupervisionSettings(processes: settings, program: "/proc/self/exe") : nil
    }

    private func command() throws -> CommandTemplate {
        let text = try self.config.requiredString(forKey: Setting.superviseCommand.key)
        return try self.naming(.superviseCommand) { () throws(MartletError) in try CommandTemplate(text) }
    }

    private func ports(_ setting: Setting) throws -> ClosedRange<Int> {
        let text = try self.config.requiredString(forKey: setting.key)
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        let ends = parts.compactMap { Int($0) }
        guard parts.count == 2, ends.count == 2, ends[0] >= 1, ends[0] <= ends[1], ends[1] <= 65_535 else {
            throw ValidationError("'\(text)' is not a value for \(setting.rawValue): write FIRST-LAST")
        }
        return ends[0]...ends[1]
    }

    func blobSettings() throws -> BlobSettings {
        BlobSettings(
            url: self.text(.blobs),
            endpoint: self.text(.s3Endpoint),
            region: self.text(.s3Region),
            isPathStyle: try self.boolean(.s3PathStyle),
            redirectsDownloads: try self.boolean(.s3RedirectDownloads) ?? false,
            takesDirectUploads: try self.boolean(.s3DirectUploads) ?? false
        )
    }

    private func database() throws -> DatabaseServer? {
        let connections = try self.integer(.databaseConnections, in: DatabaseServer.connectionsMin...1_000)
        guard let text = self.text(.database) else { return nil }
        guard let server = DatabaseServer(text, connections: connections) else {
            // Not the text itself: it may hold a password.
            throw ValidationError("the value for database is neither a postgres:// URL nor key=value pairs")
        }
        return server
    }

    private func list(_ setting: Setting) -> [String]? {
        self.text(setting)?.split(separator: ",").map { String($0.filter { !$0.isWhitespace }) }
    }

    private func text(_ setting: Setting) -> String? {
        self.config.string(forKey: setting.key)
    }

    private func span(_ setting: Setting) throws -> TimeSpan {
        try self.naming(setting) { () throws(MartletError) in try TimeSpan(validating: self.text(setting) ?? "") }
    }

    /// Says which setting it is that cannot be meant.
    private func naming<Value>(_ setting: Setting, _ read: () throws(MartletError) -> Value) throws -> Value {
        do throws(MartletError) { return try read() } catch {
            throw ValidationError("\(setting.rawValue): \(error.message)")
        }
    }

    private func integer(_ setting: Setting, in range: ClosedRange<Int>) throws -> Int {
        guard let text = self.text(setting), let value = Int(text), range.contains(value) else {
            throw ValidationError("'\(self.text(setting) ?? "")' is not a value for \(setting.rawValue)")
        }
        return value
    }

    private func boolean(_ setting: Setting) throws -> Bool? {
        guard let text = self.text(setting) else { return nil }
        guard let value = Bool(text.lowercased()) else {
            throw ValidationError("'\(text)' is not a value for \(setting.rawValue): write true or false")
        }
        return value
    }

    private static func provider(_ name: String, _ values: [Setting: String]) -> InMemoryProvider {
        InMemoryProvider(
            name: name,
            values: Dictionary(
                uniqueKeysWithValues: values.map { setting, value in
                    (AbsoluteConfigKey(setting.key), ConfigValue(.string(value), isSecret: false))
                }
            )
        )
    }
}
