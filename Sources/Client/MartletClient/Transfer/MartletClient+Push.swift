public import MartletWire

/// A file that a push found, and what it found out about it.
struct HashedFile: Sendable {
    var found: FoundFile
    var size: Int64
    var sha256: String
}

extension MartletClient {
    /// Sends the files of a folder and registers them as a new version.
    ///
    /// Files whose bytes the server has already are not sent again, so an interrupted push costs little to repeat.
    /// Memory does not grow with the files. `.git` is left out, and so is what a pull has not completed.
    ///
    /// - Parameters:
    ///   - path: A folder, or a single file.
    ///   - name: The model.
    ///   - registration: What else to say of the version; its `files` are replaced.
    ///   - roles: What a file is for, as in `weights`, by its path within the folder. The server finds out the others.
    ///   - progress: Told how far the push is: first what is read here, then what is sent.
    public func push(
        _ path: String,
        toModel name: String,
        registration: Registration = Registration(),
        roles: [String: String] = [:],
        progress: @escaping ProgressObserver = { _ in }
    ) async throws(MartletClientError) -> VersionRecord {
        try await translatingErrors {
            let found = try await blocking { try FolderWalk.files(at: path) }
            try Self.check(found, at: path, roles)
            let files = try await Self.hash(found, progress)
            try await self.send(files, progress)
            var registration = registration
            registration.files = files.map { file in
                let path = file.found.path.description
                return RegisteredFile(path: path, sha256: file.sha256, role: roles[path])
            }
            return try await self.register(registration, ofModel: name)
        }
    }

    private static func check(_ files: [FoundFile], at path: String, _ roles: [String: String]) throws {
        guard !files.isEmpty else { throw MartletClientError(.invalidArgument, "there are no files in '\(path)'") }
        let paths = Set(files.map(\.path.description))
        for path in roles.keys.sorted() where !paths.contains(path) {
            throw MartletClientError(
                .invalidArgument,
                "there is no file '\(path)' to have the role of \(roles[path] ?? "")"
            )
        }
    }

    private static func hash(
        _ files: [FoundFile],
        _ progress: @escaping ProgressObserver
    ) async throws -> [HashedFile] {
        let sizes = try await map(files, atOnce: self.filesAtOnce) { try await LocalFile.open($0.place).size() }
        let counter = ProgressCounter(
            .init(.checking, files: files.count, bytes: sizes.reduce(0, +)),
            progress
        )
        return try await map(files, atOnce: self.filesAtOnce) { found in
            let file = try await LocalFile.open(found.place)
            let size = try await file.size()
            let digest = try await file.digest { counter.add(bytes: $0) }
            counter.addFile()
            return HashedFile(found: found, size: size, sha256: digest)
        }
    }

    private func send(_ files: [HashedFile], _ progress: @escaping ProgressObserver) async throws {
        let distinct = Dictionary(files.map { ($0.sha256, $0) }) { first, _ in first }.values
            .sorted { $0.sha256 < $1.sha256 }
        let isThere = try await map(distinct, atOnce: Self.filesAtOnce) { file in
            try await self.hasBlob(file.sha256)
        }
        let missing = zip(distinct, isThere).filter { !$0.1 }.map(\.0)
        let bytes = missing.reduce(0) { $0 + $1.size }
        let counter = ProgressCounter(.init(.transferring, files: missing.count, bytes: bytes), progress)
        try await forEach(missing, atOnce: Self.filesAtOnce) { file in
            try await self.send(file, counter)
        }
    }

    private func send(_ file: HashedFile, _ counter: ProgressCounter) async throws {
        let opened = try await LocalFile.open(file.found.place)
        let chunks = FileChunks(file: opened, size: file.size) { counter.add(bytes: $0) }
        do {
            try await self.sendBlob(chunks, digest: file.sha256)
        } catch {
            let error = MartletClientError(error)
            // A server that is restarted takes them a second time; what it has already it does not take again.
            guard error.code == .unreachable else { throw error }
            try await Task.sleep(for: .milliseconds(500))
            try await self.sendBlob(FileChunks(file: opened, size: file.size), digest: file.sha256)
        }
        counter.addFile()
    }
}
