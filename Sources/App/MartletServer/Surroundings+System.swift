import FoundationEssentials
import Glibc
package import MartletCore
import Synchronization

extension Surroundings {
    /// The system's clock and random numbers.
    package static let system = Surroundings(now: { .system }, randomBits: { RandomReserve.system.next() })
}

extension Timestamp {
    fileprivate static var system: Timestamp {
        Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000))
    }
}

/// The system's random numbers, many of them with one call: a request of a deployment costs two.
private final class RandomReserve: Sendable {
    static let system = RandomReserve()

    /// As many as the system gives at once.
    private static let wordCount = 32

    private let words = Mutex<[UInt64]>([])

    func next() -> (UInt64, UInt64) {
        self.words.withLock { words in
            if words.isEmpty { words = Self.fresh() }
            return (words.removeLast(), words.removeLast())
        }
    }

    private static func fresh() -> [UInt64] {
        var words = [UInt64](repeating: 0, count: self.wordCount)
        let isFilled = words.withUnsafeMutableBytes { getentropy($0.baseAddress, $0.count) == 0 }
        // A system that does not know the call has another one, which cannot fail.
        return isFilled ? words : words.map { _ in .random(in: .min ... .max) }
    }
}
