import Glibc
import MartletCore
import MartletWebhooks
import NIOCore
import NIOPosix

/// Asks the system what addresses a name has, on threads of its own: they may wait for a name server that is silent.
struct SystemResolver: Sendable {
    private static let threads: NIOThreadPool = {
        let threads = NIOThreadPool(numberOfThreads: 4)
        threads.start()
        return threads
    }()

    @Sendable func addresses(of host: String, by deadline: NIODeadline) async throws(MartletError) -> [IPAddress] {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let answer = loop.makePromise(of: Result<[IPAddress], MartletError>.self)
        let timer = loop.scheduleTask(deadline: deadline) {
            answer.succeed(.failure(.unresolvable(host, "no answer in time")))
        }
        Self.threads.submit { _ in
            answer.succeed(Result { () throws(MartletError) in try Self.addresses(of: host) })
        }
        defer { timer.cancel() }
        do {
            return try await answer.futureResult.get().get()
        } catch {
            throw error as? MartletError ?? .unresolvable(host, "\(error)")
        }
    }

    private static func addresses(of host: String) throws(MartletError) -> [IPAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else { throw .unresolvable(host, String(cString: gai_strerror(code))) }
        defer { freeaddrinfo(list) }
        let addresses = sequence(first: list, next: { $0?.pointee.ai_next }).prefix { $0 != nil }
            .compactMap { $0.flatMap { Self.address($0.pointee) } }
        guard !addresses.isEmpty else { throw .unresolvable(host, "it has no address") }
        return addresses
    }

    private static func address(_ info: addrinfo) -> IPAddress? {
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let code = getnameinfo(info.ai_addr, info.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
        guard code == 0 else { return nil }
        let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        // Behind a percent sign is the network card of an address that means something only there.
        return IPAddress(String(decoding: bytes.prefix { $0 != UInt8(ascii: "%") }, as: UTF8.self))
    }
}

extension MartletError {
    fileprivate static func unresolvable(_ host: String, _ reason: String) -> MartletError {
        .invalid("Cannot resolve Webhook URL hostname '\(host)': \(reason)")
    }
}
