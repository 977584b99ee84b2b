/// Changes of JSON that is kept as text.
package enum JSONText {
    /// Deeper than what any of our front ends accepts.
    private static let depthMax = 200

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
        guard let document = try? JSONDocument(parsing: Array(array.utf8), depthMax: Self.depthMax),
            document.root.kind == .array, !document.root.elements.isEmpty, let end = array.lastIndex(of: "]")
        else { return "[\(element)]" }
        return "\(array[..<end]), \(element)]"
    }
}
