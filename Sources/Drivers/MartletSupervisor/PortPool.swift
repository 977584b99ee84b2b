import Glibc
import Synchronization

/// The ports that backends are told to listen on, each given to one at a time.
final class PortPool: Sendable {
    private let range: ClosedRange<Int>
    private let taken = Mutex<Set<Int>>([])

    init(_ range: ClosedRange<Int>) {
        self.range = range
    }

    /// Returns a port that nobody listens on now; `nil` when there is none.
    ///
    /// Somebody else may be faster until the backend listens, which is why who listens is looked at again.
    func take() -> Int? {
        let start = Int.random(in: 0..<self.range.count)
        return self.taken.withLock { taken in
            for offset in 0..<self.range.count {
                let port = self.range.lowerBound + (start + offset) % self.range.count
                guard !taken.contains(port), !ProcessTable.isTaken(port: port), Self.isFree(port) else { continue }
                taken.insert(port)
                return port
            }
            return nil
        }
    }

    func give(_ port: Int) {
        _ = self.taken.withLock { $0.remove(port) }
    }

    private static func isFree(_ port: Int) -> Bool {
        let probe = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard probe >= 0 else { return false }
        defer { close(probe) }
        var isReused: Int32 = 1
        setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &isReused, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(probe, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
