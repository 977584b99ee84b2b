/// Where an object stands in a request, as in `metrics[3].`; spelt out only when an error says so.
struct FieldPath: Sendable {
    /// The request itself.
    static let top = FieldPath(parent: "", name: nil, index: nil)

    /// What comes before `name`.
    private let parent: String
    private let name: StaticString?
    private let index: Int?

    /// Returns the place of a field's message, or of one of its messages.
    func appending(_ name: StaticString, _ index: Int? = nil) -> FieldPath {
        FieldPath(parent: self.prefix, name: name, index: index)
    }

    /// What comes before the name of a field of the object.
    var prefix: String {
        guard let name else { return "" }
        return if let index { "\(self.parent)\(name)[\(index)]." } else { "\(self.parent)\(name)." }
    }
}
