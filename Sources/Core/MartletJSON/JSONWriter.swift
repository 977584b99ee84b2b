/// Builds JSON text in one growing byte buffer, without intermediate values.
///
/// The caller says what it writes in order; commas are the writer's business. It does not check
/// nesting: an answer is built by code, and a test that parses it finds a forgotten `endObject()`.
package struct JSONWriter: Sendable {
    package private(set) var bytes: [UInt8]
    private var needsComma = false

    /// Reserves `capacity` bytes, so that an answer of known size is never copied while it grows.
    package init(capacity: Int = 512) {
        self.bytes = []
        self.bytes.reserveCapacity(capacity)
    }

    package mutating func beginObject() { self.open(UInt8(ascii: "{")) }
    package mutating func endObject() { self.close(UInt8(ascii: "}")) }
    package mutating func beginArray() { self.open(UInt8(ascii: "[")) }
    package mutating func endArray() { self.close(UInt8(ascii: "]")) }

    /// Writes a member's name. Names are ours, need no escaping and are copied as they are.
    package mutating func name(_ name: StaticString) {
        self.separate()
        self.bytes.append(UInt8(ascii: "\""))
        self.bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        self.bytes.append(UInt8(ascii: "\""))
        self.bytes.append(UInt8(ascii: ":"))
        self.needsComma = false
    }

    /// Writes a member's name that is not ours.
    package mutating func name(text: String) {
        self.string(text)
        self.bytes.append(UInt8(ascii: ":"))
        self.needsComma = false
    }

    /// Writes what is JSON already.
    mutating func verbatim(_ json: String) {
        self.verbatim(json.utf8)
    }

    mutating func verbatim(_ json: some Collection<UInt8>) {
        self.separate()
        self.bytes.append(contentsOf: json)
        self.needsComma = true
    }

    package mutating func string(_ text: String) {
        self.separate()
        var text = text
        text.withUTF8 { self.quote($0) }
        self.needsComma = true
    }

    /// Writes text that is already UTF-8, such as a database column, without making a `String` of it.
    package mutating func string(utf8 text: UnsafeBufferPointer<UInt8>) {
        self.separate()
        self.quote(text)
        self.needsComma = true
    }

    package mutating func integer(_ value: Int64) {
        self.separate()
        self.appendDecimal(value)
        self.needsComma = true
    }

    /// Writes the shortest text that reads back as the same double.
    ///
    /// JSON has no spelling for NaN and the infinities; they are written as the strings that the
    /// JSON mapping of Protocol Buffers uses.
    package mutating func double(_ value: Double) {
        guard value.isFinite else {
            self.string(value.isNaN ? "NaN" : value > 0 ? "Infinity" : "-Infinity")
            return
        }
        self.separate()
        self.bytes.append(contentsOf: value.description.utf8)
        self.needsComma = true
    }

    package mutating func bool(_ value: Bool) {
        self.separate()
        self.bytes.append(contentsOf: value ? "true".utf8 : "false".utf8)
        self.needsComma = true
    }

    package mutating func null() {
        self.separate()
        self.bytes.append(contentsOf: "null".utf8)
        self.needsComma = true
    }
}

extension JSONWriter {
    package mutating func member(_ name: StaticString, _ value: String) {
        self.name(name)
        self.string(value)
    }

    package mutating func member(_ name: StaticString, _ value: Int64) {
        self.name(name)
        self.integer(value)
    }

    package mutating func member(_ name: StaticString, _ value: Double) {
        self.name(name)
        self.double(value)
    }

    package mutating func member(_ name: StaticString, _ value: Bool) {
        self.name(name)
        self.bool(value)
    }

    /// Writes nothing for `nil`: absent and null are different things on every wire we speak.
    package mutating func member(_ name: StaticString, _ value: String?) {
        if let value { self.member(name, value) }
    }

    package mutating func member(_ name: StaticString, _ value: Int64?) {
        if let value { self.member(name, value) }
    }

    package mutating func object(_ name: StaticString, _ body: (inout JSONWriter) -> Void) {
        self.name(name)
        self.beginObject()
        body(&self)
        self.endObject()
    }

    /// Writes one array element for each of `items`; nothing at all when there are none.
    package mutating func array<Items: Sequence>(
        _ name: StaticString,
        of items: Items,
        _ body: (inout JSONWriter, Items.Element) -> Void
    ) {
        var iterator = items.makeIterator()
        guard let first = iterator.next() else { return }
        self.name(name)
        self.beginArray()
        body(&self, first)
        while let item = iterator.next() {
            body(&self, item)
        }
        self.endArray()
    }
}

extension JSONWriter {
    private mutating func open(_ character: UInt8) {
        self.separate()
        self.bytes.append(character)
        self.needsComma = false
    }

    private mutating func close(_ character: UInt8) {
        self.bytes.append(character)
        self.needsComma = true
    }

    private mutating func separate() {
        if self.needsComma { self.bytes.append(UInt8(ascii: ",")) }
    }

    private mutating func appendDecimal(_ value: Int64) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var start = 20
            var rest = value.magnitude
            repeat {
                let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10)
                start -= 1
                digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: remainder)
                rest = quotient
            } while rest > 0
            if value < 0 {
                start -= 1
                digits[start] = UInt8(ascii: "-")
            }
            self.bytes.append(contentsOf: UnsafeBufferPointer(rebasing: digits[start..<20]))
        }
    }

    /// Appends `text` in quotes, copying the runs between the characters that must be escaped.
    private mutating func quote(_ text: UnsafeBufferPointer<UInt8>) {
        self.bytes.append(UInt8(ascii: "\""))
        var runStart = 0
        for index in text.indices {
            let character = text[index]
            guard character < 0x20 || character == UInt8(ascii: "\"") || character == UInt8(ascii: "\\") else {
                continue
            }
            self.bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[runStart..<index]))
            self.escape(character)
            runStart = index + 1
        }
        self.bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[runStart...]))
        self.bytes.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ character: UInt8) {
        switch character {
        case UInt8(ascii: "\""): self.bytes.append(contentsOf: #"\""#.utf8)
        case UInt8(ascii: "\\"): self.bytes.append(contentsOf: #"\\"#.utf8)
        case UInt8(ascii: "\n"): self.bytes.append(contentsOf: #"\n"#.utf8)
        case UInt8(ascii: "\r"): self.bytes.append(contentsOf: #"\r"#.utf8)
        case UInt8(ascii: "\t"): self.bytes.append(contentsOf: #"\t"#.utf8)
        case 0x08: self.bytes.append(contentsOf: #"\b"#.utf8)
        case 0x0C: self.bytes.append(contentsOf: #"\f"#.utf8)
        default:
            self.bytes.append(contentsOf: #"\u00"#.utf8)
            for digit in [character >> 4, character & 15] {
                self.bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            }
        }
    }
}
