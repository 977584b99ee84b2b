public import MartletWire

extension MartletClient {
    /// Adds a remark to a version. A repetition adds another one.
    public func addNote(
        _ text: String,
        to reference: VersionReference
    ) async throws(MartletClientError) -> NoteRecord {
        try await self.post(reference, "notes", NoteCreation(text: text))
    }

    /// Lists a version's remarks.
    public func notes(of reference: VersionReference) async throws(MartletClientError) -> NoteList {
        try await translatingErrors { try await self.server.read(.version(.get, reference, "notes")) }
    }

    /// Describes a version; `nil` clears the description.
    public func setDescription(
        _ text: String?,
        of reference: VersionReference
    ) async throws(MartletClientError) {
        try await translatingErrors {
            try await self.server.perform(
                .version(.put, reference, "description"),
                sending: DescriptionChange(description: text)
            )
        }
    }

    /// Sets one of a version's tags.
    public func setTag(
        _ key: String,
        to value: String,
        of reference: VersionReference
    ) async throws(MartletClientError) {
        try await translatingErrors {
            try await self.server.perform(.version(.put, reference, "tags", key), sending: TagChange(value: value))
        }
    }

    /// Removes one of a version's tags.
    public func removeTag(_ key: String, of reference: VersionReference) async throws(MartletClientError) {
        try await translatingErrors { try await self.server.perform(.version(.delete, reference, "tags", key)) }
    }
}
