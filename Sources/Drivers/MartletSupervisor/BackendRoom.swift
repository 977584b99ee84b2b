import FoundationEssentials
import Glibc
import MartletCore
import Subprocess

/// The folder of a version that runs: its log, and the files that its processes may leave behind.
struct BackendRoom: Sendable {
    let path: String
    /// What is in the environment of all its processes, and of no others.
    let mark: String
    let log: BackendLog

    /// - Parameters:
    ///   - root: Of all the rooms of one server.
    ///   - runMark: What the marks of all rooms begin with for as long as that server runs.
    init(of key: Int64, below root: String, runMark: String, logBytesMax: Int64) {
        self.path = "\(root)/\(key)"
        self.mark = "\(runMark)\(key):"
        self.log = BackendLog(path: "\(root)/\(key)/log", bytesMax: logBytesMax)
    }

    private var temporaryPath: String { "\(self.path)/tmp" }

    /// Makes the folders.
    func prepare() throws(MartletError) {
        do {
            try FileManager.default.createDirectory(
                atPath: self.temporaryPath,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw MartletError(.unavailable, "cannot make the folder '\(self.temporaryPath)'", cause: error)
        }
    }

    /// Removes what processes have left behind, but not what they said.
    func clear() {
        // Without it there is nothing to remove.
        try? FileManager.default.removeItem(atPath: self.temporaryPath)
    }

    /// Removes everything.
    func remove() {
        // As above.
        try? FileManager.default.removeItem(atPath: self.path)
    }

    /// Returns the environment of its processes.
    func environment(besides others: [String: String]) -> [Environment.Key: String] {
        let own = [
            ProcessTable.markName: self.mark,
            "TMPDIR": self.temporaryPath,
            // A line of the log is there when it was said.
            "PYTHONUNBUFFERED": "1",
            // Python's setproctitle, which gunicorn uses, would write its titles over all that stands here.
            "SPT_NOENV": "1",
        ]
        let all = own.merging(others) { own, _ in own }
        return Dictionary(
            uniqueKeysWithValues: all.compactMap { name, value in Environment.Key(rawValue: name).map { ($0, value) } }
        )
    }
}
