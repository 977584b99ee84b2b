package import MartletArtifacts
package import MartletCore
package import MartletSQL

/// A version that can be served: it is sealed, so that what serves under its name is what was registered.
package struct ServableVersion: Sendable, Hashable {
    package let key: Int64
    package let model: ModelName
    package let number: VersionNumber
    package let semanticVersion: SemanticVersion?
    /// Of the manifest.
    package let digest: BlobDigest
    /// Of the list of files.
    package let tree: BlobDigest
    package let stage: StageName
}

extension ServableVersion {
    /// Finds a version by any of its names.
    ///
    /// - Throws: `notFound` when there is none; `conflict` when its files are not sealed.
    package static func find(
        _ selector: VersionSelector,
        of name: ModelName,
        on db: any Connection
    ) throws(MartletError) -> ServableVersion {
        try ServableVersion(try FoundVersion.find(selector, of: name, on: db))
    }

    /// Finds a version that was found before.
    ///
    /// - Throws: `conflict` when it was deleted or purged since.
    package static func find(key: Int64, on db: any Connection) throws(MartletError) -> ServableVersion {
        guard let found = try self.findIfAny(key: key, on: db) else {
            throw MartletError(.conflict, "A version that is to be served was deleted.")
        }
        return found
    }

    /// Finds a version that was found before; `nil` when it was deleted or purged since.
    package static func findIfAny(key: Int64, on db: any Connection) throws(MartletError) -> ServableVersion? {
        try db.queryOne(ModelVersionQueries.find(key: key)).map { row throws(MartletError) in
            try ServableVersion(ModelVersionQueries.decode(row))
        }
    }

    /// Lists the bytes that the version consists of.
    package func files(on db: any Connection) throws(MartletError) -> [SealedTree.File] {
        try SealedTree.files(below: ArtifactAddress(SealedTree.folder(of: self.tree), in: .sealed), on: db)
    }

    private init(_ found: FoundVersion) throws(MartletError) {
        let version = found.version
        guard let seal = version.seal, let tree = seal.tree else {
            let reason = version.seal?.unsealedReason.map { ": \($0)" } ?? ""
            throw MartletError(
                .conflict,
                "Version \(version.number) of '\(version.name)' is not sealed\(reason). Only sealed ones are served."
            )
        }
        self.init(
            key: found.key,
            model: version.name,
            number: version.number,
            semanticVersion: version.semanticVersion,
            digest: seal.digest,
            tree: tree,
            stage: version.stageName
        )
    }
}

/// Whoever needs versions that must not go away.
package protocol VersionUsers: Sendable {
    /// Says in words what a version is needed for; `nil` for nothing.
    func use(ofVersion key: Int64, on db: any Connection) throws(MartletError) -> String?

    /// Says in words what any of a model's versions is needed for; `nil` for nothing.
    func use(ofModel key: Int64, on db: any Connection) throws(MartletError) -> String?
}
