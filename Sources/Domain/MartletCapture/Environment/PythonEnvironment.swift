package import MartletCore
package import MartletJSON

/// The Python and the packages that a model was made for.
package struct PythonEnvironment: Sendable, Hashable {
    /// A version, or a bound such as `>=3.10`.
    package let pythonVersion: String?
    /// Sorted by name, each name once.
    package let packages: [PythonPackage]

    /// Takes of each name the first package.
    ///
    /// - Throws: `invalidArgument` for more packages than ``CaptureLimits/packages``.
    package init(pythonVersion: String?, packages: [PythonPackage]) throws(MartletError) {
        var byName: [String: PythonPackage] = [:]
        for package in packages where byName[package.name] == nil {
            byName[package.name] = package
        }
        guard byName.count <= CaptureLimits.packages else {
            throw .invalid("more than \(CaptureLimits.packages) packages")
        }
        self.pythonVersion = pythonVersion
        self.packages = byName.values.sorted { $0.name < $1.name }
    }

    /// Reads a `requirements.txt`.
    ///
    /// - Throws: `invalidArgument` with the reason.
    package init(requirements bytes: [UInt8]) throws(MartletError) {
        let text = try CapturedText.utf8(bytes)
        var packages: [PythonPackage] = []
        for line in Self.logicalLines(of: text) {
            if let package = PythonPackage(requirement: line) { packages.append(package) }
        }
        try self.init(pythonVersion: nil, packages: packages)
    }

    /// Reads a `python_env.yaml`; what is needed to build counts like everything else.
    ///
    /// - Throws: `invalidArgument` with the reason.
    package init(pythonEnv bytes: [UInt8]) throws(MartletError) {
        let root = try YAMLDocument(parsing: bytes).root
        guard case .map = root else { throw .invalid("not a map") }
        let lines = ["dependencies", "build_dependencies"].flatMap { root[$0]?.elements ?? [] }.compactMap(\.text)
        let packages = lines.compactMap { PythonPackage(requirement: $0) }
        try self.init(pythonVersion: root["python"]?.text, packages: packages)
    }

    /// Reads a `conda.yaml`. A package that both conda and pip are told to install is pip's, which comes last.
    ///
    /// - Throws: `invalidArgument` with the reason.
    package init(conda bytes: [UInt8]) throws(MartletError) {
        let root = try YAMLDocument(parsing: bytes).root
        guard case .map = root else { throw .invalid("not a map") }
        let dependencies = root["dependencies"]?.elements ?? []
        let pip = dependencies.flatMap { $0["pip"]?.elements ?? [] }.compactMap(\.text)
        let conda = dependencies.compactMap(\.text).compactMap { PythonPackage(conda: $0) }
        try self.init(
            pythonVersion: conda.first { $0.name == "python" }.flatMap { Self.version(ofPython: $0.requirement) },
            packages: pip.compactMap { PythonPackage(requirement: $0) } + conda.filter { $0.name != "python" }
        )
    }

    /// Cuts `3.11.7` out of `python=3.11.7=h955ad1f_0`; a bound stays one.
    private static func version(ofPython requirement: String) -> String? {
        let version = requirement.dropFirst("python".count).drop { $0 == " " || $0 == "=" }
        let isBound = version.first?.isNumber != true
        let text = String(isBound ? version : version.prefix { $0 != "=" })
        return text.isEmpty ? nil : text
    }

    /// Joins a line that ends in a backslash with the next one.
    private static func logicalLines(of text: String) -> [String] {
        var lines: [String] = []
        var pending = ""
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            if line.hasSuffix("\\"), !line.trimmedStart.hasPrefix("#") {
                pending += line.dropLast()
            } else {
                lines.append(pending + line)
                pending = ""
            }
        }
        return pending.isEmpty ? lines : lines + [pending]
    }
}

extension PythonEnvironment {
    /// Makes one environment of several; what one says counts more than what those after it say.
    ///
    /// - Throws: `invalidArgument` for more packages than ``CaptureLimits/packages``.
    package static func merging(_ environments: [PythonEnvironment]) throws(MartletError) -> PythonEnvironment {
        try PythonEnvironment(
            pythonVersion: environments.lazy.compactMap(\.pythonVersion).first,
            packages: environments.flatMap(\.packages)
        )
    }

    /// This environment, to be written.
    package var json: CanonicalJSON {
        let packages = self.packages.map { package in
            CanonicalJSON.object([
                CanonicalJSON.Member("name", .string(package.name)),
                CanonicalJSON.Member("requirement", .string(package.requirement)),
            ])
        }
        let python = self.pythonVersion.map { [CanonicalJSON.Member("python", .string($0))] } ?? []
        return .object(python + [CanonicalJSON.Member("packages", .array(packages))])
    }

    /// What changed since `older`.
    package func change(from older: PythonEnvironment) -> EnvironmentChange {
        let oldByName = Dictionary(uniqueKeysWithValues: older.packages.map { ($0.name, $0) })
        let names = Set(self.packages.map(\.name))
        let python = EnvironmentChange.Values(older.pythonVersion, self.pythonVersion)
        return EnvironmentChange(
            python: older.pythonVersion == self.pythonVersion ? nil : python,
            added: self.packages.filter { oldByName[$0.name] == nil },
            removed: older.packages.filter { !names.contains($0.name) },
            changed: self.packages.compactMap { package in
                guard let old = oldByName[package.name], old != package else { return nil }
                return EnvironmentChange.Package(
                    name: package.name,
                    old: old.requirement,
                    new: package.requirement
                )
            }
        )
    }
}

/// How two environments differ; each list is sorted by name.
package struct EnvironmentChange: Sendable, Hashable {
    /// What was and what is, where either may be unknown.
    package struct Values: Sendable, Hashable {
        package let old: String?
        package let new: String?

        package init(_ old: String?, _ new: String?) {
            self.old = old
            self.new = new
        }
    }

    /// What was and what is required of one package.
    package struct Package: Sendable, Hashable {
        package let name: String
        package let old: String
        package let new: String

        package init(name: String, old: String, new: String) {
            self.name = name
            self.old = old
            self.new = new
        }
    }

    /// `nil` when it is the same.
    package let python: Values?
    package let added: [PythonPackage]
    package let removed: [PythonPackage]
    package let changed: [Package]

    package var isEmpty: Bool {
        self.python == nil && self.added.isEmpty && self.removed.isEmpty && self.changed.isEmpty
    }
}

extension Substring {
    fileprivate var trimmedStart: Substring { self.drop { $0.isWhitespace } }
}
