extension String {
    /// Without blanks at either end.
    var trimmed: String {
        let start = self.drop { $0.isWhitespace }
        var end = start.endIndex
        while end > start.startIndex, start[start.index(before: end)].isWhitespace { end = start.index(before: end) }
        return String(start[..<end])
    }

    /// Where an ASCII `mark` begins first.
    func firstIndex(of mark: String) -> Index? {
        let text = self.utf8
        let mark = Array(mark.utf8)
        return text.indices.first { text[$0...].starts(with: mark) }
    }

    /// What follows the first ASCII `mark`, if it is there.
    func text(after mark: String) -> String? {
        self.firstIndex(of: mark).map { String(self[self.utf8.index($0, offsetBy: mark.utf8.count)...]) }
    }

    /// What follows `prefix`, if this begins with it by its bytes: to Swift a slash and a mark on it are one character.
    func suffix(after prefix: String) -> String? {
        guard self.utf8.starts(with: prefix.utf8) else { return nil }
        return String(decoding: self.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
    }
}
