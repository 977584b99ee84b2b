import CPostgres
import MartletCore
import MartletSQL

/// The values of one statement as they travel: binary where the type's binary form is ours, text otherwise.
struct PostgresParameters {
    /// All values, one after the other.
    private var arena: [UInt8] = []
    /// Where each value begins; negative for NULL.
    private var starts: [Int] = []
    private var lengths: [Int32] = []
    /// 1 for binary.
    private var formats: [Int32] = []

    /// - Parameter type: What the server takes the value for; a statement has one for each of its values.
    mutating func append(_ value: SQLValue, as type: Oid) throws(MartletError) {
        guard value != .null else { return self.appendNull() }
        let start = self.arena.count
        let isBinary = try self.writeBinary(value, as: type)
        if !isBinary { try self.writeText(value) }
        self.note(from: start, isBinary: isBinary)
        // libpq looks for the end of what is not binary.
        if !isBinary { self.arena.append(0) }
    }

    /// Appends one column of some rows of a batch, as an array.
    mutating func append(
        column: Int,
        of batch: SQLBatch,
        rows: Range<Int>,
        as type: Oid
    ) throws(MartletError) {
        let start = self.arena.count
        // One dimension, possibly with NULLs, of so many elements from the first one on.
        for header in [1, 1, Int32(bitPattern: type), Int32(rows.count), 1] { self.write(bigEndian: header) }
        for row in rows { try self.write(element: batch.values[row * batch.columnCount + column], as: type) }
        self.note(from: start, isBinary: true)
    }

    /// Lends what libpq wants to have.
    func withPointers<Result>(
        _ body: ([UnsafePointer<CChar>?], UnsafePointer<Int32>?, UnsafePointer<Int32>?) -> Result
    ) -> Result {
        self.arena.withUnsafeBytes { arena in
            let base = arena.baseAddress?.assumingMemoryBound(to: CChar.self)
            let pointers = self.starts.map { start in start < 0 ? nil : base.map { $0 + start } ?? Self.empty }
            return self.lengths.withUnsafeBufferPointer { lengths in
                self.formats.withUnsafeBufferPointer { body(pointers, lengths.baseAddress, $0.baseAddress) }
            }
        }
    }

    /// A null pointer would mean NULL where an empty value is meant.
    nonisolated(unsafe) private static let empty: UnsafePointer<CChar> = {
        let pointer = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
        pointer.pointee = 0
        return UnsafePointer(pointer)
    }()
}

extension PostgresParameters {
    private mutating func appendNull() {
        self.starts.append(-1)
        self.lengths.append(0)
        self.formats.append(1)
    }

    /// Makes a parameter of what was written.
    private mutating func note(from start: Int, isBinary: Bool) {
        self.starts.append(start)
        self.lengths.append(Int32(self.arena.count - start))
        self.formats.append(isBinary ? 1 : 0)
    }

    private mutating func write(element value: SQLValue, as type: Oid) throws(MartletError) {
        guard value != .null else { return self.write(bigEndian: Int32(-1)) }
        let lengthStart = self.arena.count
        self.write(bigEndian: Int32(0))
        let start = self.arena.count
        guard try self.writeBinary(value, as: type) else {
            preconditionFailure("a batch has a value of another type than its column")
        }
        withUnsafeBytes(of: Int32(self.arena.count - start).bigEndian) { length in
            self.arena.replaceSubrange(lengthStart..<start, with: length)
        }
    }

    /// Returns `false`, and has written nothing, where the type's binary form is not ours.
    private mutating func writeBinary(_ value: SQLValue, as type: Oid) throws(MartletError) -> Bool {
        switch (value, type) {
        case (.integer(let value), PostgresType.int8): self.write(bigEndian: value)
        case (.integer(let value), PostgresType.float8): self.write(bigEndian: Double(value).bitPattern)
        case (.real(let value), PostgresType.float8): self.write(bigEndian: value.bitPattern)
        case (.real(let value), PostgresType.int8): self.write(bigEndian: try Self.whole(value))
        case (.text(let value), PostgresType.text), (.text(let value), PostgresType.varchar): try self.write(value)
        case (.bytes(let value), _): self.arena.append(contentsOf: value)
        default: return false
        }
        return true
    }

    private mutating func writeText(_ value: SQLValue) throws(MartletError) {
        switch value {
        case .integer(let value): self.arena.append(contentsOf: String(value).utf8)
        case .real(let value): self.arena.append(contentsOf: String(value).utf8)
        case .text(let value): try self.write(value)
        case .bytes, .null: preconditionFailure("this has no text")
        }
    }

    private mutating func write(bigEndian value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { self.arena.append(contentsOf: $0) }
    }

    /// PostgreSQL keeps no NUL in a text.
    private mutating func write(_ text: String) throws(MartletError) {
        guard !text.utf8.contains(0) else { throw .invalid("A text must not contain the character U+0000.") }
        self.arena.append(contentsOf: text.utf8)
    }

    /// A column of whole numbers is compared with a number that happens to be whole.
    private static func whole(_ value: Double) throws(MartletError) -> Int64 {
        guard let whole = Int64(exactly: value) else {
            throw .invalid("The number \(value) is compared with whole numbers only.")
        }
        return whole
    }
}
