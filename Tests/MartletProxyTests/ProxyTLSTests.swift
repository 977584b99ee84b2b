import Foundation
import MartletProxy
import MartletTestSupport
import NIOCore
import NIOHTTP1
import NIOSSL
import Testing

@Suite("Connections to backends over TLS")
struct ProxyTLSTests {
    @Test("a certificate must be the name's of the URL, and by somebody who is trusted")
    func certificate() async throws {
        try await withTemporaryFolder { folder in
            let file = try Self.makeCertificate(for: "localhost", in: folder)
            let context = try Self.context(folder)
            try await TestBackend.with(tls: context) { backend in
                var settings = ProxySettings()
                settings.authorityFile = file
                let trusting = try ProxyClient(settings: settings)
                let answer = try await ProxyClientTests.call(trusting, "https://localhost:\(backend.port)").run()
                #expect(answer.status == .ok)
                for (client, host) in [(trusting, "127.0.0.1"), (try ProxyClient(), "localhost")] {
                    await #expect(throws: ProxyFailure.self) {
                        _ = try await ProxyClientTests.call(client, "https://\(host):\(backend.port)").run()
                    }
                    client.close()
                }
            }
        }
    }

    private static func context(_ folder: String) throws -> NIOSSLContext {
        try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMFile("\(folder)/certificate.pem")
                    .map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(file: "\(folder)/key.pem", format: .pem))
            )
        )
    }

    /// Makes a certificate that is its own authority, with the system's own tool.
    private static func makeCertificate(for host: String, in folder: String) throws -> String {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-keyout", "\(folder)/key.pem", "-out", "\(folder)/certificate.pem", "-subj", "/CN=\(host)",
            "-addext", "subjectAltName=DNS:\(host)",
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return "\(folder)/certificate.pem"
    }
}
