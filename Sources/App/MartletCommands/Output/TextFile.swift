import FoundationEssentials
import MartletClient

/// Small files of text.
enum TextFile {
    static func read(_ path: String) throws -> String {
        // Why it cannot be read is seldom said better.
        guard let data = try? Data(contentsOf: URL(filePath: path)) else {
            throw MartletClientError(.fileSystem, "cannot read '\(path)'")
        }
        return String(decoding: data, as: UTF8.self)
    }

    static func readStandardInput() -> String {
        var text = ""
        while let line = readLine(strippingNewline: false) { text += line }
        return text
    }

    /// Replaces the file as a whole, or leaves it as it is.
    static func write(_ text: String, to path: String) throws {
        do {
            try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw MartletClientError(.fileSystem, "cannot write '\(path)'")
        }
    }
}
