import ArgumentParser
import MartletCore
import MartletRouting

/// A part of all requests, as in `10%` or `0.25%`.
package struct ShareArgument: ExplainedArgument, Sendable {
    static let spelling = "a percentage, as in 10% or 0.5%"

    package let partsPerMillion: Int64

    package init?(argument: String) {
        // Why it is none makes no difference.
        guard let share = try? Share(argument) else { return nil }
        self.partsPerMillion = Int64(share.partsPerMillion)
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
