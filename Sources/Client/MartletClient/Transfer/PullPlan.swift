import Glibc
import MartletCore
import MartletWire

/// Which files of a version must be brought into a folder.
struct PullPlan: Sendable {
    /// A file of the version, and where it goes.
    struct File: Sendable {
        var record: FileRecord
        var path: SafePath
    }

    let files: [File]

    /// Refuses what a server must not ask for, before anything is written.
    init(_ records: [FileRecord]) throws(MartletClientError) {
        var files: [File] = []
        for record in records {
            guard record.size >= 0, Hexadecimal.bytes(record.sha256)?.count == 32 else {
                throw MartletClientError(.unexpectedAnswer, "the server says nothing sensible of '\(record.path)'")
            }
            files.append(File(record: record, path: try SafePath(record.path)))
        }
        try SafePath.requireDistinct(files.map(\.path))
        self.files = files
    }

    /// Returns the files that are not there, or not with the right bytes.
    func missing(
        in root: LocalFolder,
        overwriting: Bool,
        _ progress: @escaping ProgressObserver
    ) async throws -> [File] {
        let counter = ProgressCounter(.init(.checking, files: self.files.count, bytes: 0), progress)
        let states = try await map(self.files, atOnce: MartletClient.filesAtOnce) { file in
            defer { counter.addFile() }
            return try await Self.state(of: file, in: root)
        }
        let different = zip(self.files, states).filter { $0.1 == .different }.map(\.0.path)
        guard overwriting || different.isEmpty else {
            let others = different.count > 1 ? " and \(different.count - 1) more" : ""
            throw MartletClientError(
                .wouldOverwrite,
                "'\(root.path)/\(different[0])'\(others) would be overwritten with other bytes"
            )
        }
        return zip(self.files, states).filter { $0.1 != .right }.map(\.0)
    }

    private enum State { case absent, different, right }

    /// What lies where a file is to go, before anybody has read it.
    private enum Finding {
        case absent, different
        case sameSize(LocalFile)
    }

    private static func state(of file: File, in root: LocalFolder) async throws -> State {
        switch try await blocking({ try Self.finding(for: file, in: root) }) {
        case .absent: .absent
        case .different: .different
        case .sameSize(let found): try await found.digest() == file.record.sha256 ? .right : .different
        }
    }

    private static func finding(for file: File, in root: LocalFolder) throws -> Finding {
        guard let folder = try root.parent(of: file.path, making: false),
            let status = try folder.status(file.path.name)
        else { return .absent }
        guard !status.isFolder else {
            throw MartletClientError(.wouldOverwrite, "'\(folder.path)/\(file.path.name)' is a folder")
        }
        guard status.isRegular, Int64(status.st_size) == file.record.size else { return .different }
        return .sameSize(try folder.file(file.path.name))
    }
}
