/// A piece of text on a terminal, and what it means.
package struct Cell: Sendable, Hashable, ExpressibleByStringInterpolation {
    /// What a text means; a terminal shows it by colours.
    package enum Tone: Sendable, Hashable {
        case plain, strong, faint, good, bad, warning
    }

    package var text: String
    package var tone: Tone

    package init(_ text: String, _ tone: Tone = .plain) {
        self.text = text
        self.tone = tone
    }

    package init(stringLiteral text: String) {
        self.init(text)
    }

    package static func strong(_ text: String) -> Cell { Cell(text, .strong) }
    package static func faint(_ text: String) -> Cell { Cell(text, .faint) }
    package static func good(_ text: String) -> Cell { Cell(text, .good) }
    package static func bad(_ text: String) -> Cell { Cell(text, .bad) }
    package static func warning(_ text: String) -> Cell { Cell(text, .warning) }
}
