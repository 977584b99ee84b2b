/// Where a listing was interrupted, as opaque text for a client to give back.
///
/// It holds the sort key of the last row that was given out, so the next page begins right after it,
/// whatever has been inserted or deleted in between, and costs what the first page costs. It also
/// holds a fingerprint of the question, because a position means nothing in another order.
package struct PageToken: Sendable, Equatable {
    package enum Field: Sendable, Equatable {
        case null
        case integer(Int64)
        case real(Double)
        case text(String)
    }

    package let question: Fingerprint
    package let fields: [Field]

    package init(question: Fingerprint, fields: [Field]) {
        self.question = question
        self.fields = fields
    }

    /// Reads the text of a token that was given out for `question`.
    ///
    /// - Throws: `invalidArgument` for anything else.
    package init(_ text: String, for question: Fingerprint) throws(MartletError) {
        guard let bytes = Hexadecimal.bytes(text), let token = Self.decode(bytes[...]), token.question == question
        else {
            throw .invalid("Invalid page token '\(text.prefix(80))': it was not given out for this search.")
        }
        self = token
    }

    package var text: String {
        var bytes = Self.bytes(self.question.value) + Self.bytes(UInt64(self.fields.count))
        for field in self.fields {
            switch field {
            case .null:
                bytes.append(0)
            case .integer(let value):
                bytes += [1] + Self.bytes(UInt64(bitPattern: value))
            case .real(let value):
                bytes += [2] + Self.bytes(value.bitPattern)
            case .text(let value):
                bytes += [3] + Self.bytes(UInt64(value.utf8.count)) + value.utf8
            }
        }
        return Hexadecimal.string(bytes)
    }

    private static func decode(_ bytes: ArraySlice<UInt8>) -> PageToken? {
        var rest = bytes
        guard let question = self.word(&rest), let count = self.word(&rest) else { return nil }
        var fields: [Field] = []
        while let kind = rest.popFirst() {
            if kind == 0 {
                fields.append(.null)
                continue
            }
            guard let word = self.word(&rest) else { return nil }
            switch kind {
            case 1: fields.append(.integer(Int64(bitPattern: word)))
            case 2: fields.append(.real(Double(bitPattern: word)))
            case 3:
                guard word <= rest.count, let text = String(validating: rest.prefix(Int(word)), as: UTF8.self) else {
                    return nil
                }
                fields.append(.text(text))
                rest = rest.dropFirst(Int(word))
            default: return nil
            }
        }
        guard fields.count == count else { return nil }
        return PageToken(question: Fingerprint(value: question), fields: fields)
    }

    private static func bytes(_ word: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * $0)) }
    }

    private static func word(_ bytes: inout ArraySlice<UInt8>) -> UInt64? {
        guard bytes.count >= 8 else { return nil }
        defer { bytes = bytes.dropFirst(8) }
        return bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// A 64-bit summary of some texts (FNV-1a), the same in every process.
///
/// It tells honest questions apart; it is no defence against somebody who forges one.
package struct Fingerprint: Sendable, Equatable {
    package private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    fileprivate init(value: UInt64) {
        self.value = value
    }

    package init(of texts: [String]) {
        for text in texts {
            for byte in text.utf8 { self.add(byte) }
            // No text contains this byte, so ["ab", "c"] and ["a", "bc"] differ.
            self.add(0xFF)
        }
    }

    private mutating func add(_ byte: UInt8) {
        self.value = (self.value ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
    }
}
