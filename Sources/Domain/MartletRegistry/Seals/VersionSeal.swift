package import MartletCore

/// What binds a version to its content.
package struct VersionSeal: Sendable, Hashable {
    /// Of the manifest's bytes.
    package var digest: BlobDigest
    /// Of the list of its files, which lie below it in the space of sealed artifacts; `nil` when they are not sealed.
    package var tree: BlobDigest?
    /// Why there is no tree.
    package var unsealedReason: String?
    package var fileCount: Int64
    /// Of all files together.
    package var byteCount: Int64
    package var captured: Set<CaptureItem>
}

/// What can be known of a version. The words are part of policies and stored.
package enum CaptureItem: String, Sendable, CaseIterable {
    case weights, signature, dataset, code, environment, metric, hyperparameters, tokenizer, run, seal
}

extension VersionSeal {
    /// ``captured`` as it is stored.
    var capturedText: String {
        CaptureItem.allCases.filter(self.captured.contains).map(\.rawValue).joined(separator: " ")
    }

    /// Reads ``capturedText``; words that a newer program wrote say nothing.
    static func captured(_ text: String) -> Set<CaptureItem> {
        Set(text.split(separator: " ").compactMap { CaptureItem(rawValue: String($0)) })
    }
}
