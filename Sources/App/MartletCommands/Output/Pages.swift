/// Lists that a server sends in pages.
enum Pages {
    private static let sizeMax = 200

    /// Asks for pages until there are `limit` elements or no more pages.
    static func collect<Element>(
        _ limit: Int,
        _ page: (_ limit: Int, _ token: String?) async throws -> ([Element], String?)
    ) async throws -> (elements: [Element], next: String?) {
        var elements: [Element] = []
        var token: String?
        repeat {
            let (more, next) = try await page(min(limit - elements.count, self.sizeMax), token)
            elements += more
            token = next
        } while token != nil && elements.count < limit
        return (elements, token)
    }

    /// Says that a list goes on.
    static func mention(_ next: String?, _ screen: inout Screen) {
        if next != nil { screen.line(.faint("… there are more: ask for them with --limit")) }
    }
}
