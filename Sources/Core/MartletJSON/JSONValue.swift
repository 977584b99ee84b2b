/// One value inside a ``JSONDocument``: a pair of a document and a place in it.
package struct JSONValue: Sendable {
    package enum Kind: UInt8, Sendable {
        case object, array, string
        /// A number without fraction and exponent.
        case integer
        case real
        case `true`, `false`, null
    }

    let document: JSONDocument
    let index: Int

    private var node: JSONDocument.Node { self.document.nodes[self.index] }

    package var kind: Kind { self.node.kind }

    /// The text that was parsed, as it was written.
    package var source: String {
        let node = self.node
        let text = String(decoding: self.document.bytes[Int(node.start)..<Int(node.end)], as: UTF8.self)
        return node.kind == .string ? "\"\(text)\"" : text
    }

    /// The text of a string; `nil` for every other kind.
    package var string: String? {
        let node = self.node
        guard node.kind == .string else { return nil }
        let bytes = self.document.bytes[Int(node.start)..<Int(node.end)]
        return node.hasEscapes ? JSONString.unescape(bytes) : String(decoding: bytes, as: UTF8.self)
    }

    /// The value of a whole number that fits; `nil` for everything else.
    package var integer: Int64? {
        let node = self.node
        guard node.kind == .integer else { return nil }
        let digits = self.document.bytes[Int(node.start)..<Int(node.end)]
        let isNegative = digits.first == UInt8(ascii: "-")
        var value: Int64 = 0
        for digit in digits.dropFirst(isNegative ? 1 : 0) {
            let (scaled, overflow) = value.multipliedReportingOverflow(by: 10)
            let digitValue = Int64(digit - UInt8(ascii: "0"))
            let (sum, overflow2) =
                isNegative
                ? scaled.subtractingReportingOverflow(digitValue) : scaled.addingReportingOverflow(digitValue)
            if overflow || overflow2 { return nil }
            value = sum
        }
        return value
    }

    /// The value of a number; `nil` for every other kind.
    package var double: Double? {
        let node = self.node
        guard node.kind == .integer || node.kind == .real else { return nil }
        return Double(String(decoding: self.document.bytes[Int(node.start)..<Int(node.end)], as: UTF8.self))
    }

    package var bool: Bool? {
        switch self.node.kind {
        case .true: true
        case .false: false
        default: nil
        }
    }

    /// The member called `name`, the last one if it is repeated; `nil` if there is none or this is
    /// not an object.
    package subscript(_ name: String) -> JSONValue? {
        var name = name
        return name.withUTF8 { name in self.member { $0.elementsEqual(name) } }
    }

    /// The last member whose name `matches`, which sees the name's UTF-8.
    package func member(_ matches: (UnsafeBufferPointer<UInt8>) -> Bool) -> JSONValue? {
        guard self.kind == .object else { return nil }
        return self.document.lastMember(of: self.index, matches).map { JSONValue(document: self.document, index: $0) }
    }

    /// The first name of an object's members that is repeated, also in another spelling of the same characters; `nil`
    /// where there is none.
    package var repeatedName: String? {
        var names: Set<String> = []
        for (name, _) in self.members {
            guard let text = name.string, !names.insert(text).inserted else { continue }
            return text
        }
        return nil
    }

    /// The elements of an array; empty for every other kind.
    package var elements: Elements {
        Elements(document: self.document, position: self.index + 1, end: self.kind == .array ? Int(self.node.next) : 0)
    }

    /// The members of an object in their order; empty for every other kind.
    package var members: Members {
        Members(document: self.document, position: self.index + 1, end: self.kind == .object ? Int(self.node.next) : 0)
    }
}

extension JSONValue {
    package struct Elements: Sequence, IteratorProtocol {
        let document: JSONDocument
        var position: Int
        let end: Int

        package var isEmpty: Bool { self.position >= self.end }

        package mutating func next() -> JSONValue? {
            guard self.position < self.end else { return nil }
            defer { self.position = Int(self.document.nodes[self.position].next) }
            return JSONValue(document: self.document, index: self.position)
        }
    }

    package struct Members: Sequence, IteratorProtocol {
        let document: JSONDocument
        var position: Int
        let end: Int

        package mutating func next() -> (name: JSONValue, value: JSONValue)? {
            guard self.position < self.end else { return nil }
            let name = JSONValue(document: self.document, index: self.position)
            let value = JSONValue(document: self.document, index: self.position + 1)
            self.position = Int(self.document.nodes[self.position + 1].next)
            return (name, value)
        }
    }
}
