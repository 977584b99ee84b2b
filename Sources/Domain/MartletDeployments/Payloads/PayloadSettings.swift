package import MartletRouting

/// Which requests and answers are kept, beside the records of decisions, and what of them is not.
package struct PayloadSettings: Sendable, Hashable {
    /// Of the decisions whose bodies are kept.
    package var share: Share
    /// What is blacked out before anything is written: names, numbers of elements from 0, and `*` for all, from the
    /// outside in. Where there are any, bodies that are no JSON are not kept at all.
    package var redactions: [[String]] = []
}
