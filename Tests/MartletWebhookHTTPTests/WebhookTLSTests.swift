import Foundation
import MartletTestSupport
import MartletWebhookHTTP
import MartletWebhooks
import NIOSSL
import Testing

@Suite("Calling the receivers of webhooks over TLS")
struct WebhookTLSTests {
    @Test("a certificate must be the name's of the URL, though the call goes to an address")
    func certificate() async throws {
        try await Self.withCertificate(for: "receiver.example") { file, context in
            try await TestReceiver.with(.answers(200), tls: context) { receiver in
                let names: WebhookSenderTests.Names = { _ in ["127.0.0.1"] }
                let allowed = ["127.0.0.1"]
                let trusting = try WebhookSenderTests.sender(allowing: allowed, authorityFile: file, names: names)
                let url = "https://receiver.example:\(receiver.port)/"
                #expect(await trusting.send(try WebhookSenderTests.request(url)).isSuccess)
                let other = "https://another.example:\(receiver.port)/"
                #expect(Self.isRefused(await trusting.send(try WebhookSenderTests.request(other))))
                let stranger = try WebhookSenderTests.sender(allowing: allowed, names: names)
                #expect(Self.isRefused(await stranger.send(try WebhookSenderTests.request(url))))
                #expect(receiver.heads.count == 1)
            }
        }
    }

    @Test("a receiver that does not speak TLS is a failure")
    func plain() async throws {
        try await TestReceiver.with(.answers(200)) { receiver in
            let sender = try WebhookSenderTests.sender(allowing: ["127.0.0.1"], resolver: nil)
            let outcome = await sender.send(try WebhookSenderTests.request("https://127.0.0.1:\(receiver.port)/"))
            #expect(!outcome.isSuccess)
            #expect(receiver.heads.isEmpty)
        }
    }

    @Test("certificates that cannot be read are told of before anything is served")
    func missingFile() {
        #expect(throws: (any Error).self) {
            _ = try WebhookSenderTests.sender(authorityFile: "/nowhere/authority.pem", resolver: nil)
        }
    }

    private static func isRefused(_ outcome: WebhookOutcome) -> Bool {
        if case .failed(let reason) = outcome { reason.hasPrefix("TLS failed") } else { false }
    }

    /// Makes a certificate that is its own authority, with the system's own tool.
    private static func withCertificate(
        for host: String,
        _ body: (_ file: String, _ context: NIOSSLContext) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let (key, certificate) = ("\(folder)/key.pem", "\(folder)/certificate.pem")
            let arguments = [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-keyout", key, "-out", certificate, "-subj", "/CN=\(host)", "-addext", "subjectAltName=DNS:\(host)",
            ]
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/openssl")
            process.arguments = arguments
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            let configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))
            )
            try await body(certificate, try NIOSSLContext(configuration: configuration))
        }
    }
}
