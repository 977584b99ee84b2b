import ArgumentParser

/// A part of all requests, as in `10%` or `0.25%`.
package struct ShareArgument: ExpressibleByArgument, Sendable {
    private static let decimalsMax = 4

    package let partsPerMillion: Int64

    package init?(argument: String) {
        guard argument.hasSuffix("%") else { return nil }
        let parts = argument.dropLast().split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first.flatMap({ Int64($0) }), (0...100).contains(whole) else { return nil }
        let decimals = parts.count > 1 ? parts[1] : "0"
        let padded = decimals + String(repeating: "0", count: max(0, Self.decimalsMax - decimals.count))
        guard decimals.utf8.allSatisfy({ (0x30...0x39).contains($0) }), (1...Self.decimalsMax).contains(decimals.count),
            let fraction = Int64(padded), whole * 10_000 + fraction <= 1_000_000
        else { return nil }
        self.partsPerMillion = whole * 10_000 + fraction
    }

    /// Reads `iris@2.4.1=25%` and the like.
    package static func shares(_ arguments: [String]) throws -> [String: Int64] {
        var shares: [String: Int64] = [:]
        for argument in arguments {
            guard let divider = argument.lastIndex(of: "="),
                let share = ShareArgument(argument: String(argument[argument.index(after: divider)...]))
            else { throw ValidationError("'\(argument)' is no share of an arm: write ARM=10%") }
            shares[String(argument[..<divider])] = share.partsPerMillion
        }
        return shares
    }
}
