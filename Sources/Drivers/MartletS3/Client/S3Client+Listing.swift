package import MartletCore

/// An object in a listing.
package struct ListedObject: Sendable {
    package let key: String
    package let size: Int64
    package let modified: Timestamp
}

/// An upload in parts that was begun and has not ended.
package struct ListedUpload: Sendable {
    package let key: String
    package let uploadID: String
    package let begun: Timestamp
}

/// Some of what there is, and whether there is more.
package struct ListedPage<Entry: Sendable>: Sendable {
    package var entries: [Entry]
    /// What to ask for the next page with; empty when there is none.
    package var continuation: [S3Request.Field]

    /// Whether there is nothing behind this page.
    package var isLast: Bool { self.continuation.isEmpty }
}

extension S3Client {
    /// Lists some of the objects whose keys begin with `prefix`, in the order of their keys' bytes.
    package func list(
        _ prefix: String,
        after key: String? = nil,
        continuation: [S3Request.Field] = []
    ) async throws(MartletError) -> ListedPage<ListedObject> {
        var request = S3Request(.get, "").asking("list-type", "2").asking("prefix", prefix)
        if let key, continuation.isEmpty { request = request.asking("start-after", key) }
        request.query += continuation
        let root = try await self.listing(request, "ListBucketResult")
        let entries = root.children("Contents").compactMap { element -> ListedObject? in
            guard let key = element.text(of: "Key"), let size = element.text(of: "Size").flatMap({ Int64($0) })
            else { return nil }
            return ListedObject(key: key, size: size, modified: Self.moment(element.text(of: "LastModified")))
        }
        var page = ListedPage(entries: entries, continuation: [])
        if root.text(of: "IsTruncated") == "true", let token = root.text(of: "NextContinuationToken") {
            page.continuation = [.init(name: "continuation-token", value: token)]
        }
        return page
    }

    /// Lists some of the uploads in parts that have not ended.
    package func listUploads(
        _ prefix: String,
        continuation: [S3Request.Field] = []
    ) async throws(MartletError) -> ListedPage<ListedUpload> {
        var request = S3Request(.get, "").asking("uploads").asking("prefix", prefix)
        request.query += continuation
        let root = try await self.listing(request, "ListMultipartUploadsResult")
        let entries = root.children("Upload").compactMap { element -> ListedUpload? in
            guard let key = element.text(of: "Key"), let id = element.text(of: "UploadId") else { return nil }
            return ListedUpload(key: key, uploadID: id, begun: Self.moment(element.text(of: "Initiated")))
        }
        var page = ListedPage(entries: entries, continuation: [])
        if root.text(of: "IsTruncated") == "true", let key = root.text(of: "NextKeyMarker") {
            page.continuation = [
                .init(name: "key-marker", value: key),
                .init(name: "upload-id-marker", value: root.text(of: "NextUploadIdMarker") ?? ""),
            ]
        }
        return page
    }

    /// Lists all objects whose keys begin with `prefix`.
    package func listAll(_ prefix: String) async throws(MartletError) -> [ListedObject] {
        var page = try await self.list(prefix)
        var all = page.entries
        while !page.isLast {
            page = try await self.list(prefix, continuation: page.continuation)
            all += page.entries
        }
        return all
    }

    private func listing(_ request: S3Request, _ name: String) async throws(MartletError) -> XMLElement {
        let answer = try await self.send(request)
        do throws(S3Failure) {
            return try answer.xml(name)
        } catch {
            throw error.translated(for: self.address)
        }
    }

    /// What cannot be read counts as now, so that nobody takes it for old.
    private static func moment(_ text: String?) -> Timestamp {
        do throws(MartletError) {
            return try Timestamp(text: text ?? "")
        } catch {
            return Timestamp(milliseconds: .max)
        }
    }
}
