package import MartletCore
package import MartletSQL

/// Numbers the versions of one model: 1, 2, 3 and so on, without gaps and never twice.
package struct VersionNumber: Sendable, Hashable, Comparable {
    package let rawValue: Int64

    package init(_ rawValue: Int64) {
        self.rawValue = rawValue
    }

    package init(validating text: String) throws(MartletError) {
        guard let value = Int64(text) else {
            throw .invalid("Parameter 'version' must be an integer, got '\(text)'.")
        }
        self.rawValue = value
    }

    package static func < (left: VersionNumber, right: VersionNumber) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension VersionNumber: CustomStringConvertible {
    package var description: String { String(self.rawValue) }
}

extension VersionNumber: SQLBindable {
    package var sqlValue: SQLValue { .integer(self.rawValue) }
}
