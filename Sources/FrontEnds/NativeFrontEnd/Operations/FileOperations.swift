import HTTPTypes
import Hummingbird
import MartletArtifacts
import MartletCapture
import MartletCore
import MartletHTTP
import MartletRegistry
import MartletWire

/// What versions are made of: manifests, files, capture reports; and bytes on their way to become files.
struct FileOperations {
    private static let version = "/models/{model}/versions/{version}"

    let services: NativeServices
    /// How large a file may be; `nil` for as large as fits.
    let sizeMax: Int64?

    var all: [Operation] { self.content + self.blobs }

    private var content: [Operation] {
        [
            .get(
                "\(Self.version)/manifest",
                "getManifest",
                "Show the manifest; its SHA-256 is the version's digest",
                answer: .json(.any)
            ) { request throws(MartletError) in
                .text(try await self.manifestText(request), type: "application/json")
            },
            .get(
                "\(Self.version)/capture",
                "getCaptureReport",
                "Say what was captured of a version, and what is missing",
                answer: .json(.init(of: CaptureReport.self))
            ) { request throws(MartletError) in
                let measured = try await self.services.comparison.measurements(
                    of: try request.version(),
                    of: try request.model()
                )
                let manifest = try Manifest(bytes: Array(try await self.manifestText(request).utf8))
                return try .json(CaptureReport(manifest, measured.filter(\.isLate)))
            },
            .get(
                "\(Self.version)/files",
                "listFiles",
                "List the files of a version",
                answer: .json(.init(of: FileList.self))
            ) { request throws(MartletError) in
                // As the manifest spells it, which is how a `FileRecord` is spelt: there may be very many.
                let manifest = try await self.manifestText(request)
                return .text(#"{"files":\#(try Manifest.fileList(in: manifest))}"#, type: "application/json")
            },
            .get(
                "\(Self.version)/files/{path}",
                "getFile",
                "Download a file of a version, or a part of it",
                needs: .readArtifacts,
                answer: .bytes,
                run: self.download
            ),
        ]
    }

    private var blobs: [Operation] {
        [
            Operation(
                method: .head,
                path: "/blobs/{sha256}",
                name: "hasBlob",
                summary: "Ask whether bytes are stored already",
                permission: .readArtifacts
            ) { request throws(MartletError) in
                let digest = try BlobDigest(validating: try request.capture("sha256"))
                guard let size = try await self.services.artifacts.size(of: digest) else {
                    throw MartletError(.notFound, "The bytes \(digest) are not stored.")
                }
                return Response(status: .ok, headers: [.contentLength: String(size)])
            },
            .change(
                .put,
                "/blobs/{sha256}",
                "putBlob",
                "Store bytes for a version that is to be registered; they are kept for a day",
                needs: .writeArtifacts,
                body: .bytes,
                status: .noContent
            ) { request throws(MartletError) in
                let digest = try BlobDigest(validating: try request.capture("sha256"))
                let announced = request.request.headers[.contentLength].flatMap { Int64($0) }
                let file = IncomingFile(request.request.body, announcedSize: announced, sizeMax: self.sizeMax)
                try await self.services.artifacts.store(file, expecting: digest)
                return .noContent
            },
        ]
    }

    private func manifestText(_ request: NativeRequest) async throws(MartletError) -> String {
        try await self.services.versions.manifest(try request.version(), of: try request.model())
    }

    @Sendable private func download(_ request: NativeRequest) async throws(MartletError) -> Response {
        let version = try await self.services.versions.version(try request.version(), of: try request.model())
        guard let tree = version.seal?.tree else {
            throw MartletError(.notFound, "Version \(version.number) of '\(version.name)' has no sealed files.")
        }
        let rest = request.context.parameters.getCatchAll().joined(separator: "/")
        let path = SealedTree.path(of: try ArtifactPath(percentEncoded: rest), in: tree)
        let artifact = try await self.services.artifacts.artifact(at: path, in: .sealed)
        let artifacts = self.services.artifacts
        let download = FileDownload(artifact.path.name, size: artifact.size, digest: artifact.digest) {
            range throws(MartletError) in try await artifacts.read(artifact, range)
        }
        return try await download.response(to: request.request, logger: request.logger)
    }
}

extension CaptureReport {
    /// - Parameter late: Metrics that were logged after the version was sealed.
    init(_ manifest: Manifest, _ late: [MeasuredMetric]) {
        let captured = manifest.captured
        self.init(
            items: MartletRegistry.CaptureItem.allCases.map { item in
                let isCaptured = captured.contains(item)
                return MartletWire.CaptureItem(
                    name: item.rawValue,
                    isCaptured: isCaptured,
                    found: isCaptured ? manifest.summary(of: item) : item == .metric ? Self.summary(late) : nil,
                    remedy: isCaptured ? nil : item.remedy
                )
            },
            problems: manifest.problems.map { CaptureProblemRecord(path: $0.path, reason: $0.reason) }
        )
    }

    /// `nil` when there are none.
    private static func summary(_ late: [MeasuredMetric]) -> String? {
        guard !late.isEmpty else { return nil }
        return late.map { "\($0.name) = \($0.value.brief)" }.joined(separator: ", ") + ", logged after sealing"
    }
}
