package import MartletCore

/// A value as a database stores it.
package enum SQLValue: Sendable, Hashable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case bytes([UInt8])
}

extension SQLValue: SQLBindable {
    package var sqlValue: SQLValue { self }
}

/// Anything that can be interpolated into ``SQL``.
package protocol SQLBindable {
    var sqlValue: SQLValue { get }
}

extension String: SQLBindable {
    package var sqlValue: SQLValue { .text(self) }
}

extension Int64: SQLBindable {
    package var sqlValue: SQLValue { .integer(self) }
}

extension Int: SQLBindable {
    package var sqlValue: SQLValue { .integer(Int64(self)) }
}

extension Double: SQLBindable {
    package var sqlValue: SQLValue { .real(self) }
}

/// Stored as 0 or 1: SQLite has no booleans.
extension Bool: SQLBindable {
    package var sqlValue: SQLValue { .integer(self ? 1 : 0) }
}

extension Timestamp: SQLBindable {
    package var sqlValue: SQLValue { .integer(self.milliseconds) }
}

extension ExperimentID: SQLBindable {
    package var sqlValue: SQLValue { .integer(self.rawValue) }
}

extension RunID: SQLBindable {
    package var sqlValue: SQLValue { .text(self.rawValue) }
}

extension LoggedModelID: SQLBindable {
    package var sqlValue: SQLValue { .text(self.rawValue) }
}

extension BlobDigest: SQLBindable {
    package var sqlValue: SQLValue { .bytes(self.bytes) }
}

extension PageToken.Field: SQLBindable {
    package var sqlValue: SQLValue {
        switch self {
        case .null: .null
        case .integer(let value): .integer(value)
        case .real(let value): .real(value)
        case .text(let value): .text(value)
        }
    }
}
