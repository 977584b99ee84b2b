/// What a write must have to itself while it runs.
///
/// Bodies look before they act ("is there such a run, is it active, which params has it?"). What they have seen must
/// still be so when they commit, so everybody who could change it has to wait. On SQLite all do anyhow; on PostgreSQL,
/// where many servers write at once, the scope says who has to.
package enum WriteScope: Sendable, Equatable {
    /// No other write runs at the same time, on any server. Always right.
    case everything
    /// No other write of the same key runs at the same time, and none of ``everything``; writes of other keys do.
    ///
    /// Right when all that the body decides by, and all that it changes, belongs to `key`, is changed only by writes
    /// of ``everything``, or is guarded by a constraint or a row lock of its own.
    case only(WriteKey)
    /// No write of ``only(_:)`` of the same key runs at the same time; all others do, also those of ``everything``.
    ///
    /// Right when the body adds rows that nobody's decision rests on, unless somebody has the key alone.
    case appending(to: WriteKey)
    /// As ``everything``, however long it takes: nothing to do for a client.
    case schema
}

extension WriteScope {
    /// What nobody else may write meanwhile; `nil` for what covers more than a key, or shares it.
    package var key: WriteKey? {
        switch self {
        case .only(let key): key
        case .everything, .appending, .schema: nil
        }
    }

    /// What others may add to meanwhile.
    package var sharedKey: WriteKey? {
        if case .appending(let key) = self { key } else { nil }
    }
}

/// The name of what a ``WriteScope`` covers, such as one run.
package struct WriteKey: Sendable, Hashable {
    /// Distinct names may have the same hash: they then wait for each other, and nothing else happens.
    package let hash: Int64

    /// - Parameters:
    ///   - kind: Keeps ids of different things apart.
    ///   - id: What identifies it among things of its kind.
    package init(_ kind: StaticString, _ id: String) {
        // FNV-1a: it must be the same on every server and in every version, which Swift's own is not.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in "\(kind)/\(id)".utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
        }
        self.hash = Int64(bitPattern: hash)
    }
}
