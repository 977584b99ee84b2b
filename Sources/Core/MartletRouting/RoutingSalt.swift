package import MartletCore

/// What makes the choices of one deployment independent of those of all others, and subjects hard to guess.
package struct RoutingSalt: Sendable, Hashable {
    /// The length, as one byte, and then the salt: no salt and subject can be taken for another pair.
    let prefixed: [UInt8]

    package init(_ bytes: [UInt8]) throws(MartletError) {
        guard bytes.count <= Limits.routingSaltBytes else {
            throw .invalid("a salt has at most \(Limits.routingSaltBytes) bytes")
        }
        self.prefixed = [UInt8(bytes.count)] + bytes
    }

    package var bytes: [UInt8] { Array(self.prefixed.dropFirst()) }
}
