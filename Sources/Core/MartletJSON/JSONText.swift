/// Changes of JSON that is kept as text.
package enum JSONText {
    /// Returns `array` with one more element, which `element` writes.
    ///
    /// A text that is not an array is replaced by one.
    package static func appending(to array: String, _ element: (inout JSONWriter) -> Void) -> String {
        var json = JSONWriter()
        element(&json)
        return self.appending(String(decoding: json.bytes, as: UTF8.self), to: array)
    }

    /// Returns `array` with `element`, which is JSON itself, as one more element.
    package static func appending(_ element: String, to array: String) -> String {
        guard let end = array.lastIndex(of: "]") else { return "[\(element)]" }
        let isEmpty = array[..<end].allSatisfy { $0 == "[" || $0.isWhitespace }
        return isEmpty ? "[\(element)]" : "\(array[..<end]), \(element)]"
    }
}
