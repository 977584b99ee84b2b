import Glibc
import MartletClient

/// Writes lines to a file or to the standard output.
final class LineWriter {
    private let file: UnsafeMutablePointer<FILE>

    init(path: String?) throws {
        guard let file = path.map({ fopen($0, "w") }) ?? fdopen(dup(STDOUT_FILENO), "w") else {
            throw MartletClientError(.fileSystem, "cannot write '\(path ?? "")': \(String(cString: strerror(errno)))")
        }
        self.file = file
    }

    /// What goes wrong is seen when the file is closed.
    func write(_ line: [UInt8]) {
        fwrite(line, 1, line.count, self.file)
        fputc(10, self.file)
    }

    func close() throws {
        let isWritten = fflush(self.file) == 0 && ferror(self.file) == 0 && fclose(self.file) == 0
        guard isWritten else { throw MartletClientError(.fileSystem, "the export could not be written completely") }
    }
}
