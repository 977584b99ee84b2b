/// An element of an XML text: what it is called, and what it contains.
///
/// Attributes are ignored, and so are the prefixes of names: an object store's answers need neither.
package struct XMLElement: Sendable {
    package var name: String
    package var text = ""
    package var children: [XMLElement] = []

    /// The first element of a name directly inside this one.
    package func child(_ name: String) -> XMLElement? {
        self.children.first { $0.name == name }
    }

    /// The text of the first element of a name directly inside this one.
    package func text(of name: String) -> String? {
        self.child(name)?.text
    }

    /// All elements of a name directly inside this one.
    package func children(_ name: String) -> [XMLElement] {
        self.children.filter { $0.name == name }
    }
}

extension XMLElement {
    /// Reads the subset of XML that object stores answer with: no document types, hence no entities of their own.
    ///
    /// - Returns: `nil` for everything else.
    package init?(parsing bytes: [UInt8]) {
        var parser = XMLParser(bytes)
        guard let element = parser.document() else { return nil }
        self = element
    }
}

/// Reads one text from its beginning to its end.
private struct XMLParser {
    /// Deeper answers are none that we ask for.
    private static let depthMax = 8

    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
        self.rest = bytes[...]
    }

    mutating func document() -> XMLElement? {
        guard self.skipRemarks(), let root = self.element(depth: 1), self.skipRemarks(), self.rest.isEmpty else {
            return nil
        }
        return root
    }

    private mutating func element(depth: Int) -> XMLElement? {
        guard depth <= Self.depthMax, self.skip("<"), let tag = self.upTo(">") else { return nil }
        let isEmpty = tag.last == UInt8(ascii: "/")
        guard let name = Self.name(isEmpty ? tag.dropLast() : tag) else { return nil }
        var element = XMLElement(name: name)
        if isEmpty { return element }
        while true {
            guard let text = self.text() else { return nil }
            element.text += text
            if self.skip("</") {
                guard let end = self.upTo(">"), Self.name(end) == name else { return nil }
                // Between elements there is only what makes the text look nice.
                if !element.children.isEmpty { element.text = "" }
                return element
            }
            if self.rest.starts(with: "<!--".utf8) {
                guard self.skipRemarks() else { return nil }
                continue
            }
            guard let child = self.element(depth: depth + 1) else { return nil }
            element.children.append(child)
        }
    }

    /// What stands before the next tag.
    private mutating func text() -> String? {
        guard let end = self.rest.firstIndex(of: UInt8(ascii: "<")) else { return nil }
        var bytes: [UInt8] = []
        var raw = self.rest[..<end]
        self.rest = self.rest[end...]
        while let ampersand = raw.firstIndex(of: UInt8(ascii: "&")) {
            bytes += raw[..<ampersand]
            guard let semicolon = raw[ampersand...].prefix(12).firstIndex(of: UInt8(ascii: ";")),
                let character = Self.character(raw[(ampersand + 1)..<semicolon])
            else { return nil }
            bytes += String(character).utf8
            raw = raw[(semicolon + 1)...]
        }
        return String(validating: bytes + raw, as: UTF8.self)
    }

    /// What a reference stands for.
    private static func character(_ reference: ArraySlice<UInt8>) -> Unicode.Scalar? {
        let name = String(decoding: reference, as: UTF8.self)
        switch name {
        case "lt": return "<"
        case "gt": return ">"
        case "amp": return "&"
        case "quot": return "\""
        case "apos": return "'"
        default:
            if name.hasPrefix("#x") { return UInt32(name.dropFirst(2), radix: 16).flatMap(Unicode.Scalar.init) }
            return name.hasPrefix("#") ? UInt32(name.dropFirst()).flatMap(Unicode.Scalar.init) : nil
        }
    }

    private static func name(_ tag: ArraySlice<UInt8>) -> String? {
        let name = tag.prefix { $0 > 0x20 }
        let local = name.lastIndex(of: UInt8(ascii: ":")).map { name[($0 + 1)...] } ?? name
        // A `!` or a `?` begins what is no element.
        guard let first = local.first, first != UInt8(ascii: "!"), first != UInt8(ascii: "?") else { return nil }
        return String(validating: local, as: UTF8.self)
    }

    /// Skips white space, comments and declarations; `false` for ones that do not end.
    private mutating func skipRemarks() -> Bool {
        while true {
            self.rest = self.rest.drop { $0 <= 0x20 }
            if self.skip("<?") {
                guard self.skipPast("?>") else { return false }
            } else if self.skip("<!--") {
                guard self.skipPast("-->") else { return false }
            } else {
                return true
            }
        }
    }

    private mutating func skip(_ text: StaticString) -> Bool {
        let bytes = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        guard self.rest.starts(with: bytes) else { return false }
        self.rest = self.rest.dropFirst(bytes.count)
        return true
    }

    private mutating func skipPast(_ text: StaticString) -> Bool {
        while !self.rest.isEmpty {
            if self.skip(text) { return true }
            self.rest = self.rest.dropFirst()
        }
        return false
    }

    private mutating func upTo(_ text: StaticString) -> ArraySlice<UInt8>? {
        let start = self.rest.startIndex
        guard let end = self.rest.firstIndex(of: text.utf8Start.pointee) else { return nil }
        let found = self.rest[start..<end]
        self.rest = self.rest[(end + 1)...]
        return found
    }
}
