internal import MartletCore

/// Collects what the files of a version say about it, one file at a time, so that no two need to be in memory.
///
/// Knows no store: whoever has the bytes looks at ``wellKnown``, reads those files and hands them over. What cannot be
/// read becomes a problem; nothing throws, and nothing of a file is ever executed.
package struct ModelCapture: Sendable {
    package let wellKnown: WellKnownFiles
    private let files: [WellKnownFiles.File]
    private var mlmodel: MLmodelFile?
    private var environments: [Int: PythonEnvironment] = [:]
    private var configs: [ModelArchitecture.Config] = []
    private var tensors: [ModelArchitecture.Tensor] = []
    private var tensorBytes = 0
    private var parameterCount: Int64 = 0
    private var problems: [CaptureProblem]

    /// - Parameter files: The files of the version, sorted by path.
    package init(files: [WellKnownFiles.File]) {
        self.files = files
        self.wellKnown = WellKnownFiles(among: files)
        self.problems = self.wellKnown.problems
    }

    /// Takes the bytes of one of the ``WellKnownFiles/texts``; those of any other file are ignored.
    package mutating func add(text bytes: [UInt8], of path: String) {
        do {
            if path == self.wellKnown.mlmodel {
                self.mlmodel = try MLmodelFile(parsing: bytes)
                if let reason = self.mlmodel?.signatureProblem { self.fail(path, reason) }
            } else if path == self.wellKnown.requirements {
                self.environments[0] = try PythonEnvironment(requirements: bytes)
            } else if path == self.wellKnown.pythonEnv {
                self.environments[1] = try PythonEnvironment(pythonEnv: bytes)
            } else if path == self.wellKnown.conda {
                self.environments[2] = try PythonEnvironment(conda: bytes)
            } else if self.wellKnown.configs.contains(path) {
                let file = try ModelConfigFile(parsing: bytes)
                self.configs.append(ModelArchitecture.Config(folder: self.folder(of: path), file: file))
            }
        } catch {
            self.fail(path, error.message)
        }
    }

    /// Takes the header of one of the ``WellKnownFiles/safetensors``, without the eight bytes before it.
    package mutating func add(header bytes: [UInt8], of file: WellKnownFiles.File) {
        do {
            let header = try SafetensorsHeader(header: bytes, fileSize: file.size)
            self.tensorBytes += header.tensors.reduce(0) { $0 + 64 + $1.name.utf8.count + 8 * $1.shape.count }
            guard self.tensorBytes <= CaptureLimits.architectureBytes else {
                self.fail(file.path, "not read: the version has too many tensors")
                return
            }
            let folder = self.folder(of: file.path)
            self.tensors += header.tensors.map {
                ModelArchitecture.Tensor(folder: folder, name: $0.name, dtype: $0.dtype, shape: $0.shape)
            }
            // Each count is at most the bits in a file, and there are a thousand files at most; yet sizes may lie.
            self.parameterCount = self.parameterCount.addingReportingOverflow(header.parameterCount).partialValue
        } catch {
            self.fail(file.path, error.message)
        }
    }

    /// Notes why a file could not be handed over.
    package mutating func fail(_ path: String, _ reason: String) {
        self.problems.append(CaptureProblem(path: path, reason: reason))
    }

    /// Puts together what was handed over.
    package func finish() -> CapturedModel {
        var problems = self.problems
        let roles = FileRoles(declaredBy: self.mlmodel, root: self.wellKnown.root)
        let environment = self.environment(&problems)
        let architecture = ModelArchitecture(
            configs: self.configs.sorted { $0.folder.utf8.lexicographicallyPrecedes($1.folder.utf8) },
            tensors: self.tensors,
            parameterCount: self.parameterCount
        )
        return CapturedModel(
            files: self.files.map { CapturedModel.File(path: $0.path, size: $0.size, role: roles.role(of: $0.path)) },
            mlmodel: self.mlmodel,
            environment: environment,
            architecture: architecture.isEmpty ? nil : architecture,
            problems: problems
        )
    }

    /// What `requirements.txt` says counts most, then `python_env.yaml`, then `conda.yaml`, then the MLmodel file: the
    /// order in which MLflow itself believes them.
    private func environment(_ problems: inout [CaptureProblem]) -> PythonEnvironment? {
        let environments = self.environments.sorted { $0.key < $1.key }.map(\.value)
        do {
            let python = self.mlmodel?.pythonVersion
            guard !environments.isEmpty || python != nil else { return nil }
            return try .merging(environments + [PythonEnvironment(pythonVersion: python, packages: [])])
        } catch {
            problems.append(
                CaptureProblem(path: self.wellKnown.requirements ?? self.wellKnown.conda ?? "", reason: error.message)
            )
            return nil
        }
    }

    /// The folder of a file in the model; empty for the model's own.
    private func folder(of path: String) -> String {
        let root = self.wellKnown.root
        let place = path.suffix(after: root) ?? path
        return place.lastIndex(of: "/").map { String(place[..<$0]) } ?? ""
    }
}

extension ModelCapture {
    /// Captures a version of which all that is needed has been read already.
    ///
    /// - Parameter files: The files of the version, sorted by path.
    /// - Parameter texts: The bytes of ``WellKnownFiles/texts``, by path.
    /// - Parameter headers: The headers of ``WellKnownFiles/safetensors``, by path.
    package static func capture(
        _ files: [WellKnownFiles.File],
        texts: [String: [UInt8]],
        headers: [String: [UInt8]] = [:]
    ) -> CapturedModel {
        var capture = ModelCapture(files: files)
        for path in capture.wellKnown.texts {
            if let bytes = texts[path] { capture.add(text: bytes, of: path) }
        }
        for file in capture.wellKnown.safetensors {
            if let bytes = headers[file.path] { capture.add(header: bytes, of: file) }
        }
        return capture.finish()
    }
}

/// What the files of a version say about it.
package struct CapturedModel: Sendable, Hashable {
    /// One file, and what it is there for.
    package struct File: Sendable, Hashable {
        package let path: String
        package let size: Int64
        package let role: FileRole
    }

    /// In the order they were given.
    package let files: [File]
    /// `nil` when there is none that can be read.
    package let mlmodel: MLmodelFile?
    /// `nil` when nothing is said of it.
    package let environment: PythonEnvironment?
    /// `nil` when nothing is said of it.
    package let architecture: ModelArchitecture?
    package let problems: [CaptureProblem]

    package var signature: ModelSignature? { self.mlmodel?.signature }

    package var flavors: [MLmodelFile.Flavor] { self.mlmodel?.flavors ?? [] }
}
