package import MartletCore

/// Names one of the ways that requests may go; what a subject's choice hangs on, so keep it while shares change.
package struct ArmName: Sendable, Hashable {
    package let rawValue: String

    /// Accepts printable characters, as there are in `iris@2.4.1`.
    package init(validating text: String) throws(MartletError) {
        let isPrintable = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
        guard isPrintable, !text.allSatisfy(\.isWhitespace), text.utf8.count <= Limits.armNameBytes else {
            throw .invalid("The name of an arm has 1 to \(Limits.armNameBytes) bytes, all of them printable.")
        }
        self.rawValue = text
    }

    package init(trusted text: String) {
        self.rawValue = text
    }
}

extension ArmName: CustomStringConvertible {
    package var description: String { self.rawValue }
}
