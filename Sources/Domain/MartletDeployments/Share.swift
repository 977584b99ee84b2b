package import MartletCore

/// A part of a whole, in parts per million: exact, so that shares can add up to everything.
package struct Share: Sendable, Hashable {
    package static let partsInAll = 1_000_000
    package static let none = Share(trusted: 0)
    package static let all = Share(trusted: Self.partsInAll)

    package let partsPerMillion: Int

    package init(partsPerMillion parts: Int) throws(MartletError) {
        guard (0...Self.partsInAll).contains(parts) else {
            throw .invalid("A share is a number of parts per million, from 0 to \(Self.partsInAll), not \(parts).")
        }
        self.partsPerMillion = parts
    }

    init(trusted parts: Int) {
        self.partsPerMillion = parts
    }
}

extension Share: CustomStringConvertible {
    /// In percent, as in `12.5%`.
    package var description: String {
        let whole = self.partsPerMillion / 10_000
        let rest = self.partsPerMillion % 10_000
        guard rest > 0 else { return "\(whole)%" }
        var digits = String(rest + 10_000).dropFirst()
        while digits.last == "0" { digits.removeLast() }
        return "\(whole).\(digits)%"
    }
}
