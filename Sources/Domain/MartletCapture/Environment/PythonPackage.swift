/// One package that a model needs, as far as its requirement says.
package struct PythonPackage: Sendable, Hashable {
    /// As PEP 503 normalises it, so that `Scikit_Learn` and `scikit-learn` are one.
    package let name: String
    /// The whole requirement without comments, options and credentials: `scikit-learn[docs]==1.9.1; sys_platform=="x"`.
    package let requirement: String

    /// Reads one line of a requirements file; `nil` for a line that requires nothing.
    package init?(requirement line: String) {
        var line = line.trimmed
        for option in ["-e ", "-e\t", "--editable ", "--editable="] where line.hasPrefix(option) {
            line = String(line.dropFirst(option.count)).trimmed
        }
        // Other options say where packages are found, not which.
        guard !line.isEmpty, !line.hasPrefix("#"), !line.hasPrefix("-") else { return nil }
        line = Self.withoutOptions(line).trimmed
        self.requirement = URLRedaction.redacted(line)
        self.name = Self.normalised(Self.name(in: self.requirement))
    }

    /// Reads a dependency of a conda environment, such as `conda-forge::numpy=1.26.4=py311h0`.
    package init?(conda dependency: String) {
        // What stands before may be a URL with a token in its path.
        let dependency = (dependency.text(after: "::") ?? dependency).trimmed
        let name = dependency.prefix { !" =<>!~[;@".contains($0) }
        guard !name.isEmpty else { return nil }
        self.requirement = URLRedaction.redacted(dependency)
        self.name = Self.normalised(String(name))
    }

    /// Leaves out a comment and the options of one requirement, such as its hashes.
    private static func withoutOptions(_ line: String) -> String {
        var end = line.utf8.endIndex
        for mark in [" #", "\t#", " --", "\t--"] {
            if let found = line.firstIndex(of: mark), found < end { end = found }
        }
        return String(line[..<end])
    }

    private static func name(in requirement: String) -> String {
        let name = requirement.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
        let rest = requirement[name.endIndex...].drop { $0 == " " || $0 == "\t" }
        let isName = rest.isEmpty || rest.first.map { "[=<>!~;@(".contains($0) } == true
        if isName, !name.isEmpty, !self.isFile(name) { return String(name) }
        if let egg = requirement.text(after: "#egg=") { return String(egg.prefix { !"&[ ;".contains($0) }) }
        let path = requirement.prefix { !"?#; ".contains($0) }
        let file = path.split(separator: "/").last ?? path
        if file.hasSuffix(".whl"), let dash = file.firstIndex(of: "-") { return String(file[..<dash]) }
        let repository = file.prefix { $0 != "@" }
        return repository.hasSuffix(".git") ? String(repository.dropLast(4)) : String(repository)
    }

    private static func isFile(_ name: Substring) -> Bool {
        [".whl", ".zip", ".tar.gz"].contains { name.hasSuffix($0) }
    }

    /// Follows PEP 503: lowercase, and any run of `-`, `_` and `.` is one `-`.
    package static func normalised(_ name: String) -> String {
        var result = ""
        for character in name.lowercased() {
            let isSeparator = character == "-" || character == "_" || character == "."
            if isSeparator, result.last == "-" { continue }
            result.append(isSeparator ? "-" : character)
        }
        return result
    }
}
