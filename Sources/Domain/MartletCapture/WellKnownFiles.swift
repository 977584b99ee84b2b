/// Which files of a version are worth reading, found by their names and sizes alone.
package struct WellKnownFiles: Sendable, Hashable {
    /// One file of a version.
    package struct File: Sendable, Hashable {
        package let path: String
        package let size: Int64

        package init(path: String, size: Int64) {
            self.path = path
            self.size = size
        }
    }

    /// Where the model is: the version's own folder or one in it, which is empty or ends in a slash.
    package let root: String
    package let mlmodel: String?
    package let requirements: String?
    package let pythonEnv: String?
    package let conda: String?
    /// Each `config.json` of the model, and of the folders in it.
    package let configs: [String]
    /// Each safetensors file; its header is read in two steps (``SafetensorsHeader``).
    package let safetensors: [File]
    /// Files that will not be read although they are known.
    package let problems: [CaptureProblem]

    /// Every file to be read as text.
    package var texts: [String] {
        [self.mlmodel, self.requirements, self.pythonEnv, self.conda].compactMap { $0 } + self.configs
    }

    private static let names = ["MLmodel", "requirements.txt", "python_env.yaml", "conda.yaml"]

    /// - Parameter files: The files of a version, sorted by path.
    package init(among files: [File]) {
        var problems: [CaptureProblem] = []
        let root = Self.root(of: files)
        self.root = root
        var found: [String: String] = [:]
        var configs: [String] = []
        var safetensors: [File] = []
        for file in files {
            if file.path.hasSuffix(".safetensors") { safetensors.append(file) }
            guard let place = file.path.suffix(after: root) else { continue }
            let isKnown = Self.names.contains(place)
            guard isKnown || Self.isConfig(place) else { continue }
            guard file.size <= CaptureLimits.textBytes else {
                let reason = "larger than \(CaptureLimits.textBytes) bytes"
                problems.append(CaptureProblem(path: file.path, reason: reason))
                continue
            }
            if isKnown { found[place] = file.path } else { configs.append(file.path) }
        }
        self.mlmodel = found["MLmodel"]
        self.requirements = found["requirements.txt"]
        self.pythonEnv = found["python_env.yaml"]
        self.conda = found["conda.yaml"]
        self.configs = Self.first(CaptureLimits.textFiles - Self.names.count, of: configs, \.self, &problems)
        self.safetensors = Self.first(CaptureLimits.headerFiles, of: safetensors, \.path, &problems)
        self.problems = problems
    }

    /// The folder that holds the file that says most: an MLmodel, or else a description of any kind.
    private static func root(of files: [File]) -> String {
        for name in [["MLmodel"], self.names.dropFirst() + ["config.json"]] {
            let folders = files.lazy.compactMap { file -> String? in
                let parts = file.path.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
                guard let last = parts.last, parts.count <= 2, name.contains(String(last)) else { return nil }
                return parts.count == 1 ? "" : "\(parts[0])/"
            }
            if folders.contains("") { return "" }
            if let first = folders.first { return first }
        }
        return ""
    }

    private static func isConfig(_ place: String) -> Bool {
        guard place.hasSuffix("config.json") else { return false }
        let parts = place.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        return parts.count <= 2 && parts.last == "config.json"
    }

    private static func first<Item>(
        _ count: Int,
        of items: [Item],
        _ path: (Item) -> String,
        _ problems: inout [CaptureProblem]
    ) -> [Item] {
        if items.count > count {
            let reason = "not read: the version has \(items.count) files of this kind, more than \(count)"
            problems.append(CaptureProblem(path: path(items[count]), reason: reason))
        }
        return Array(items.prefix(count))
    }
}
