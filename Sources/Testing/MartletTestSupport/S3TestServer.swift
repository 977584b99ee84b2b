import Foundation
import MartletCore
package import MartletS3
import MartletJSON

/// A real S3 server that nobody here wrote, for as long as this process lives.
package struct S3TestServer: Sendable {
    package enum Product: String, Sendable {
        case seaweedfs
        case seaweedfsWithTLS = "seaweedfs-tls"
        /// Checks signatures more strictly, and ignores conditions.
        case juicefs
    }

    package let endpoint: String
    /// What the same server listens on for what is not S3; empty where there is no such thing.
    package let filesOrigin: String
    /// The file of the authority that its certificate is from; empty when it has none.
    package let authorityFile: String
    package let bucket: String
    /// A prefix below which nobody may delete; SeaweedFS only.
    package let unremovablePrefix = "unremovable"
    package let credentials: S3Credentials
    /// Who may read and list, and no more.
    package let reader: S3Credentials

    /// Whether the tests that need such a server were ruled out on purpose.
    package static var isRuledOut: Bool { ProcessInfo.processInfo.environment["MARTLET_SKIP_S3"] == "1" }

    // Each is started when it is first asked for.
    private static let seaweedfs = Task { try await start(.seaweedfs) }
    private static let seaweedfsWithTLS = Task { try await start(.seaweedfsWithTLS) }
    private static let juicefs = Task { try await start(.juicefs) }

    /// Returns the server that all tests of this process share, when it is ready.
    package static func shared(_ product: Product) async throws -> S3TestServer {
        switch product {
        case .seaweedfs: try await self.seaweedfs.value
        case .seaweedfsWithTLS: try await self.seaweedfsWithTLS.value
        case .juicefs: try await self.juicefs.value
        }
    }

    /// Settings for a folder of its own in the bucket.
    package func settings(as credentials: S3Credentials? = nil, endpoint: String? = nil) -> S3Settings {
        let credentials = credentials ?? self.credentials
        var settings = S3Settings(
            url: "s3://\(self.bucket)/test-\(UUID().uuidString.lowercased())",
            endpoint: endpoint ?? self.endpoint,
            environment: [
                "AWS_ACCESS_KEY_ID": credentials.accessKey, "AWS_SECRET_ACCESS_KEY": credentials.secretKey,
            ],
            now: { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000)) }
        )
        // The machine is busy with all the other tests.
        settings.startPatience = .seconds(90)
        return settings
    }

    /// Installs and starts a server. It ends with its input, which this process keeps open.
    private static func start(_ product: Product) async throws -> S3TestServer {
        let scripts = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../Scripts")
        let python = try await self.firstLine(of: scripts.appending(path: "venv.sh"), ["s3"])
        let script = scripts.appending(path: "s3_server.py").path
        return try S3TestServer(try await self.firstLine(of: URL(filePath: python), [script, product.rawValue]))
    }

    private init(_ facts: String) throws {
        let root = try JSONDocument(parsing: Array(facts.utf8), depthMax: 4).root
        func fact(_ name: String) throws -> String {
            guard let text = root[name]?.string else { throw MartletError(.internal, "no server: '\(facts)'") }
            return text
        }
        self.endpoint = try fact("endpoint")
        self.filesOrigin = root["files"]?.string?.split(separator: "/buckets/").first.map(String.init) ?? ""
        self.authorityFile = root["authority"]?.string ?? ""
        self.bucket = try fact("bucket")
        self.credentials = S3Credentials(accessKey: try fact("accessKey"), secretKey: try fact("secretKey"))
        self.reader = S3Credentials(accessKey: try fact("readerAccessKey"), secretKey: try fact("readerSecretKey"))
    }

    /// What a program prints first; it may go on running.
    private static func firstLine(of program: URL, _ arguments: [String]) async throws -> String {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        // Closed by the end of this process, and by nothing before.
        _ = Unmanaged.passRetained(input)
        return await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var line = Data()
                while let byte = try? output.fileHandleForReading.read(upToCount: 1), byte.first != 0x0A {
                    guard !byte.isEmpty else { break }
                    line += byte
                }
                continuation.resume(returning: String(decoding: line, as: UTF8.self))
            }
        }
    }
}

extension S3Settings {
    /// Lends the store that the settings describe.
    package func withStore(_ body: (S3BlobStore) async throws -> Void) async throws {
        let store = try await S3BlobStore.open(self)
        do {
            try await body(store)
        } catch {
            try await store.close()
            throw error
        }
        try await store.close()
    }
}
