internal import MartletCore
internal import MartletJSON

/// The bytes of a file that should be text.
enum CapturedText {
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// - Throws: `invalidArgument` for what is too large, not UTF-8, or holds a NUL.
    static func utf8(_ bytes: [UInt8]) throws(MartletError) -> String {
        guard bytes.count <= CaptureLimits.textBytes else {
            throw .invalid("larger than \(CaptureLimits.textBytes) bytes")
        }
        guard !bytes.contains(0) else { throw .invalid("not text: it holds a NUL byte") }
        let hasMark = bytes.starts(with: Self.byteOrderMark)
        guard let text = String(validating: bytes.dropFirst(hasMark ? 3 : 0), as: UTF8.self) else {
            throw .invalid("not UTF-8")
        }
        return text
    }

    /// - Throws: `invalidArgument` for what is no JSON, or JSON that is larger or deeper than anybody writes by hand.
    static func json(_ bytes: [UInt8], depthMax: Int = CaptureLimits.depth) throws(MartletError) -> JSONValue {
        let text = try self.utf8(bytes)
        do {
            return try JSONDocument(
                parsing: Array(text.utf8),
                depthMax: depthMax,
                valuesMax: CaptureLimits.jsonValues
            ).root
        } catch {
            throw .notJSON(error)
        }
    }
}
