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
    private var cursor: YAMLCursor
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
        self.cursor = YAMLCursor(bytes)
    }

    /// Moves past one token; `false` at the end of the text.
    private mutating func next() throws(MartletError) -> Bool {
        self.skipToToken()
        guard let character = self.cursor.peek() else { return false }
        if self.flowLevel == 0 { self.closeIndents(beyond: self.cursor.column) }
        self.tokens += 1
        guard self.tokens <= CaptureLimits.yamlValues else {
            throw .invalid("more than \(CaptureLimits.yamlValues) values")
        }
        if self.cursor.column == 0, self.cursor.isDocumentMarker { return try self.documentMarker() }
        let previous = self.lastToken
        self.lastToken = .other
        switch character {
        case UInt8(ascii: "["), UInt8(ascii: "{"): try self.open()
        case UInt8(ascii: "]") where self.flowLevel > 0, UInt8(ascii: "}") where self.flowLevel > 0: self.close()
        case UInt8(ascii: ",") where self.flowLevel > 0: self.cursor.advance()
        case UInt8(ascii: "-") where self.cursor.isBlank(at: 1): try self.entry()
        case UInt8(ascii: "?") where self.flowLevel > 0 || self.cursor.isBlank(at: 1):
            throw .invalid("a key is written with '?', which is not read")
        case UInt8(ascii: ":") where self.flowLevel > 0 || self.cursor.isBlank(at: 1): try self.colon(after: previous)
        case UInt8(ascii: "*"): try self.alias()
        case UInt8(ascii: "&"): self.anchor()
        case UInt8(ascii: "!"): try self.tag()
        case UInt8(ascii: "|") where self.flowLevel == 0, UInt8(ascii: ">") where self.flowLevel == 0:
            try self.blockText()
        case UInt8(ascii: "'"), UInt8(ascii: "\""): self.quoted(by: character)
        case UInt8(ascii: "|"), UInt8(ascii: ">"), UInt8(ascii: "%"), UInt8(ascii: "@"), UInt8(ascii: "`"),
            UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: "\t"):
            throw .invalid("not YAML: unexpected character in line \(self.cursor.line + 1)")
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
        self.cursor.advance()
    }

    private mutating func close() {
        self.flowLevel -= 1
        self.isKeyAllowed = false
        self.lastToken = .closing
        self.cursor.advance()
    }

    private mutating func entry() throws(MartletError) {
        guard self.flowLevel == 0, self.isKeyAllowed else {
            throw .invalid("not YAML: unexpected '-' in line \(self.cursor.line + 1)")
        }
        try self.openIndent(at: self.cursor.column)
        self.key = nil
        self.isKeyAllowed = true
        self.cursor.advance()
    }

    private mutating func colon(after previous: Token) throws(MartletError) {
        guard previous == .other else { throw .invalid("a key in line \(self.cursor.line + 1) is not a text") }
        if self.flowLevel == 0 {
            guard let key = self.key, key.line == self.cursor.line, self.cursor.position - key.position <= 1_024 else {
                throw .invalid("not YAML: ':' without a key in line \(self.cursor.line + 1)")
            }
            try self.openIndent(at: key.column)
            self.key = nil
            self.isKeyAllowed = false
        }
        self.cursor.advance()
    }

    private mutating func documentMarker() throws(MartletError) -> Bool {
        guard self.flowLevel == 0 else { throw .invalid("not YAML: unexpected end in line \(self.cursor.line + 1)") }
        self.closeIndents(beyond: -1)
        self.key = nil
        self.isKeyAllowed = false
        self.lastToken = .other
        self.cursor.advance(3)
        return true
    }

    /// Notes that the token that begins here is a key if a colon follows it.
    private mutating func mayBeKey() {
        guard self.flowLevel == 0, self.isKeyAllowed else { return }
        self.key = (self.cursor.column, self.cursor.line, self.cursor.position)
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
        guard self.flowLevel == 0 else {
            throw .invalid("an alias in line \(self.cursor.line + 1) is not a value by itself")
        }
        self.anchor()
        self.lastToken = .alias
    }

    private mutating func anchor() {
        self.mayBeKey()
        self.isKeyAllowed = false
        self.cursor.advance()
        while let character = self.cursor.peek(), Self.isWord(character) { self.cursor.advance() }
    }

    private mutating func tag() throws(MartletError) {
        guard self.cursor.peek(1) != UInt8(ascii: "<") else {
            throw .invalid("a tag is written with '!<', which is not read")
        }
        self.mayBeKey()
        self.isKeyAllowed = false
        while !self.cursor.isBlank(at: 0), self.flowLevel == 0 || self.cursor.peek() != UInt8(ascii: ",") {
            self.cursor.advance()
        }
    }

    private mutating func quoted(by quote: UInt8) {
        self.mayBeKey()
        self.isKeyAllowed = false
        self.cursor.advance()
        while let character = self.cursor.peek() {
            self.cursor.advance()
            if character == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                self.cursor.advance()
            } else if character == quote {
                guard quote == UInt8(ascii: "'"), self.cursor.peek() == quote else { return }
                self.cursor.advance()
            }
        }
    }

    private mutating func plain() {
        self.mayBeKey()
        self.isKeyAllowed = false
        let indent = (self.indents.last ?? -1) + 1
        while true {
            if self.cursor.column == 0, self.cursor.isDocumentMarker { return }
            if self.cursor.peek() == UInt8(ascii: "#") { return }
            while !self.cursor.isBlank(at: 0), !self.endsPlain {
                self.isKeyAllowed = false
                self.cursor.advance()
            }
            guard self.cursor.peek() != nil, self.cursor.isBlank(at: 0) else { return }
            let start = self.cursor.line
            while self.cursor.peek() != nil, self.cursor.isBlank(at: 0) { self.cursor.advance() }
            // libyaml allows a key after a text only where the text was the last of its line.
            self.isKeyAllowed = self.cursor.line > start
            if self.flowLevel == 0, self.cursor.column < indent { return }
        }
    }

    private var endsPlain: Bool {
        switch self.cursor.peek() {
        case UInt8(ascii: ":"): self.cursor.isBlank(at: 1)
        case UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"):
            self.flowLevel > 0
        default: false
        }
    }

    /// Moves past a literal or folded text, which ends where a line is less indented.
    private mutating func blockText() throws(MartletError) {
        self.key = nil
        self.cursor.advance()
        var increment = 0
        for _ in 0..<2 {
            guard let character = self.cursor.peek() else { break }
            if let digit = Character(UnicodeScalar(character)).wholeNumberValue, increment == 0 {
                increment = digit
            } else if character != UInt8(ascii: "+"), character != UInt8(ascii: "-") {
                break
            }
            self.cursor.advance()
        }
        while self.cursor.peek() == UInt8(ascii: " ") || self.cursor.peek() == UInt8(ascii: "\t") {
            self.cursor.advance()
        }
        if self.cursor.peek() == UInt8(ascii: "#") { self.cursor.skipLine() }
        guard self.cursor.isBlank(at: 0) else {
            throw .invalid("not YAML: unexpected character in line \(self.cursor.line + 1)")
        }
        if self.cursor.peek() != nil { self.cursor.advance() }
        var indent = increment > 0 ? max(0, self.indents.last ?? -1) + increment : 0
        self.skipBreaks(&indent)
        while self.cursor.peek() != nil, self.cursor.column == indent {
            self.cursor.skipLine()
            if self.cursor.peek() != nil { self.cursor.advance() }
            self.skipBreaks(&indent)
        }
        self.isKeyAllowed = true
    }

    /// Moves over empty lines and the indentation of the next one, which says how deep the text is if nothing else did.
    private mutating func skipBreaks(_ indent: inout Int) {
        var widest = 0
        while true {
            while indent == 0 || self.cursor.column < indent, self.cursor.peek() == UInt8(ascii: " ") {
                self.cursor.advance()
            }
            widest = max(widest, self.cursor.column)
            guard let character = self.cursor.peek(), YAMLCursor.isBreak(character) else { break }
            self.cursor.advance()
        }
        if indent == 0 { indent = max(widest, (self.indents.last ?? -1) + 1, 1) }
    }
}

/// What stands between.
extension YAMLSurvey {
    private mutating func skipToToken() {
        while let character = self.cursor.peek() {
            switch character {
            case UInt8(ascii: " "): self.cursor.advance()
            case UInt8(ascii: "\t") where self.flowLevel > 0 || !self.isKeyAllowed: self.cursor.advance()
            case UInt8(ascii: "#"): self.cursor.skipLine()
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                self.cursor.advance()
                if self.flowLevel == 0 { self.isKeyAllowed = true }
            default: return
            }
        }
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
