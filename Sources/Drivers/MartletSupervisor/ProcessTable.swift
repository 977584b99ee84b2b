import Glibc

/// What the system knows of processes, read from `/proc`.
///
/// What belongs to a backend is told by a variable in its environment, which every process passes on to those that it
/// starts, also to those that leave its group and its session.
enum ProcessTable {
    /// The variable's name.
    static let markName = "MARTLET_BACKEND"
    /// How often processes that were killed are looked for again: one that was about to start another may have done so.
    private static let sweepsMax = 50

    /// Kills every process with a mark that begins in a way, and returns how many there were.
    @discardableResult
    static func kill(marked prefix: String) -> Int {
        var count = 0
        for _ in 0..<self.sweepsMax {
            let found = self.processes(marked: prefix)
            guard !found.isEmpty else { break }
            count += found.count
            for process in found { Glibc.kill(process, SIGKILL) }
            usleep(2_000)
        }
        return count
    }

    static func exists(marked prefix: String) -> Bool { !self.processes(marked: prefix).isEmpty }

    /// Returns the memory of all processes with a mark: the pages of each, those that they share more than once.
    static func memoryBytes(marked mark: String) -> Int64 { self.memoryBytes(of: self.processes(marked: mark)) }

    /// Returns the memory of a process and of those below it; `nil` where the system does not say which these are.
    ///
    /// Cheap however many others there are, but without those that have left it by the death of what started them.
    static func memoryBytes(below process: pid_t) -> Int64? {
        self.family(of: process).map(self.memoryBytes)
    }

    private static func memoryBytes(of processes: [pid_t]) -> Int64 {
        let pageBytes = Int64(sysconf(Int32(_SC_PAGESIZE)))
        return processes.reduce(0) { sum, process in
            let fields = ProcFile.text("/proc/\(process)/statm").split(separator: " ")
            return sum + (fields.count > 1 ? (Int64(fields[1]) ?? 0) * pageBytes : 0)
        }
    }

    /// Whether anybody listens where a connection to a port of 127.0.0.1 may lead.
    static func isTaken(port: Int) -> Bool { !self.listeners(port: port).isEmpty }

    /// Whether everybody who listens there has a mark; false where nobody does.
    static func owns(port: Int, marked mark: String) -> Bool {
        let listeners = self.listeners(port: port)
        guard !listeners.isEmpty else { return false }
        let sockets = self.processes(marked: mark).reduce(into: Set<String>()) { sockets, process in
            let folder = "/proc/\(process)/fd"
            for name in ProcFile.names(in: folder) { sockets.insert(ProcFile.target(of: "\(folder)/\(name)")) }
        }
        return listeners.allSatisfy { sockets.contains("socket:[\($0)]") }
    }

    /// The children of this process that have ended, and whose end nobody has taken note of.
    static func deadChildren() -> [pid_t] {
        let parent = "\(getpid())"
        return ProcFile.names(in: "/proc").compactMap { pid_t($0) }.filter { process in
            // id (name) state parent; a name may have anything in it.
            let fields = ProcFile.text("/proc/\(process)/stat").split(separator: ")").last?.split(separator: " ") ?? []
            return fields.count > 1 && fields[0] == "Z" && fields[1] == parent
        }
    }

    private static func processes(marked prefix: String) -> [pid_t] {
        let wanted = Array("\(self.markName)=\(prefix)".utf8)
        return ProcFile.names(in: "/proc").compactMap { pid_t($0) }.filter { process in
            ProcFile.bytes("/proc/\(process)/environ").split(separator: 0).contains { $0.starts(with: wanted) }
        }
    }

    /// A process, its children, and theirs; each thread has children of its own.
    private static func family(of process: pid_t) -> [pid_t]? {
        guard access("/proc/self/task/\(getpid())/children", R_OK) == 0 else { return nil }
        var found = [process]
        var next = 0
        while next < found.count {
            let threads = "/proc/\(found[next])/task"
            for thread in ProcFile.names(in: threads) where pid_t(thread) != nil {
                found += ProcFile.text("\(threads)/\(thread)/children").split(separator: " ").compactMap { pid_t($0) }
            }
            next += 1
        }
        return found
    }

    /// The addresses whose listeners may answer at 127.0.0.1, as the system writes them: each word of four bytes in
    /// the order of this machine.
    private static let answeringAddresses: Set<String> = {
        let (any, loopback) = (Self.word(0), Self.word(0x7F00_0001))
        let zeros = any + any
        let mapped = zeros + Self.word(0xFFFF)
        return [any, loopback, zeros + zeros, mapped + any, mapped + loopback]
    }()

    private static func word(_ value: UInt32) -> String {
        let digits = String(value.bigEndian, radix: 16, uppercase: true)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// The sockets that listen where a connection to a port of 127.0.0.1 may lead, by their inodes.
    private static func listeners(port: Int) -> [Substring] {
        let listening = "0A"
        return ["/proc/net/tcp", "/proc/net/tcp6"].flatMap { path in
            ProcFile.text(path).split(separator: "\n").dropFirst().compactMap { line in
                // sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode
                let fields = line.split(separator: " ")
                guard fields.count > 9, fields[3] == listening else { return nil }
                let local = fields[1].split(separator: ":")
                guard local.count == 2, self.answeringAddresses.contains(String(local[0])) else { return nil }
                return Int(local[1], radix: 16) == port ? fields[9] : nil
            }
        }
    }
}

/// Files that the system makes up when they are read; gone ones are empty.
private enum ProcFile {
    static func bytes(_ path: String) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = read(file, &chunk, chunk.count)
            guard count > 0 else { return bytes }
            bytes.append(contentsOf: chunk.prefix(count))
        }
    }

    static func text(_ path: String) -> String { String(decoding: self.bytes(path), as: UTF8.self) }

    static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
            )
        }
        return names
    }

    static func target(of link: String) -> String {
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = buffer.withUnsafeMutableBytes { bytes in
            bytes.baseAddress.map { readlink(link, $0, bytes.count) } ?? 0
        }
        return count > 0 ? String(decoding: buffer.prefix(count), as: UTF8.self) : ""
    }
}
