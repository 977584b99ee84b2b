import MartletCore
import Synchronization

/// Who is at work on what: many that share a thing, or one that has it alone. Who comes later waits, in order.
///
/// Claims live in the memory of one process. What several servers must agree on stands in the database.
///
/// A claim is held for as long as a body runs. Bodies may claim other things, but never two of the same kind.
package final class Claims<Key: Hashable & Sendable>: Sendable {
    private let claims = Mutex<[Key: Claim]>([:])

    package init() {}

    /// Runs `body` while nobody has `key` alone.
    func sharing<Value>(
        _ key: Key,
        _ body: () async throws(MartletError) -> Value
    ) async throws(MartletError) -> Value {
        await self.take(key, .shared)
        defer { self.release(key, .shared) }
        return try await body()
    }

    /// Runs `body` while nobody else is at work on `key`.
    func owning<Value>(
        _ key: Key,
        _ body: () async throws(MartletError) -> Value
    ) async throws(MartletError) -> Value {
        await self.take(key, .exclusive)
        defer { self.release(key, .exclusive) }
        return try await body()
    }

    /// Runs `body` with those of `keys` on which nobody is at work, and keeps everybody else off them. Never waits.
    func owningFree<Value>(
        of keys: [Key],
        _ body: ([Key]) async throws(MartletError) -> Value
    ) async throws(MartletError) -> Value {
        let free = self.claims.withLock { claims in keys.filter { claims[$0, default: Claim()].enter(.exclusive) } }
        defer {
            for key in free { self.release(key, .exclusive) }
        }
        return try await body(free)
    }

    private func take(_ key: Key, _ kind: Claim.Kind) async {
        await withCheckedContinuation { continuation in
            let hasEntered = self.claims.withLock { claims in
                let hasEntered = claims[key, default: Claim()].enter(kind)
                if !hasEntered { claims[key]?.waiting.append((kind, continuation)) }
                return hasEntered
            }
            if hasEntered { continuation.resume() }
        }
    }

    private func release(_ key: Key, _ kind: Claim.Kind) {
        let next = self.claims.withLock { claims in
            let next = claims[key]?.leave(kind) ?? []
            if claims[key]?.isFree == true { claims[key] = nil }
            return next
        }
        for continuation in next { continuation.resume() }
    }
}

/// Who is at work on one thing, and who waits.
private struct Claim {
    enum Kind { case shared, exclusive }

    private var sharerCount = 0
    private var isOwned = false
    var waiting: [(kind: Kind, continuation: CheckedContinuation<Void, Never>)] = []

    var isFree: Bool { !self.isOwned && self.sharerCount == 0 }

    /// Returns whether there was no need to wait.
    mutating func enter(_ kind: Kind) -> Bool {
        guard self.waiting.isEmpty, self.admits(kind) else { return false }
        self.count(kind)
        return true
    }

    /// Returns those whose turn it is then.
    mutating func leave(_ kind: Kind) -> [CheckedContinuation<Void, Never>] {
        switch kind {
        case .shared: self.sharerCount -= 1
        case .exclusive: self.isOwned = false
        }
        var next: [CheckedContinuation<Void, Never>] = []
        while let first = self.waiting.first, self.admits(first.kind) {
            self.count(first.kind)
            next.append(self.waiting.removeFirst().continuation)
        }
        return next
    }

    private func admits(_ kind: Kind) -> Bool {
        switch kind {
        case .shared: !self.isOwned
        case .exclusive: self.isFree
        }
    }

    private mutating func count(_ kind: Kind) {
        switch kind {
        case .shared: self.sharerCount += 1
        case .exclusive: self.isOwned = true
        }
    }
}
