package import MartletCore
import MartletFiles
import NIOPosix

/// The two files of a journal, in a folder of its own, and the thread that writes them.
package final class JournalFiles: Sendable {
    private static let names = ["0", "1"]

    let files: [JournalFile]
    let thread = NIOThreadPool(numberOfThreads: 1)
    /// What an earlier process left, to be brought to its place before anything is appended.
    package let leftovers: [[UInt8]]

    /// Opens them, making the folder and them where there are none.
    package init(folder: String) throws(MartletError) {
        _ = try FileSystem.makeDirectory(folder)
        var files: [JournalFile] = []
        for name in Self.names { files.append(JournalFile(try PosixFile.openOrCreate("\(folder)/\(name)"))) }
        try FileSystem.synchronizeDirectory(folder)
        try FileSystem.synchronizeDirectory("\(folder)/..")
        self.files = files
        self.leftovers = try Self.records(in: files)
        self.thread.start()
    }

    /// Waits for what is being written.
    package func close() async {
        // It fails only for pools that are closed already.
        try? await self.thread.shutdownGracefully()
    }

    /// Returns what a process left in a folder's journal; nothing where there is none.
    package static func leftovers(in folder: String) throws(MartletError) -> [[UInt8]] {
        var files: [JournalFile] = []
        for name in Self.names {
            if let file = try PosixFile.open("\(folder)/\(name)") { files.append(JournalFile(file)) }
        }
        return try self.records(in: files)
    }

    private static func records(in files: [JournalFile]) throws(MartletError) -> [[UInt8]] {
        var records: [[UInt8]] = []
        for file in files { records += try file.records() }
        return records
    }

    /// Forgets the leftovers, which are in their place.
    package func forgetLeftovers() throws(MartletError) {
        for file in self.files { try file.clear() }
    }
}
