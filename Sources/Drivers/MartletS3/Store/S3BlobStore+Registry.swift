package import MartletCore

extension S3BlobStore {
    package func dedicate(to registry: String) async throws(MartletError) {
        let key = self.layout.registry
        var owner = try await self.client.text(of: key)
        if owner == nil {
            try await self.client.put(key, text: "\(registry)\n", onlyIfAbsent: true)
            // Not ours when some other server was faster, which may be one of the same registry.
            owner = try await self.client.text(of: key)
        }
        let name = owner?.split(separator: "\n").first ?? ""
        guard name != registry else { return }
        throw MartletError(
            .conflict,
            "\(self.client.address.place) holds the files of the registry '\(name)', and the database is that of "
                + "'\(registry)'; choose another place with --blobs, or the database that belongs to this one"
        )
    }
}
