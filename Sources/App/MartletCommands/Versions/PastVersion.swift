import MartletClient
package import MartletWire

/// Finds which version a name meant at a moment.
package enum PastVersion {
    static func find(
        _ reference: VersionReference,
        in state: ModelState,
        _ client: MartletClient
    ) async throws -> VersionState {
        let name = reference.version
        if let version = self.find(name, in: state) { return version }
        // A range means the same at all times; which versions there were does not.
        let numbers = try await self.numbers(in: reference, client)
        if let version = state.versions.last(where: { numbers.contains($0.number) && !$0.isDeleted }) { return version }
        let message = "there was no \(reference) at \(Moment.short(state.at))"
        throw MartletClientError(.notFound, state.exists ? message : "\(message): there was no such model")
    }

    private static func numbers(in range: VersionReference, _ client: MartletClient) async throws -> Set<Int64> {
        var numbers: Set<Int64> = []
        for deleted in [false, true] {
            do {
                let page = try await client.versions(ofModel: range.model, range: range.version, deleted: deleted)
                numbers.formUnion(page.versions.map(\.number))
            } catch {
                // If it is no range, or the model is gone, there is nothing in it.
                guard error.code == .invalidArgument || error.code == .notFound else { throw error }
            }
        }
        return numbers
    }

    /// Returns the version that a number, a semantic version, an alias, a digest or a stage meant.
    package static func find(_ name: String, in state: ModelState) -> VersionState? {
        if let number = Int64(name) ?? state.aliases[name] { return state.versions.first { $0.number == number } }
        if name.hasPrefix("sha256:") { return state.versions.first { $0.digest == String(name.dropFirst(7)) } }
        let plain = name.hasPrefix("v") ? String(name.dropFirst()) : name
        if let version = state.versions.last(where: { $0.semanticVersion == plain }) { return version }
        return state.versions.last { $0.stage.lowercased() == name.lowercased() && !$0.isDeleted }
    }
}
