/// Where a server keeps the bytes of artifacts.
package struct BlobSettings: Sendable {
    /// `s3://BUCKET/PREFIX`; `nil` for the data folder.
    package var url: String?
    /// Who serves the bucket; `nil` for Amazon.
    package var endpoint: String?
    /// `nil` for what AWS's own settings say.
    package var region: String?
    /// Whether the bucket is a part of URLs' paths; `nil` for what the endpoint most likely understands.
    package var isPathStyle: Bool?

    /// Whether clients that download are sent to the object store, which they must be able to reach.
    package var redirectsDownloads: Bool
    /// Whether clients that upload in parts are sent there as well.
    package var takesDirectUploads: Bool

    package init(
        url: String? = nil,
        endpoint: String? = nil,
        region: String? = nil,
        isPathStyle: Bool? = nil,
        redirectsDownloads: Bool = false,
        takesDirectUploads: Bool = false
    ) {
        self.url = url
        self.endpoint = endpoint
        self.region = region
        self.isPathStyle = isPathStyle
        self.redirectsDownloads = redirectsDownloads
        self.takesDirectUploads = takesDirectUploads
    }
}
