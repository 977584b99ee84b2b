import MartletArtifacts
import MartletJSON

extension JSONWriter {
    /// Writes a folder's content.
    ///
    /// - Parameter folder: What the listed paths begin with; empty for bare names.
    mutating func files(_ entries: [ArtifactEntry], in folder: String) {
        self.array("files", of: entries) { json, entry in
            json.beginObject()
            json.member("path", folder.isEmpty ? entry.name : "\(folder)/\(entry.name)")
            json.member("is_dir", entry.isFolder)
            json.member("file_size", entry.size)
            json.endObject()
        }
    }
}
