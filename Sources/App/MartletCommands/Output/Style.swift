import FoundationEssentials
import Glibc

/// How texts look: with colours on a terminal, plain everywhere else.
package struct Style: Sendable {
    package static let plain = Style(isColoured: false)
    package static let coloured = Style(isColoured: true)

    package let isColoured: Bool

    /// What fits the stream `descriptor` (1 or 2) and the user's wishes (`https://no-color.org`).
    static func of(stream descriptor: Int32) -> Style {
        let environment = ProcessInfo.processInfo.environment
        let isWanted = (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
        return isWanted && isatty(descriptor) == 1 ? .coloured : .plain
    }

    func paint(_ cell: Cell) -> String {
        let text = Self.printable(cell.text)
        guard self.isColoured, let code = Self.code(cell.tone), !text.isEmpty else { return text }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }

    /// Replaces what could make a terminal do something: names and remarks come from anybody.
    static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: self.isControl) else { return text }
        let scalars = text.unicodeScalars.map { self.isControl($0) ? " " : $0 }
        return String(String.UnicodeScalarView(scalars))
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    private static func code(_ tone: Cell.Tone) -> String? {
        switch tone {
        case .plain: nil
        case .strong: "1"
        case .faint: "2"
        case .good: "32"
        case .bad: "31"
        case .warning: "33"
        }
    }
}
