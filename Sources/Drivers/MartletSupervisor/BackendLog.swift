import Glibc
import MartletCore

/// What a process has said, in a file that stays short: from time to time it is put beside and begun anew.
struct BackendLog: Sendable {
    private static let tailBytes = 64 << 10

    let path: String
    let bytesMax: Int64

    /// Opens it for a process to write to, begun anew when it is too long; the caller closes it.
    func open() throws(MartletError) -> Int32 {
        self.trim()
        let file = Glibc.open(self.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw MartletError(.unavailable, "cannot open '\(self.path)': \(String(cString: strerror(errno)))")
        }
        return file
    }

    /// Begins anew when it is too long. The process goes on writing to the same file, so the old one is a copy; what is
    /// written in between is lost.
    func trim() {
        let file = Glibc.open(self.path, O_RDWR | O_CLOEXEC)
        guard file >= 0 else { return }
        defer { close(file) }
        let length = lseek(file, 0, SEEK_END)
        guard length > self.bytesMax else { return }
        let old = Glibc.open("\(self.path).old", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard old >= 0 else { return }
        defer { close(old) }
        var start = length - off_t(self.bytesMax)
        while start < length, sendfile(old, file, &start, Int(length - start)) > 0 {}
        ftruncate(file, 0)
    }

    /// Returns the last lines, the oldest first.
    func lastLines(_ count: Int) -> [String] {
        guard count > 0 else { return [] }
        let file = Glibc.open(self.path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        let length = lseek(file, 0, SEEK_END)
        var bytes = [UInt8](repeating: 0, count: Self.tailBytes)
        let read = pread(file, &bytes, bytes.count, max(0, length - off_t(bytes.count)))
        let text = String(decoding: bytes.prefix(max(read, 0)), as: UTF8.self)
        return text.split(whereSeparator: \.isNewline).suffix(count).map(String.init)
    }
}
