import MartletCore
import MartletDeployments
import MartletJSON
import MartletRouting
import NIOCore
import NIOHTTP1

extension Route {
    /// Returns whom a request is about; `nil` where it does not say.
    ///
    /// - Parameter body: The whole of it, where ``isSubjectInBody``.
    func subject(of headers: HTTPHeaders, _ body: ByteBuffer?) -> SubjectHash? {
        guard self.hasChoice || self.recording != .off else { return nil }
        return switch self.settings.subject {
        case nil: nil
        case .header(let name): headers.joined(name).flatMap(self.hash)
        case .cookie(let name):
            headers.joined("cookie", by: "; ").flatMap { Self.cookie(name, in: $0) }.flatMap(self.hash)
        case .member(let names): body.flatMap { Self.member(names, in: $0) }.flatMap(self.hash)
        }
    }

    /// Whether nothing can be chosen before the body was read.
    var isSubjectInBody: Bool { if case .member = self.settings.subject { true } else { false } }

    /// An empty subject is none: otherwise all who are not known would share one arm.
    private func hash(_ subject: some StringProtocol) -> SubjectHash? {
        subject.isEmpty ? nil : Array(subject.utf8).withUnsafeBytes { self.hash($0) }
    }

    /// A cookie's value (RFC 6265, section 4.2.1).
    private static func cookie(_ name: String, in header: String) -> Substring? {
        // By bytes: a value may begin with what joins the character before it.
        for pair in header.utf8.split(separator: UInt8(ascii: ";")) {
            let pair = pair.drop { $0 == UInt8(ascii: " ") }
            guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else { continue }
            if pair[..<equals].elementsEqual(name.utf8) { return Substring(pair[pair.index(after: equals)...]) }
        }
        return nil
    }

    /// The value of a member; a number as it is written.
    private static func member(_ names: [String], in body: ByteBuffer) -> String? {
        // What is no JSON is the backend's to refuse.
        let document = try? JSONDocument(
            parsing: Array(body.readableBytesView),
            depthMax: Limits.jsonDepth,
            valuesMax: Limits.jsonValues
        )
        guard var value = document?.root else { return nil }
        for name in names {
            guard value.kind == .object, let next = value[name] else { return nil }
            value = next
        }
        switch value.kind {
        case .string: return value.string
        case .integer, .real: return value.source
        default: return nil
        }
    }
}

extension HTTPHeaders {
    /// What all fields of that name say together; `nil` where there is none.
    fileprivate func joined(_ name: String, by separator: String = ", ") -> String? {
        let values = self[name]
        return values.count > 1 ? values.joined(separator: separator) : values.first
    }
}
