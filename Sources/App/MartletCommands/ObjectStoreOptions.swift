import ArgumentParser

/// Which object store an address as `s3://BUCKET/PREFIX` is in.
struct ObjectStoreOptions: ParsableArguments {
    @Option(help: Setting.s3Endpoint.help)
    var s3Endpoint: String?

    @Option(help: Setting.s3Region.help)
    var s3Region: String?

    @Option(help: Setting.s3PathStyle.help)
    var s3PathStyle: String?

    /// What the command line says.
    var values: [Setting: String?] {
        [.s3Endpoint: self.s3Endpoint, .s3Region: self.s3Region, .s3PathStyle: self.s3PathStyle]
    }
}
