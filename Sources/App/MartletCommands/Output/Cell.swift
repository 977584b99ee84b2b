/// A piece of text on a terminal, and what it means.
struct Cell: Hashable, ExpressibleByStringInterpolation {
    /// What a text means; a terminal shows it by colours.
    enum Tone: Hashable {
        case plain, strong, faint, good, bad, warning
    }

    var text: String
    var tone: Tone

    init(_ text: String, _ tone: Tone = .plain) {
        self.text = text
        self.tone = tone
    }

    init(stringLiteral text: String) {
        self.init(text)
    }

    static func strong(_ text: String) -> Cell { Cell(text, .strong) }
    static func faint(_ text: String) -> Cell { Cell(text, .faint) }
    static func good(_ text: String) -> Cell { Cell(text, .good) }
    static func bad(_ text: String) -> Cell { Cell(text, .bad) }
    static func warning(_ text: String) -> Cell { Cell(text, .warning) }
}
