import Crypto
package import MartletCore

/// Bytes that are the same every time, and that differ wherever pieces of them were swapped: they repeat after a
/// prime number of bytes.
package func content(_ size: Int, seed: UInt64 = 1) -> [UInt8] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15
    let period = (0..<4_099).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 56)
    }
    var content: [UInt8] = []
    content.reserveCapacity(size + period.count)
    while content.count < size { content += period }
    return Array(content.prefix(size))
}

/// The name that a blob store gives to bytes.
package func digest(of content: [UInt8]) -> BlobDigest {
    BlobDigest(SHA256.hash(data: content))
}
