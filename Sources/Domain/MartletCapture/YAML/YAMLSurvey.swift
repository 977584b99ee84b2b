internal import MartletCore

/// Looks over a YAML text before it is parsed, and refuses what could harm the parser.
///
/// Yams recurses once for each level of nesting, compares whole values when they are keys, and keeps some hundred bytes
/// for each value. So this counts values and levels first, which takes finding each token as libyaml's scanner does:
/// a bracket in a text is no list, and only the scanner's own rules say where a text ends. Wherever libyaml would fail,
/// it does not matter what is counted afterwards.
///
/// Refused, although it is YAML: directives, explicit keys (`? `), keys that are no texts, verbatim tags, aliases in
/// `[…]` and `{…}`, and line breaks beyond ASCII. No tool that we know writes them into these files.
struct YAMLSurvey {
    private let bytes: [UInt8]
    private var position = 0
    /// Characters since the last line break.
    private var column = 0
    private var line = 0
    /// The columns of the collections that are open, the innermost last.
    private var indents: [Int] = []
    private var flowLevel = 0
    private var isKeyAllowed = true
    /// Where a key would have begun, if a colon comes.
    private var key: (column: Int, line: Int, position: Int)?
    private var lastToken = Token.other
    private var tokens = 0

    private enum Token { case alias, closing, other }

    /// - Throws: `invalidArgument` for a text that must not be parsed.
    static func check(_ bytes: [UInt8]) throws(MartletError) {
        var survey = YAMLSurvey(bytes: bytes)
        while try survey.next() {}
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Moves past one token; `false` at the end of the text.
    private mutating func next() throws(MartletError) -> Bool {
        self.skipToToken()
        guard let character = self.peek() else { return false }
        if self.flowLevel == 0 { self.closeIndents(beyond: self.column) }
        self.tokens += 1
        guard self.tokens <= CaptureLimits.yamlValues else {
            throw .invalid("more than \(CaptureLimits.yamlValues) values")
        }
        if self.column == 0, self.isDocumentMarker { return try self.documentMarker() }
        let previous = self.lastToken
        self.lastToken = .other
        switch character {
        case UInt8(ascii: "["), UInt8(ascii: "{"): try self.open()
        case UInt8(ascii: "]") where self.flowLevel > 0, UInt8(ascii: "}") where self.flowLevel > 0: self.close()
        case UInt8(ascii: ",") where self.flowLevel > 0: self.advance()
        case UInt8(ascii: "-") where self.isBlank(at: 1): try self.entry()
        case UInt8(ascii: "?") where self.flowLevel > 0 || self.isBlank(at: 1):
            throw .invalid("a key is written with '?', which is not read")
        case UInt8(ascii: ":") where self.flowLevel > 0 || self.isBlank(at: 1): try self.colon(after: previous)
        case UInt8(ascii: "*"): try self.alias()
        case UInt8(ascii: "&"): self.anchor()
        case UInt8(ascii: "!"): try self.tag()
        case UInt8(ascii: "|") where self.flowLevel == 0, UInt8(ascii: ">") where self.flowLevel == 0:
            try self.blockText()
        case UInt8(ascii: "'"), UInt8(ascii: "\""): self.quoted(by: character)
        case UInt8(ascii: "|"), UInt8(ascii: ">"), UInt8(ascii: "%"), UInt8(ascii: "@"), UInt8(ascii: "`"),
            UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: "\t"):
            throw .invalid("not YAML: unexpected character in line \(self.line + 1)")
        default: self.plain()
        }
        return true
    }
}

/// What gives the text its structure.
extension YAMLSurvey {
    private mutating func open() throws(MartletError) {
        self.mayBeKey()
        self.flowLevel += 1
        self.isKeyAllowed = true
        try self.checkDepth()
        self.advance()
    }

    private mutating func close() {
        self.flowLevel -= 1
        self.isKeyAllowed = false
        self.lastToken = .closing
        self.advance()
    }

    private mutating func entry() throws(MartletError) {
        guard self.flowLevel == 0, self.isKeyAllowed else {
            throw .invalid("not YAML: unexpected '-' in line \(self.line + 1)")
        }
        try self.openIndent(at: self.column)
        self.key = nil
        self.isKeyAllowed = true
        self.advance()
    }

    private mutating func colon(after previous: Token) throws(MartletError) {
        guard previous == .other else { throw .invalid("a key in line \(self.line + 1) is not a text") }
        if self.flowLevel == 0 {
            guard let key = self.key, key.line == self.line, self.position - key.position <= 1_024 else {
                throw .invalid("not YAML: ':' without a key in line \(self.line + 1)")
            }
            try self.openIndent(at: key.column)
            self.key = nil
            self.isKeyAllowed = false
        }
        self.advance()
    }

    private mutating func documentMarker() throws(MartletError) -> Bool {
        guard self.flowLevel == 0 else { throw .invalid("not YAML: unexpected end in line \(self.line + 1)") }
        self.closeIndents(beyond: -1)
        self.key = nil
        self.isKeyAllowed = false
        self.lastToken = .other
        self.advance(3)
        return true
    }

    /// Notes that the token that begins here is a key if a colon follows it.
    private mutating func mayBeKey() {
        guard self.flowLevel == 0, self.isKeyAllowed else { return }
        self.key = (self.column, self.line, self.position)
    }

    private mutating func openIndent(at column: Int) throws(MartletError) {
        guard self.indents.last ?? -1 < column else { return }
        self.indents.append(column)
        try self.checkDepth()
    }

    private mutating func closeIndents(beyond column: Int) {
        while let last = self.indents.last, last > column { self.indents.removeLast() }
    }

    private func checkDepth() throws(MartletError) {
        guard self.indents.count + self.flowLevel <= CaptureLimits.depth else {
            throw .invalid("nested deeper than \(CaptureLimits.depth)")
        }
    }
}

/// What stands in it.
extension YAMLSurvey {
    private mutating func alias() throws(MartletError) {
        guard self.flowLevel == 0 else { throw .invalid("an alias in line \(self.line + 1) is not a value by itself") }
        self.anchor()
        self.lastToken = .alias
    }

    private mutating func anchor() {
        self.mayBeKey()
        self.isKeyAllowed = false
        self.advance()
        while let character = self.peek(), Self.isWord(character) { self.advance() }
    }

    private mutating func tag() throws(MartletError) {
        guard self.peek(1) != UInt8(ascii: "<") else {
            throw .invalid("a tag is written with '!<', which is not read")
        }
        self.mayBeKey()
        self.isKeyAllowed = false
        while !self.isBlank(at: 0), self.flowLevel == 0 || self.peek() != UInt8(ascii: ",") { self.advance() }
    }

    private mutating func quoted(by quote: UInt8) {
        self.mayBeKey()
        self.isKeyAllowed = false
        self.advance()
        while let character = self.peek() {
            self.advance()
            if character == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                self.advance()
            } else if character == quote {
                guard quote == UInt8(ascii: "'"), self.peek() == quote else { return }
                self.advance()
            }
        }
    }

    private mutating func plain() {
        self.mayBeKey()
        self.isKeyAllowed = false
        let indent = (self.indents.last ?? -1) + 1
        while true {
            if self.column == 0, self.isDocumentMarker { return }
            if self.peek() == UInt8(ascii: "#") { return }
            while !self.isBlank(at: 0), !self.endsPlain {
                self.isKeyAllowed = false
                self.advance()
            }
            guard self.peek() != nil, self.isBlank(at: 0) else { return }
            let start = self.line
            while self.peek() != nil, self.isBlank(at: 0) { self.advance() }
            // libyaml allows a key after a text only where the text was the last of its line.
            self.isKeyAllowed = self.line > start
            if self.flowLevel == 0, self.column < indent { return }
        }
    }

    private var endsPlain: Bool {
        switch self.peek() {
        case UInt8(ascii: ":"): self.isBlank(at: 1)
        case UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"):
            self.flowLevel > 0
        default: false
        }
    }

    /// Moves past a literal or folded text, which ends where a line is less indented.
    private mutating func blockText() throws(MartletError) {
        self.key = nil
        self.advance()
        var increment = 0
        for _ in 0..<2 {
            guard let character = self.peek() else { break }
            if let digit = Character(UnicodeScalar(character)).wholeNumberValue, increment == 0 {
                increment = digit
            } else if character != UInt8(ascii: "+"), character != UInt8(ascii: "-") {
                break
            }
            self.advance()
        }
        while self.peek() == UInt8(ascii: " ") || self.peek() == UInt8(ascii: "\t") { self.advance() }
        if self.peek() == UInt8(ascii: "#") { self.skipLine() }
        guard self.isBlank(at: 0) else {
            throw .invalid("not YAML: unexpected character in line \(self.line + 1)")
        }
        if self.peek() != nil { self.advance() }
        var indent = increment > 0 ? max(0, self.indents.last ?? -1) + increment : 0
        self.skipBreaks(&indent)
        while self.peek() != nil, self.column == indent {
            self.skipLine()
            if self.peek() != nil { self.advance() }
            self.skipBreaks(&indent)
        }
        self.isKeyAllowed = true
    }

    /// Moves over empty lines and the indentation of the next one, which says how deep the text is if nothing else did.
    private mutating func skipBreaks(_ indent: inout Int) {
        var widest = 0
        while true {
            while indent == 0 || self.column < indent, self.peek() == UInt8(ascii: " ") { self.advance() }
            widest = max(widest, self.column)
            guard let character = self.peek(), Self.isBreak(character) else { break }
            self.advance()
        }
        if indent == 0 { indent = max(widest, (self.indents.last ?? -1) + 1, 1) }
    }
}

/// Characters.
extension YAMLSurvey {
    private mutating func skipToToken() {
        while let character = self.peek() {
            switch character {
            case UInt8(ascii: " "): self.advance()
            case UInt8(ascii: "\t") where self.flowLevel > 0 || !self.isKeyAllowed: self.advance()
            case UInt8(ascii: "#"): self.skipLine()
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                self.advance()
                if self.flowLevel == 0 { self.isKeyAllowed = true }
            default: return
            }
        }
    }

    private mutating func skipLine() {
        while let character = self.peek(), !Self.isBreak(character) { self.advance() }
    }

    private func peek(_ offset: Int = 0) -> UInt8? {
        let index = self.position + offset
        return index < self.bytes.count ? self.bytes[index] : nil
    }

    private mutating func advance(_ count: Int = 1) {
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
    private func isBlank(at offset: Int) -> Bool {
        guard let character = self.peek(offset) else { return true }
        return character == UInt8(ascii: " ") || character == UInt8(ascii: "\t") || Self.isBreak(character)
    }

    private var isDocumentMarker: Bool {
        guard let first = self.peek(), first == UInt8(ascii: "-") || first == UInt8(ascii: ".") else { return false }
        return self.peek(1) == first && self.peek(2) == first && self.isBlank(at: 3)
    }

    private static func isBreak(_ character: UInt8) -> Bool {
        character == UInt8(ascii: "\n") || character == UInt8(ascii: "\r")
    }

    private static func isWord(_ character: UInt8) -> Bool {
        switch character {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
