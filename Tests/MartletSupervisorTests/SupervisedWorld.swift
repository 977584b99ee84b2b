import AsyncHTTPClient
import FoundationEssentials
import Logging
import MartletBackends
import MartletCore
import MartletProxy
import MartletSupervisor
import NIOCore
import Testing

/// A supervisor that runs small programs, and a folder of its own.
struct SupervisedWorld {
    let supervisor: ProcessSupervisor
    let folder: String

    static let version = RunnableVersion(key: 1, model: "iris", number: 1, label: "iris@1.0.0")
    static let other = RunnableVersion(key: 2, model: "iris", number: 2, label: "iris@1.1.0")

    /// A program that answers every request with its own id, and `/stop` by ending with status 3.
    static let server = """
        import http.server, os, sys
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                if self.path == "/stop": os._exit(3)
                body = str(os.getpid()).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def log_message(self, *arguments): pass
        print("serving", sys.argv[1:], flush=True)
        http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
        """

    /// Runs a supervisor of a Python program while `body` takes.
    static func with(
        _ program: String = Self.server,
        _ change: (inout SupervisorSettings) -> Void = { _ in },
        _ body: @escaping @Sendable (SupervisedWorld) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "supervised-\(UUID())").path()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let script = "\(folder)/program.py"
        try Data(program.utf8).write(to: URL(filePath: script))
        var settings = SupervisorSettings(
            command: try CommandTemplate("python3 \(script) {port} {model} {version}"),
            startTimeout: .seconds(30),
            stopTimeout: .seconds(5)
        )
        change(&settings)
        let client = HTTPClient(eventLoopGroupProvider: .singleton)
        let supervisor = try ProcessSupervisor(
            settings,
            folder: "\(folder)/backends",
            probe: HTTPBackendProbe(client: client),
            meter: try ProxyClient(),
            presentName: { $0 },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let outcome = await withTaskGroup(of: Result<Void, any Error>?.self) { group in
            group.addTask {
                await supervisor.run(with: ["MLFLOW_TRACKING_URI": "http://127.0.0.1:5000"])
                return nil
            }
            group.addTask {
                do { return .success(try await body(Self(supervisor: supervisor, folder: folder))) } catch {
                    return .failure(error)
                }
            }
            let first = await group.next()
            group.cancelAll()
            await group.waitForAll()
            return first
        }
        #expect(ProcessSupervisor.endOrphans(of: supervisor.mark) == 0, "a process has outlived its supervisor")
        try await client.shutdown()
        try FileManager.default.removeItem(atPath: folder)
        try outcome??.get()
    }

    func report(_ version: RunnableVersion = Self.version, lines: Int = 0) -> BackendReport? {
        self.supervisor.reports(lines: lines).first { $0.version == version }
    }

    /// What a version answers; `nil` when it does not.
    func ask(_ version: RunnableVersion = Self.version, _ path: String = "/") async -> String? {
        guard let url = self.supervisor.url(of: version.key) else { return nil }
        do {
            let answer = try await HTTPClient.shared.execute(HTTPClientRequest(url: url + path), timeout: .seconds(5))
            return String(buffer: try await answer.body.collect(upTo: 1_000))
        } catch {
            return nil
        }
    }

    func wait(_ what: Comment, until isSo: () async -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while await !isSo() {
            guard ContinuousClock.now < deadline else {
                Issue.record(what)
                throw CancellationError()
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
