/// What a file's name says about its content, as MLflow guesses it.
///
/// Everything that is written to be read is `text/plain`: a browser must never run what somebody logged.
enum FileContentType {
    private static let textExtensions: Set = [
        "txt", "log", "err", "cfg", "conf", "cnf", "cf", "ini", "properties", "prop", "hocon", "toml", "yaml", "yml",
        "xml", "json", "js", "py", "py3", "csv", "tsv", "md", "rst", "ipynb", "MLmodel", "MLproject",
    ]

    private static let types = [
        "avif": "image/avif", "bmp": "image/bmp", "css": "text/css", "gif": "image/gif", "gz": "application/gzip",
        "htm": "text/html", "html": "text/html", "jpeg": "image/jpeg", "jpg": "image/jpeg", "mp3": "audio/mpeg",
        "mp4": "video/mp4", "pdf": "application/pdf", "png": "image/png", "svg": "image/svg+xml",
        "tar": "application/x-tar", "tif": "image/tiff", "tiff": "image/tiff", "wav": "audio/x-wav",
        "webm": "video/webm", "webp": "image/webp", "zip": "application/zip",
    ]

    /// Returns the media type for a file of that name.
    static func guess(from name: Substring) -> String {
        let ending = name.split(separator: ".").last.map(String.init) ?? ""
        if self.textExtensions.contains(ending) { return "text/plain" }
        return self.types[ending.lowercased()] ?? "application/octet-stream"
    }
}
