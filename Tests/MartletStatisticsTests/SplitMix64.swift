import Foundation

/// Random numbers that are the same in every run (Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators", OOPSLA 2014).
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        self.state = seed
    }

    mutating func next() -> UInt64 {
        self.state &+= 0x9e37_79b9_7f4a_7c15
        var word = self.state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }

    /// A number in [0, 1), of 53 bits.
    mutating func uniform() -> Double {
        Double(self.next() >> 11) * 0x1p-53
    }

    mutating func happens(_ probability: Double) -> Bool {
        self.uniform() < probability
    }

    /// A normal number, by Box and Muller.
    mutating func normal() -> Double {
        (-2 * log(1 - self.uniform())).squareRoot() * cos(2 * .pi * self.uniform())
    }
}
