package import MartletCore

/// What a log was at one moment (C2SP tlog-checkpoint, `https://c2sp.org/tlog-checkpoint`).
///
/// Signed, it binds the log's owner to every entry so far, in this order.
package struct Checkpoint: Sendable, Equatable {
    /// Names the log.
    package let origin: String
    package let size: UInt64
    package let root: MerkleHash

    package init(origin: String, size: UInt64, root: MerkleHash) {
        self.origin = origin
        self.size = size
        self.root = root
    }

    /// Reads the text of a note. Lines after the third are extensions and say nothing here.
    package init(_ text: String) throws(MartletError) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count > 3, !lines[0].isEmpty, let size = UInt64(lines[1]), String(size) == lines[1],
            let root = Base64.bytes(lines[2]).flatMap(MerkleHash.init(bytes:))
        else { throw .invalid("this is not a checkpoint") }
        self.init(origin: String(lines[0]), size: size, root: root)
    }

    /// What is signed.
    package var text: String { "\(self.origin)\n\(self.size)\n\(Base64.string(self.root.bytes))\n" }
}
