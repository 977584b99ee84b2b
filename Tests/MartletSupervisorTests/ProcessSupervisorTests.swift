import FoundationEssentials
import Glibc
import MartletBackends
import MartletCore
import MartletSupervisor
import Testing

@Suite("Backends that are supervised", .serialized)
struct ProcessSupervisorTests {
    private let version = SupervisedWorld.version
    private let other = SupervisedWorld.other

    @Test("a version answers as soon as it is prepared, in an environment of its own")
    func prepared() async throws {
        setenv("SECRET_OF_THE_SERVER", "x", 1)
        try await SupervisedWorld.with { world in
            try await world.supervisor.prepare(self.version)
            let process = try #require(world.report()?.process)
            #expect(await world.ask() == "\(process)")
            let report = try #require(world.report(lines: 1))
            #expect(report.state == .ready)
            #expect(report.lines.first?.hasSuffix("'iris', '1']") == true)
            #expect((report.memoryBytes ?? 0) > 1_000_000)
            let environment = try String(
                decoding: Data(contentsOf: URL(filePath: "/proc/\(process)/environ")),
                as: UTF8.self
            )
            #expect(environment.contains("MLFLOW_TRACKING_URI=http://127.0.0.1:5000\0"))
            #expect(!environment.contains("SECRET_OF_THE_SERVER"))
            #expect(getsid(process) == process)
            let files = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd")
            #expect(files.count <= 5, "standard streams, the listener and what Python polls with: \(files)")
        }
    }

    @Test("one that dies comes back under another id, and others are not touched")
    func restarted() async throws {
        try await SupervisedWorld.with { world in
            world.supervisor.keep([self.version: 1_000, self.other: 1_000])
            try await world.wait("both answer") {
                guard await world.ask() != nil else { return false }
                return await world.ask(self.other) != nil
            }
            let (first, second) = (await world.ask(), await world.ask(self.other))
            kill(try #require(world.report()?.process), SIGKILL)
            try await world.wait("it is back") {
                let answer = await world.ask()
                return answer != nil && answer != first
            }
            #expect(await world.ask(self.other) == second)
            #expect(world.report()?.restarts == 1)
            #expect(world.report()?.trouble == nil)
        }
    }

    @Test("one that ends again and again is told as such, with the last it said, and is not kept")
    func crashLoop() async throws {
        let program = "import sys; print('no such model', flush=True); sys.exit(7)"
        try await SupervisedWorld.with(program, { $0.warmTime = .seconds(600) }) { world in
            let error = await #expect(throws: MartletError.self) {
                try await world.supervisor.prepare(self.version)
            }
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("status 7; the last it said: no such model") == true, "\(error as Any)")
            try await world.wait("it is gone") { world.report() == nil }
        }
    }

    @Test("one that something needs goes on being tried, ever more rarely, and is failing meanwhile")
    func failing() async throws {
        try await SupervisedWorld.with("raise SystemExit('never')") { world in
            world.supervisor.keep([self.version: 1_000])
            try await world.wait("it is failing") { world.report()?.state == .failing }
            #expect(world.supervisor.url(of: self.version.key) == nil)
            #expect(world.report(lines: 1)?.lines == ["never"])
        }
    }

    @Test("a program that is not there is a failure like any other")
    func missingProgram() async throws {
        try await SupervisedWorld.with(
            "",
            { settings in
                // It is text that can be read.
                settings.command = (try? CommandTemplate("no-such-program {port}")) ?? settings.command
            }
        ) { world in
            await #expect(throws: MartletError.self) { try await world.supervisor.prepare(self.version) }
        }
    }

    @Test("one that never gets ready is given up, and ends")
    func neverReady() async throws {
        try await SupervisedWorld.with("import time; time.sleep(1000)", { $0.startTimeout = .seconds(1) }) { world in
            let error = await #expect(throws: MartletError.self) {
                try await world.supervisor.prepare(self.version)
            }
            #expect(error?.message.contains("not ready") == true)
            try await world.wait("it is gone") { world.report() == nil }
        }
    }

    @Test("a port that somebody else listens on is not taken")
    func takenPort() async throws {
        try await Self.listening { port in
            try await SupervisedWorld.with(SupervisedWorld.server, { $0.ports = port...port }) { world in
                let error = await #expect(throws: MartletError.self) {
                    try await world.supervisor.prepare(self.version)
                }
                #expect(error?.message.contains("no port") == true)
            }
        }
    }

    @Test("the answers of another process on its port are not taken for its own")
    func strangerOnItsPort() async throws {
        let program = """
            import subprocess, sys, time
            stranger = '''
            import threading, os
            threading.Timer(4, os._exit, [0]).start()
            \(SupervisedWorld.server)
            '''
            subprocess.Popen([sys.executable, "-c", stranger, sys.argv[1]], env={})
            time.sleep(1000)
            """
        try await SupervisedWorld.with(program) { world in
            world.supervisor.keep([self.version: 1_000])
            try await world.wait("it is found out") {
                #expect(world.supervisor.url(of: self.version.key) == nil)
                return world.report()?.trouble?.contains("another process listens") == true
            }
        }
    }

    @Test("what nothing needs stays warm, is ready at once when it is wanted again, and ends at last")
    func warm() async throws {
        try await SupervisedWorld.with(SupervisedWorld.server, { $0.warmTime = .seconds(2) }) { world in
            world.supervisor.keep([self.version: 1_000])
            try await world.wait("it answers") { await world.ask() != nil }
            let first = await world.ask()
            world.supervisor.keep([:])
            #expect(world.report()?.isNeeded == false)
            try await Task.sleep(for: .milliseconds(500))
            #expect(await world.ask() == first)
            try await world.supervisor.prepare(self.version)
            world.supervisor.keep([self.version: 1_000])
            #expect(await world.ask() == first)
            world.supervisor.keep([:])
            try await world.wait("it has ended") { world.report() == nil }
        }
    }

    @Test("one that takes more memory than it may is ended, and starts anew")
    func memory() async throws {
        let program = """
            import threading, time
            hoard = []
            def grow():
                while True:
                    hoard.append(bytearray(8 << 20)); time.sleep(0.02)
            threading.Thread(target=grow, daemon=True).start()
            """ + "\n" + SupervisedWorld.server
        try await SupervisedWorld.with(program, { $0.memoryBytesMax = 100 << 20 }) { world in
            world.supervisor.keep([self.version: 1_000])
            try await world.wait("it was ended") { world.report()?.trouble?.contains("memory") == true }
        }
    }

    @Test("what it has started counts, and what that has started", arguments: [false, true])
    func memoryOfDescendants(isLeft: Bool) async throws {
        let hoard = "hoard = bytearray(150 << 20); import time; time.sleep(1000)"
        let ending = isLeft ? "" : "; import time; time.sleep(1000)"
        let program = """
            import subprocess, sys
            child = 'import subprocess, sys; subprocess.Popen([sys.executable, "-c", "\(hoard)"])\(ending)'
            subprocess.Popen([sys.executable, "-c", child])
            """ + "\n" + SupervisedWorld.server
        try await SupervisedWorld.with(program, { $0.memoryBytesMax = 100 << 20 }) { world in
            world.supervisor.keep([self.version: 1_000])
            try await world.wait("it was ended") { world.report()?.trouble?.contains("memory") == true }
        }
    }

    @Test("nothing that it has started outlives it, in whatever group or session")
    func descendants() async throws {
        let program = """
            import subprocess, sys
            subprocess.Popen(["sleep", "1000"], start_new_session=True)
            subprocess.Popen(["sh", "-c", "trap '' TERM; sleep 1000 & wait"])
            """ + "\n" + SupervisedWorld.server
        try await SupervisedWorld.with(program, { $0.stopTimeout = .milliseconds(200) }) { world in
            try await world.supervisor.prepare(self.version)
            kill(try #require(world.report()?.process), SIGKILL)
            try await world.wait("it is back") { world.report()?.restarts == 1 }
        }
    }

    @Test("a log that grows is begun anew")
    func log() async throws {
        let program = """
            import threading, time
            def talk():
                while True: print("x" * 99, flush=True); time.sleep(0.001)
            threading.Thread(target=talk, daemon=True).start()
            """ + "\n" + SupervisedWorld.server
        try await SupervisedWorld.with(program, { $0.logBytesMax = 20_000 }) { world in
            try await world.supervisor.prepare(self.version)
            let folder = "\(world.folder)/backends/1"
            try await world.wait("there is an old one, of that length") {
                let old = try? FileManager.default.attributesOfItem(atPath: "\(folder)/log.old")
                return old?[.size] as? Int == 20_000
            }
            try await world.wait("it goes on") { world.report(lines: 3)?.lines.count == 3 }
        }
    }

    /// Listens on a port while `body` takes.
    private static func listening(_ body: (Int) async throws -> Void) async throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = bind(listener, address, length)
                _ = getsockname(listener, address, &length)
            }
        }
        listen(listener, 1)
        try await body(Int(UInt16(bigEndian: address.sin_port)))
    }
}
