/// Parts of a document, as somebody has named them who knows what is there.
///
/// A place is a list of names of members, of numbers of elements from 0, and of `*` for all of either, from the outside
/// in.
package struct JSONPlaces: Sendable {
    package static let none = JSONPlaces([])

    /// What is left of those that have led here.
    private let paths: [ArraySlice<String>]

    package init(_ paths: [[String]]) {
        self.init(paths: paths.map { $0[...] })
    }

    private init(paths: [ArraySlice<String>]) {
        self.paths = paths
    }

    /// Whether nothing is named, neither here nor further in.
    package var isEmpty: Bool { self.paths.isEmpty }

    /// Whether one of them is here.
    package var areHere: Bool { self.paths.contains(where: \.isEmpty) }

    /// Those that lead on into a member or an element.
    package func below(_ step: String) -> JSONPlaces {
        JSONPlaces(paths: self.paths.filter { $0.first == step || $0.first == "*" }.map { $0.dropFirst() })
    }
}
