import Glibc
import Logging
import MartletCore
import MartletServer
import MartletTestSupport
import Testing

@Suite("A server for one command")
struct SocketServerTests {
    private struct Failure: Error {}

    private func server(_ path: String) -> MartletServer {
        MartletServer(
            settings: ServerSettings(dataPath: path, allowedHosts: ["*"]),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    @Test("it serves while a body runs, returns what that returns, and leaves the folder free for the next one")
    func repeated() async throws {
        try await withTemporaryFolder { path in
            for round in 1...3 {
                let value = try await self.server(path).serve(onSocket: "\(path)-socket") {
                    #expect(access("\(path)-socket", F_OK) == 0)
                    return round
                }
                #expect(value == round)
            }
            unlink("\(path)-socket")
        }
    }

    @Test("what a body throws comes out, and the folder is free")
    func failure() async throws {
        try await withTemporaryFolder { path in
            await #expect(throws: Failure.self) {
                try await self.server(path).serve(onSocket: "\(path)-socket") { throw Failure() }
            }
            unlink("\(path)-socket")
            let folder = try DataFolder(path: path)
            #expect(folder.path == path)
        }
    }

    @Test("a folder that another one has is refused")
    func folderInUse() async throws {
        try await withTemporaryFolder { path in
            let folder = try DataFolder(path: path)
            let code = try await errorCode {
                try await self.server(path).serve(onSocket: "\(path)-socket") {}
            }
            #expect(code == .conflict)
            #expect(folder.path == path)
        }
    }
}
