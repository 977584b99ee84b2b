/// Turns JSON bytes into the node list of a ``JSONDocument``.
///
/// Recursion is bounded by `depthMax`; every read is bounds-checked by `peek`.
struct JSONParser {
    private let bytes: [UInt8]
    private let depthMax: Int
    private let valuesMax: Int
    private var position = 0
    private(set) var nodes: [JSONDocument.Node] = []

    init(bytes: [UInt8], depthMax: Int, valuesMax: Int) {
        self.bytes = bytes
        self.depthMax = depthMax
        self.valuesMax = valuesMax
        self.nodes.reserveCapacity(min(bytes.count / 12 + 8, valuesMax))
    }

    mutating func parse() throws(JSONError) {
        guard Self.isValidUTF8(self.bytes) else { throw JSONError("the text is not UTF-8", at: 0) }
        try self.value(depth: 0)
        self.skipWhitespace()
        guard self.position == self.bytes.count else { throw self.error("unexpected text after the value") }
    }

    private static func isValidUTF8(_ bytes: [UInt8]) -> Bool {
        // Nearly every request is ASCII, which needs no decoding to be believed.
        if bytes.allSatisfy({ $0 < 0x80 }) { return true }
        return String(validating: bytes, as: UTF8.self) != nil
    }
}

extension JSONParser {
    private mutating func value(depth: Int) throws(JSONError) {
        guard depth < self.depthMax else { throw self.error("the text is nested too deeply") }
        guard self.nodes.count < self.valuesMax else { throw self.error("the text has too many values") }
        self.skipWhitespace()
        guard let character = self.peek() else { throw self.error("unexpected end") }
        switch character {
        case UInt8(ascii: "{"): try self.object(depth: depth)
        case UInt8(ascii: "["): try self.array(depth: depth)
        case UInt8(ascii: "\""): try self.string()
        case UInt8(ascii: "t"): try self.literal("true", .true)
        case UInt8(ascii: "f"): try self.literal("false", .false)
        case UInt8(ascii: "n"): try self.literal("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try self.number()
        default: throw self.error("unexpected character")
        }
    }

    private mutating func object(depth: Int) throws(JSONError) {
        let node = self.begin(.object)
        self.position += 1
        self.skipWhitespace()
        if self.accept(UInt8(ascii: "}")) { return self.end(node) }
        while true {
            self.skipWhitespace()
            guard self.peek() == UInt8(ascii: "\"") else { throw self.error("expected a member name") }
            try self.string()
            self.skipWhitespace()
            guard self.accept(UInt8(ascii: ":")) else { throw self.error("expected ':'") }
            try self.value(depth: depth + 1)
            self.skipWhitespace()
            if self.accept(UInt8(ascii: "}")) { return self.end(node) }
            guard self.accept(UInt8(ascii: ",")) else { throw self.error("expected ',' or '}'") }
        }
    }

    private mutating func array(depth: Int) throws(JSONError) {
        let node = self.begin(.array)
        self.position += 1
        self.skipWhitespace()
        if self.accept(UInt8(ascii: "]")) { return self.end(node) }
        while true {
            try self.value(depth: depth + 1)
            self.skipWhitespace()
            if self.accept(UInt8(ascii: "]")) { return self.end(node) }
            guard self.accept(UInt8(ascii: ",")) else { throw self.error("expected ',' or ']'") }
        }
    }

    private mutating func string() throws(JSONError) {
        self.position += 1
        let start = self.position
        var hasEscapes = false
        while let character = self.peek() {
            switch character {
            case UInt8(ascii: "\""):
                self.append(.string, start: start, end: self.position, hasEscapes: hasEscapes)
                self.position += 1
                return
            case UInt8(ascii: "\\"):
                hasEscapes = true
                try self.escape()
            case 0..<0x20:
                throw self.error("a control character must be escaped")
            default:
                self.position += 1
            }
        }
        throw self.error("the string does not end")
    }

    private mutating func escape() throws(JSONError) {
        self.position += 1
        switch self.peek() {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            self.position += 1
        case UInt8(ascii: "u"):
            try self.unicodeEscape()
        default:
            throw self.error("unknown escape")
        }
    }

    /// Reads `u` and four digits; the first half of a surrogate pair must be followed by its second.
    private mutating func unicodeEscape() throws(JSONError) {
        let unit = try self.codeUnit()
        if UTF16.isTrailSurrogate(unit) { throw self.error("half of a surrogate pair") }
        guard UTF16.isLeadSurrogate(unit) else { return }
        guard self.accept(UInt8(ascii: "\\")), self.peek() == UInt8(ascii: "u"),
            UTF16.isTrailSurrogate(try self.codeUnit())
        else {
            throw self.error("half of a surrogate pair")
        }
    }

    private mutating func codeUnit() throws(JSONError) -> UInt16 {
        self.position += 1
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = self.peek().flatMap(JSONString.hexadecimalValue) else {
                throw self.error("expected four hexadecimal digits")
            }
            unit = unit << 4 | UInt16(digit)
            self.position += 1
        }
        return unit
    }

    private mutating func number() throws(JSONError) {
        let start = self.position
        _ = self.accept(UInt8(ascii: "-"))
        if !self.accept(UInt8(ascii: "0")) {
            guard self.acceptDigits() else { throw self.error("expected a digit") }
        }
        var isInteger = true
        if self.accept(UInt8(ascii: ".")) {
            isInteger = false
            guard self.acceptDigits() else { throw self.error("expected a digit") }
        }
        if self.accept(UInt8(ascii: "e")) || self.accept(UInt8(ascii: "E")) {
            isInteger = false
            if !self.accept(UInt8(ascii: "+")) { _ = self.accept(UInt8(ascii: "-")) }
            guard self.acceptDigits() else { throw self.error("expected a digit") }
        }
        self.append(isInteger ? .integer : .real, start: start, end: self.position)
    }

    private mutating func literal(_ text: StaticString, _ kind: JSONValue.Kind) throws(JSONError) {
        let start = self.position
        for index in 0..<text.utf8CodeUnitCount {
            guard self.accept(text.utf8Start[index]) else { throw self.error("unexpected character") }
        }
        self.append(kind, start: start, end: self.position)
    }
}

extension JSONParser {
    private mutating func begin(_ kind: JSONValue.Kind) -> Int {
        self.append(kind, start: self.position, end: self.position)
        return self.nodes.count - 1
    }

    private mutating func end(_ node: Int) {
        self.nodes[node].end = Int32(truncatingIfNeeded: self.position)
        self.nodes[node].next = Int32(truncatingIfNeeded: self.nodes.count)
    }

    private mutating func append(_ kind: JSONValue.Kind, start: Int, end: Int, hasEscapes: Bool = false) {
        self.nodes.append(
            JSONDocument.Node(
                kind: kind,
                hasEscapes: hasEscapes,
                start: Int32(truncatingIfNeeded: start),
                end: Int32(truncatingIfNeeded: end),
                next: Int32(truncatingIfNeeded: self.nodes.count + 1)
            )
        )
    }

    private func peek() -> UInt8? {
        self.position < self.bytes.count ? self.bytes[self.position] : nil
    }

    private mutating func accept(_ character: UInt8) -> Bool {
        guard self.peek() == character else { return false }
        self.position += 1
        return true
    }

    private mutating func acceptDigits() -> Bool {
        let start = self.position
        while let character = self.peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(character) {
            self.position += 1
        }
        return self.position > start
    }

    private mutating func skipWhitespace() {
        while let character = self.peek(),
            character == 0x20 || character == 0x0A || character == 0x0D || character == 0x09
        {
            self.position += 1
        }
    }

    private func error(_ reason: String) -> JSONError {
        JSONError(reason, at: self.position)
    }
}
