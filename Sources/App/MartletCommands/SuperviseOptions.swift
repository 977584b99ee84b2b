import ArgumentParser

/// How versions are run, as options.
struct SuperviseOptions: ParsableArguments {
    @Flag(help: "Run versions that are deployed without a URL. [env: MARTLET_SUPERVISE=true]")
    var supervise = false

    @Option(help: Setting.superviseCommand.help)
    var superviseCommand: String?

    @Option(help: Setting.supervisePorts.help)
    var supervisePorts: String?

    @Option(help: Setting.superviseHealthPath.help)
    var superviseHealthPath: String?

    @Option(help: Setting.superviseStartSeconds.help)
    var superviseStartSeconds: Int?

    @Option(help: Setting.superviseStopSeconds.help)
    var superviseStopSeconds: Int?

    @Option(help: Setting.superviseWarmSeconds.help)
    var superviseWarmSeconds: Int?

    @Option(help: Setting.superviseHealthSeconds.help)
    var superviseHealthSeconds: Int?

    @Option(help: Setting.superviseMemoryMaxBytes.help)
    var superviseMemoryMaxBytes: Int?

    @Option(help: Setting.superviseOpenFilesMax.help)
    var superviseOpenFilesMax: Int?

    @Option(help: Setting.superviseNiceness.help)
    var superviseNiceness: Int?

    @Option(help: Setting.superviseEnvironment.help)
    var superviseEnvironment: String?

    var values: [Setting: String?] {
        [
            .supervise: self.supervise ? "true" : nil,
            .superviseCommand: self.superviseCommand,
            .supervisePorts: self.supervisePorts,
            .superviseHealthPath: self.superviseHealthPath,
            .superviseStartSeconds: self.superviseStartSeconds.map(String.init),
            .superviseStopSeconds: self.superviseStopSeconds.map(String.init),
            .superviseWarmSeconds: self.superviseWarmSeconds.map(String.init),
            .superviseHealthSeconds: self.superviseHealthSeconds.map(String.init),
            .superviseMemoryMaxBytes: self.superviseMemoryMaxBytes.map(String.init),
            .superviseOpenFilesMax: self.superviseOpenFilesMax.map(String.init),
            .superviseNiceness: self.superviseNiceness.map(String.init),
            .superviseEnvironment: self.superviseEnvironment,
        ]
    }
}
