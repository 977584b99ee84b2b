package import MartletCore

/// One page of a listing.
package struct Page<Item: Sendable>: Sendable {
    package var items: [Item]
    /// Where the next page begins; `nil` on the last one.
    package var next: [PageToken.Field]?

    package init(items: [Item], next: [PageToken.Field]?) {
        self.items = items
        self.next = next
    }

    /// - Parameters:
    ///   - hasNext: Whether something comes after the items.
    ///   - position: What a page begins after that follows an item.
    package init(_ items: [Item], hasNext: Bool, after position: (Item) -> PageToken.Field) {
        self.init(items: items, next: hasNext ? items.last.map { [position($0)] } : nil)
    }
}

extension MartletError {
    /// The refusal of a page token that was tampered with.
    package static var foreignPosition: MartletError { .invalid("Invalid page token: it is not of this order.") }
}
