import MartletCore
package import MartletRouting

/// What of requests and answers is compared with the training data.
package struct DriftSettings: Sendable, Hashable {
    /// Where a value is found.
    package struct Place: Sendable, Hashable {
        package enum Side: String, Sendable, CaseIterable {
            case request, answer
        }

        package let side: Side
        /// Names, numbers of elements from 0, and `*` for all elements, from the outside in.
        package let path: [String]
    }

    /// Of the decisions that are looked at.
    package var share: Share
    /// By the names that they have in the reference.
    package var places: [String: Place]
}
