import MartletClient

/// Shows on the standard error stream how far a transfer is.
final class ProgressLine: Sendable {
    private let verb: String
    private let line: StatusLine

    /// - Parameter verb: What is done to the files, as in `sent`.
    init(_ verb: String, isSilent: Bool) {
        self.verb = verb
        self.line = StatusLine(isSilent: isSilent)
    }

    /// Shows how far it is, unless it was shown just now.
    func show(_ progress: TransferProgress) { self.line.show(Self.text(progress, self.verb)) }

    /// Removes the line.
    func clear() { self.line.clear() }

    static func text(_ progress: TransferProgress, _ verb: String) -> String {
        let verb = progress.phase == .checking ? "checked" : verb
        let files = "\(progress.filesDone) of \(Amount.count(progress.filesTotal, "file")) \(verb)"
        guard progress.bytesTotal > 0 else { return files }
        let percent = progress.bytesDone * 100 / progress.bytesTotal
        return "\(files), \(Amount.bytes(progress.bytesDone)) of \(Amount.bytes(progress.bytesTotal)) (\(percent) %)"
    }
}
