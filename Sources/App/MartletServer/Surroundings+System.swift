import FoundationEssentials
package import MartletCore

extension Surroundings {
    /// The system's clock and random numbers.
    package static let system = Surroundings(
        now: { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000)) },
        randomBits: { (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max)) }
    )
}
