import MartletCore

/// A tag of a model or a version, within its limits.
struct NativeTag {
    let tag: Tag

    init(_ key: String, _ value: String) throws(MartletError) {
        guard !key.allSatisfy(\.isWhitespace), key.unicodeScalars.count <= Limits.registryKeyCharacters,
            key.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
        else { throw .invalid("A tag's key has 1 to \(Limits.registryKeyCharacters) printable characters.") }
        guard value.unicodeScalars.count <= Limits.modelVersionTagValueCharacters else {
            throw .invalid("A tag's value has at most \(Limits.modelVersionTagValueCharacters) characters.")
        }
        self.tag = Tag(key: key, value: value)
    }

    /// The tags of a new model or version.
    static func tags(_ values: [String: String]?) throws(MartletError) -> [Tag] {
        guard (values?.count ?? 0) <= Limits.tagsPerEntity else {
            throw .invalid("There are at most \(Limits.tagsPerEntity) tags.")
        }
        var tags: [Tag] = []
        for tag in values?.tags ?? [] { tags.append(try NativeTag(tag.key, tag.value).tag) }
        return tags
    }
}
