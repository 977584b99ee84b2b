/// A word of a search filter.
enum FilterToken: Equatable {
    /// Something that begins with a letter, an underscore or a quote that only names use, with its
    /// parts: `metrics.`f1 score`` is `["metrics", "f1 score"]`.
    case name([String], written: String)
    case number(String)
    /// In single or double quotes.
    case text(String, written: String)
    case comparator(String)
    case open
    case close
    case comma
    /// What belongs to no filter.
    case other(String)

    var written: String {
        switch self {
        case .name(_, let written), .text(_, let written): written
        case .number(let text), .comparator(let text), .other(let text): text
        case .open: "("
        case .close: ")"
        case .comma: ","
        }
    }

    func isWord(_ word: String) -> Bool {
        if case .name(let parts, let written) = self, parts.count == 1 { written.uppercased() == word } else { false }
    }
}

/// Cuts a search filter into words.
struct FilterLexer {
    private var rest: Substring

    init(_ filter: String) {
        self.rest = filter[...]
    }

    static func tokens(of filter: String) -> [FilterToken] {
        var lexer = FilterLexer(filter)
        var tokens: [FilterToken] = []
        while let token = lexer.next() { tokens.append(token) }
        return tokens
    }

    mutating func next() -> FilterToken? {
        self.rest = self.rest.drop(while: \.isWhitespace)
        guard let first = self.rest.first else { return nil }
        switch first {
        case "(": return self.single(.open)
        case ")": return self.single(.close)
        case ",": return self.single(.comma)
        case "=", "!", "<", ">": return .comparator(self.take { "=!<>".contains($0) })
        case "'": return self.quotedText()
        case "-", "+", ".", "0"..."9": return self.number()
        case "\"": return self.quotedTextOrName()
        case "`", "_": return self.name()
        default: return first.isLetter ? self.name() : .other(self.take(count: 1))
        }
    }

    private mutating func single(_ token: FilterToken) -> FilterToken {
        self.rest.removeFirst()
        return token
    }

    private mutating func take(while matches: (Character) -> Bool) -> String {
        let taken = self.rest.prefix(while: matches)
        self.rest = self.rest[taken.endIndex...]
        return String(taken)
    }

    private mutating func take(count: Int) -> String {
        let taken = self.rest.prefix(count)
        self.rest = self.rest[taken.endIndex...]
        return String(taken)
    }

    /// Takes from one quote to the next; `nil` when there is no next.
    private mutating func quoted() -> String? {
        guard let quote = self.rest.first, let end = self.rest.dropFirst().firstIndex(of: quote) else { return nil }
        let content = self.rest[self.rest.index(after: self.rest.startIndex)..<end]
        self.rest = self.rest[self.rest.index(after: end)...]
        return String(content)
    }

    private mutating func quotedText() -> FilterToken {
        let start = self.rest
        guard let text = self.quoted() else { return .other(self.take(count: self.rest.count)) }
        return .text(text, written: String(start[..<self.rest.startIndex]))
    }

    /// Double quotes hold a text, unless a dot follows and makes them the first part of a name.
    private mutating func quotedTextOrName() -> FilterToken {
        let start = self.rest
        let token = self.quotedText()
        guard case .text = token, self.rest.first == "." else { return token }
        self.rest = start
        return self.name()
    }

    private mutating func number() -> FilterToken {
        let text = self.take { $0.isNumber || $0.isLetter || "+-.".contains($0) }
        return Double(text) != nil ? .number(text) : .other(text)
    }

    private mutating func name() -> FilterToken {
        let start = self.rest
        var parts: [String] = []
        repeat {
            if self.rest.first == "." { self.rest.removeFirst() }
            if self.rest.first == "`" || self.rest.first == "\"" {
                guard let part = self.quoted() else { return .other(self.take(count: self.rest.count)) }
                parts.append(part)
            } else {
                parts.append(self.take { $0.isLetter || $0.isNumber || "_-/$:@".contains($0) })
            }
        } while self.rest.first == "."
        return .name(parts, written: String(start[..<self.rest.startIndex]))
    }
}
