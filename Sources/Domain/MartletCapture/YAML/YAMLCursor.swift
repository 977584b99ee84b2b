/// A place in a YAML text.
struct YAMLCursor {
    private let bytes: [UInt8]
    private(set) var position = 0
    /// Characters since the last line break.
    private(set) var column = 0
    private(set) var line = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Moves to the end of the line.
    mutating func skipLine() {
        while let character = self.peek(), !Self.isBreak(character) { self.advance() }
    }

    /// The character that stands so far behind the next one; `nil` at the end.
    func peek(_ offset: Int = 0) -> UInt8? {
        let index = self.position + offset
        return index < self.bytes.count ? self.bytes[index] : nil
    }

    /// Moves past so many characters, or to the end.
    mutating func advance(_ count: Int = 1) {
        for _ in 0..<count {
            guard let character = self.peek() else { return }
            self.position += 1
            if Self.isBreak(character) {
                self.column = 0
                self.line += 1
            } else if character & 0xC0 != 0x80 {
                self.column += 1
            }
        }
    }

    /// Whether a blank, a line break or the end of the text stands there.
    func isBlank(at offset: Int) -> Bool {
        guard let character = self.peek(offset) else { return true }
        return character == UInt8(ascii: " ") || character == UInt8(ascii: "\t") || Self.isBreak(character)
    }

    /// Whether `---` or `...` stands there, alone.
    var isDocumentMarker: Bool {
        guard let first = self.peek(), first == UInt8(ascii: "-") || first == UInt8(ascii: ".") else { return false }
        return self.peek(1) == first && self.peek(2) == first && self.isBlank(at: 3)
    }

    static func isBreak(_ character: UInt8) -> Bool {
        character == UInt8(ascii: "\n") || character == UInt8(ascii: "\r")
    }
}
