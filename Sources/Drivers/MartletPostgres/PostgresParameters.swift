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

    mutating func removeAll() {
        self.arena.removeAll(keepingCapacity: true)
        self.starts.removeAll(keepingCapacity: true)
        self.lengths.removeAll(keepingCapacity: true)
        self.formats.removeAll(keepingCapacity: true)
    }

    /// - Parameter type: What the server takes the value for; a statement has one for each of its values.
    mutating func append(_ value: SQLValue, as type: Oid?) throws(MartletError) {
        guard let type else { preconditionFailure("a statement has another number of bindings than values") }
        switch (value, type) {
        case (.null, _): self.appendNull()
        case (.integer(let value), PostgresType.int8): self.append(bigEndian: value)
        case (.integer(let value), PostgresType.float8): self.append(bigEndian: Double(value).bitPattern)
        case (.integer(let value), _): self.append(digits: String(value))
        case (.real(let value), PostgresType.float8): self.append(bigEndian: value.bitPattern)
        case (.real(let value), PostgresType.int8): try self.append(whole: value)
        case (.real(let value), _): self.append(digits: String(value))
        case (.text(let value), PostgresType.text), (.text(let value), PostgresType.varchar):
            try self.append(text: value, isBinary: true)
        case (.text(let value), _): try self.append(text: value, isBinary: false)
        case (.bytes(let value), _): self.append(value, isBinary: true)
        }
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

    private mutating func append(_ bytes: some Collection<UInt8>, isBinary: Bool) {
        self.starts.append(self.arena.count)
        self.arena.append(contentsOf: bytes)
        self.lengths.append(Int32(self.arena.count - (self.starts.last ?? 0)))
        self.formats.append(isBinary ? 1 : 0)
        // libpq looks for the end of what is not binary.
        if !isBinary { self.arena.append(0) }
    }

    private mutating func append(bigEndian value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { self.append($0, isBinary: true) }
    }

    private mutating func append(digits: String) {
        self.append(digits.utf8, isBinary: false)
    }

    /// PostgreSQL keeps no NUL in a text.
    private mutating func append(text: String, isBinary: Bool) throws(MartletError) {
        guard !text.utf8.contains(0) else { throw .invalid("A text must not contain the character U+0000.") }
        self.append(text.utf8, isBinary: isBinary)
    }

    /// A column of whole numbers is compared with a number that happens to be whole.
    private mutating func append(whole value: Double) throws(MartletError) {
        guard let whole = Int64(exactly: value) else {
            throw .invalid("The number \(value) is compared with whole numbers only.")
        }
        self.append(bigEndian: whole)
    }
}
