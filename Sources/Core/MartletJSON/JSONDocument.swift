/// A parsed JSON text: its bytes and a flat list of where each value begins and ends.
///
/// Nothing is copied while parsing; strings and numbers are converted when they are asked for. A
/// request of a hundred metrics costs two allocations instead of a thousand.
package final class JSONDocument: Sendable {
    struct Node: Sendable {
        var kind: JSONValue.Kind
        /// Set for a string that contains an escape and must be unescaped when read.
        var hasEscapes: Bool
        /// The value's bytes; for strings without the quotes.
        var start: Int32
        var end: Int32
        /// Index of the node after this value and everything inside it.
        var next: Int32
    }

    let bytes: [UInt8]
    let nodes: [Node]

    /// Parses one JSON text (RFC 8259).
    ///
    /// - Throws: ``JSONError`` for anything that is not exactly one value, for invalid UTF-8, for nesting deeper
    ///   than `depthMax`, and for more than `valuesMax` values and names.
    package init(parsing bytes: [UInt8], depthMax: Int, valuesMax: Int = .max) throws(JSONError) {
        guard bytes.count < Int(Int32.max) else { throw JSONError("the text is too long", at: 0) }
        var parser = JSONParser(bytes: bytes, depthMax: depthMax, valuesMax: valuesMax)
        try parser.parse()
        self.nodes = parser.nodes
        self.bytes = bytes
    }

    package var root: JSONValue { JSONValue(document: self, index: 0) }
}

extension JSONDocument {
    /// Returns the node of the last member of an object whose name `matches`, which sees the unescaped UTF-8.
    ///
    /// Looks at nodes and bytes where they lie: this is what reading a request consists of.
    func lastMember(of object: Int, _ matches: (UnsafeBufferPointer<UInt8>) -> Bool) -> Int? {
        self.nodes.withUnsafeBufferPointer { nodes in
            self.bytes.withUnsafeBufferPointer { bytes in
                var found: Int?
                var position = object + 1
                let end = Int(nodes[object].next)
                while position < end {
                    let name = nodes[position]
                    let text = UnsafeBufferPointer(rebasing: bytes[Int(name.start)..<Int(name.end)])
                    if name.hasEscapes ? self.unescaped(name, matches) : matches(text) { found = position + 1 }
                    position = Int(nodes[position + 1].next)
                }
                return found
            }
        }
    }

    private func unescaped(_ string: Node, _ matches: (UnsafeBufferPointer<UInt8>) -> Bool) -> Bool {
        var text = JSONString.unescape(self.bytes[Int(string.start)..<Int(string.end)])
        return text.withUTF8(matches)
    }
}

/// Says where a text stops being JSON.
package struct JSONError: Error, Sendable {
    package let reason: String
    /// Byte offset into the text.
    package let offset: Int

    init(_ reason: String, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}
