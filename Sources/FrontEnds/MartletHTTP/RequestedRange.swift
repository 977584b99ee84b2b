/// What a `Range` header asks for (RFC 9110, section 14.2).
enum RequestedRange: Equatable {
    /// Everything, also when the header asks for several ranges or for something that we do not understand.
    case whole
    case part(Range<Int64>)
    case unsatisfiable

    /// - Parameter size: Of the whole file.
    init(_ header: String?, size: Int64) {
        guard let header, header.lowercased().hasPrefix("bytes=") else {
            self = .whole
            return
        }
        let ends = header.dropFirst("bytes=".count).split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let first = Self.position(ends[0]), let last = Self.position(ends[1]) else {
            self = .whole
            return
        }
        switch (first, last) {
        case (.some(let first), .some(let last)) where last < first: self = .whole
        case (.some(let first), let last):
            self = first < size ? .part(first..<min(last ?? size, size - 1).advanced(by: 1)) : .unsatisfiable
        case (nil, .some(let length)):
            self = length > 0 && size > 0 ? .part(max(0, size - length)..<size) : .unsatisfiable
        case (nil, nil): self = .whole
        }
    }

    /// Returns `.some(nil)` for no digits at all, and `nil` for anything but digits.
    private static func position(_ text: Substring) -> Int64?? {
        if text.isEmpty { return .some(nil) }
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        // What does not fit is beyond the end of any file.
        return Int64(text) ?? Int64.max
    }
}
