package import MartletCore
import MartletRouting
package import MartletSQL

/// Names one decision: a UUID of version 7 (RFC 9562, section 5.7), which begins with the time.
///
/// So that rows are appended in the order of their keys, and found by them.
package struct DecisionID: Sendable, Hashable {
    package static let byteCount = 16

    private let high: UInt64
    private let low: UInt64

    /// - Parameter random: 128 random bits, of which 74 are used.
    package init(at moment: Timestamp, random: (UInt64, UInt64)) {
        let time = UInt64(truncatingIfNeeded: moment.milliseconds) << 16
        self.high = time | 0x7000 | random.0 & 0x0FFF
        self.low = random.1 & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
    }

    /// The least one of a moment, which names nothing.
    init(first moment: Timestamp) {
        self.high = UInt64(truncatingIfNeeded: moment.milliseconds) << 16
        self.low = 0
    }

    /// The one behind it.
    var next: DecisionID {
        let (low, isOver) = self.low.addingReportingOverflow(1)
        return DecisionID(high: self.high &+ (isOver ? 1 : 0), low: low)
    }

    private init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads the text form, in either case.
    package init(validating text: String) throws(MartletError) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [8, 4, 4, 4, 12],
            let bytes = Hexadecimal.bytes(parts.joined().lowercased())
        else { throw .invalid("'\(text)' is not the id of a decision, which looks like \(Self.example).") }
        self.init(stored: bytes)
    }

    private static let example = "0192e4b0-7c3a-7d51-9c0e-2f6a4b1d8e90"

    /// - Parameter bytes: Sixteen of them.
    init(stored bytes: [UInt8]) {
        (self.high, self.low) = bytes.withUnsafeBytes { bytes in
            (
                UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
    }

    /// Whether chance has put this decision among a part of all.
    func isIn(_ share: Share) -> Bool {
        (self.low & 0x3FFF_FFFF_FFFF_FFFF) % UInt64(Share.all.partsPerMillion) < UInt64(share.partsPerMillion)
    }

    /// When it was made.
    package var moment: Timestamp { Timestamp(milliseconds: Int64(self.high >> 16)) }

    package var bytes: [UInt8] {
        withUnsafeBytes(of: (self.high.bigEndian, self.low.bigEndian)) { Array($0) }
    }
}

extension DecisionID: Comparable {
    /// As their bytes are ordered, and so their rows.
    package static func < (left: DecisionID, right: DecisionID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

extension DecisionID: CustomStringConvertible {
    package var description: String { UUIDText.text(of: (self.high, self.low)) }
}

extension DecisionID: SQLBindable {
    package var sqlValue: SQLValue { .bytes(self.bytes) }
}
