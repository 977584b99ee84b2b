import MartletCore

/// Writes the compact form of a summary: a version, and then whole numbers and floating-point numbers.
struct SummaryWriter {
    private(set) var bytes: [UInt8]

    init(version: UInt8) {
        self.bytes = [version]
    }

    /// Seven bits a byte, the lowest first, with the high bit set in all bytes but the last (LEB128).
    mutating func write(_ count: UInt64) {
        var rest = count
        while rest >= 0x80 {
            self.bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        self.bytes.append(UInt8(rest))
    }

    /// Eight bytes of IEEE 754, the highest first.
    mutating func write(_ number: Double) {
        withUnsafeBytes(of: number.bitPattern.bigEndian) { self.bytes.append(contentsOf: $0) }
    }
}

/// Reads what a ``SummaryWriter`` wrote; each value has one form, and any other is refused.
struct SummaryReader {
    private let name: String
    private var rest: ArraySlice<UInt8>

    /// - Parameter name: What to call it when it is refused.
    init(_ bytes: [UInt8], of name: String, version: UInt8) throws(MartletError) {
        self.name = name
        self.rest = bytes[...]
        guard let first = self.rest.popFirst() else { throw self.malformed }
        guard first == version else { throw .init(.integrity, "this is \(name) of an unknown version, \(first)") }
    }

    /// What to throw when a value has no sense.
    var malformed: MartletError { MartletError(.integrity, "these bytes are not \(self.name)") }

    var isAtEnd: Bool { self.rest.isEmpty }

    mutating func count() throws(MartletError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            let byte = try self.byte()
            let bits = UInt64(byte & 0x7f)
            // The tenth byte has room for one bit; a last byte of 0 could have been left out.
            guard (bits << shift) >> shift == bits, byte != 0 || shift == 0 else { throw self.malformed }
            value |= bits << shift
            if byte < 0x80 { return value }
        }
        throw self.malformed
    }

    /// Reads a number of things that is at most `limit`.
    mutating func count(atMost limit: Int) throws(MartletError) -> Int {
        let value = try self.count()
        guard value <= UInt64(limit) else { throw self.malformed }
        return Int(value)
    }

    mutating func number() throws(MartletError) -> Double {
        var pattern: UInt64 = 0
        for _ in 0..<8 { pattern = pattern << 8 | UInt64(try self.byte()) }
        let number = Double(bitPattern: pattern)
        guard number.isFinite else { throw self.malformed }
        return number
    }

    func finish() throws(MartletError) {
        guard self.rest.isEmpty else { throw self.malformed }
    }

    private mutating func byte() throws(MartletError) -> UInt8 {
        guard let byte = self.rest.popFirst() else { throw self.malformed }
        return byte
    }
}
