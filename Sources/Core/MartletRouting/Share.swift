package import MartletCore

/// A part of all traffic, in whole millionths, so that shares add up exactly.
package struct Share: Sendable, Hashable, Comparable {
    package let partsPerMillion: UInt32

    package static let none = Share(trusted: 0)
    package static let all = Share(trusted: 1_000_000)

    package init(partsPerMillion parts: some BinaryInteger) throws(MartletError) {
        guard let exact = UInt32(exactly: parts), exact <= Self.all.partsPerMillion else {
            throw .invalid("A share is a number of parts per million, from 0 to 1000000, not \(parts).")
        }
        self.init(trusted: exact)
    }

    /// Reads a percentage with at most four decimals: `10%`, `0.5%`, `33.3333%`.
    package init(_ text: String) throws(MartletError) {
        guard let partsPerMillion = Self.partsPerMillion(text) else {
            throw .invalid("'\(text)' is not a percentage between 0% and 100% with at most four decimals")
        }
        try self.init(partsPerMillion: partsPerMillion)
    }

    private init(trusted partsPerMillion: UInt32) {
        self.partsPerMillion = partsPerMillion
    }

    package static func < (left: Share, right: Share) -> Bool {
        left.partsPerMillion < right.partsPerMillion
    }

    private static func partsPerMillion(_ text: String) -> UInt32? {
        guard text.last == "%" else { return nil }
        let parts = text.dropLast().split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let decimals = parts.count == 2 ? parts[1] : "0"
        guard let whole = Self.number(parts[0], digitsMax: 3), let part = Self.number(decimals, digitsMax: 4) else {
            return nil
        }
        return (decimals.count..<4).reduce(part) { part, _ in part * 10 } + whole * 10_000
    }

    private static func number(_ digits: Substring, digitsMax: Int) -> UInt32? {
        guard digits.count <= digitsMax, digits.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains) else {
            return nil
        }
        return UInt32(digits)
    }
}

extension Share: CustomStringConvertible {
    /// The shortest percentage that is read as this share.
    package var description: String {
        let (whole, part) = self.partsPerMillion.quotientAndRemainder(dividingBy: 10_000)
        guard part > 0 else { return "\(whole)%" }
        var decimals = String(part + 10_000).dropFirst()
        while decimals.last == "0" { decimals.removeLast() }
        return "\(whole).\(decimals)%"
    }
}
