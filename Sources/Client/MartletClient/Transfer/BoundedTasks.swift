/// Runs `body` for each element, a few at a time; the first error ends all of them.
func forEach<Element: Sendable>(
    _ elements: [Element],
    atOnce limit: Int,
    _ body: @escaping @Sendable (Element) async throws -> Void
) async throws {
    try await withThrowingTaskGroup { group in
        var rest = elements[...]
        for element in rest.prefix(limit) { group.addTask { try await body(element) } }
        rest = rest.dropFirst(limit)
        while try await group.next() != nil {
            if let element = rest.popFirst() { group.addTask { try await body(element) } }
        }
    }
}

/// Transforms each element, a few at a time, and returns what came of them in their order.
func map<Element: Sendable, Value: Sendable>(
    _ elements: [Element],
    atOnce limit: Int,
    _ transform: @escaping @Sendable (Element) async throws -> Value
) async throws -> [Value] {
    try await withThrowingTaskGroup(of: (Int, Value).self) { group in
        var rest = elements.enumerated().map { $0 }[...]
        for (index, element) in rest.prefix(limit) { group.addTask { (index, try await transform(element)) } }
        rest = rest.dropFirst(limit)
        var values: [Int: Value] = [:]
        while let (index, value) = try await group.next() {
            values[index] = value
            if let (index, element) = rest.popFirst() { group.addTask { (index, try await transform(element)) } }
        }
        return values.sorted { $0.key < $1.key }.map(\.value)
    }
}
