/// What a service needs from the world and a test wants to decide: the time and new identifiers.
package struct Surroundings: Sendable {
    package let now: @Sendable () -> Timestamp
    /// Returns 128 random bits.
    package let randomBits: @Sendable () -> (UInt64, UInt64)

    package init(
        now: @escaping @Sendable () -> Timestamp,
        randomBits: @escaping @Sendable () -> (UInt64, UInt64)
    ) {
        self.now = now
        self.randomBits = randomBits
    }

    /// Returns 32 random lowercase hexadecimal digits.
    package func randomIdentifier() -> String {
        let (high, low) = self.randomBits()
        return Hexadecimal.string(high) + Hexadecimal.string(low)
    }
}
