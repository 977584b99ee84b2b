import FoundationEssentials
import Glibc
import MartletClient

/// Small files of text.
enum TextFile {
    static func read(_ path: String) throws -> String {
        // Why it cannot be read is seldom said better.
        guard let bytes = self.bytes(of: path) else { throw MartletClientError(.fileSystem, "cannot read '\(path)'") }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads also what is no file, such as the end of a pipe that a shell gives a name.
    private static func bytes(of path: String) -> [UInt8]? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&piece, 1, piece.count, file)
            bytes += piece[..<count]
            if count == 0 { return ferror(file) == 0 ? bytes : nil }
        }
    }

    /// Reads a file that an argument names, or the standard input where that is `-`.
    static func readArgument(_ path: String) throws -> String {
        path == "-" ? self.readStandardInput() : try self.read(path)
    }

    private static func readStandardInput() -> String {
        var text = ""
        while let line = readLine(strippingNewline: false) { text += line }
        return text
    }

    /// Replaces the file as a whole, or leaves it as it is. What is no file, such as `/dev/stdout`, is written to.
    static func write(_ text: String, to path: String) throws {
        let isReplaced = Self.isFileOrAbsent(path)
        let draft = isReplaced ? "\(path).\(getpid()).new" : path
        let isWritten = Self.put(text, into: draft) && (!isReplaced || rename(draft, path) == 0)
        guard isWritten else {
            let reason = String(cString: strerror(errno))
            if isReplaced { unlink(draft) }
            throw MartletClientError(.fileSystem, "cannot write '\(path)': \(reason)")
        }
    }

    private static func isFileOrAbsent(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG
    }

    /// Returns whether all is on the disk; `errno` says why not.
    private static func put(_ text: String, into path: String) -> Bool {
        guard let file = fopen(path, "we") else { return false }
        let isWritten = fputs(text, file) >= 0 && fflush(file) == 0
        // What is no file of a disk cannot be synchronised, and need not be.
        let isDurable = isWritten && (fsync(fileno(file)) == 0 || errno == EINVAL || errno == EROFS)
        return fclose(file) == 0 && isDurable
    }
}
