import Glibc
import MartletCore
import MartletFiles
import MartletProofs

/// The file that holds the key which the ledger's checkpoints are signed with, readable by its owner only.
///
/// It never lies in the database: who can copy rows cannot sign. Moved away from a data folder that has its own
/// database, a new key is made at the next start, and entered into the ledger. Servers that share a database share the
/// key, and none of them makes another one unless it is told to. `docs/ledger.md` says how a key is rotated.
struct LedgerKeyFile {
    private static let bytesMax = 4_096

    let path: String
    /// Whether a new key may take the place of one that is not here.
    let mayReplace: Bool

    /// Reads the key, and makes one where there is none.
    ///
    /// - Parameters:
    ///   - name: What a new key is called: the ledger's own name.
    ///   - isSigned: Whether the ledger was signed with a key before.
    /// - Throws: `conflict` for a file that others can read, for the key of another ledger, and for a missing one.
    func signer(named name: String, isSigned: Bool) throws(MartletError) -> NoteSigner {
        guard let text = try self.read() else {
            guard !isSigned || self.mayReplace else { throw self.missing(name) }
            return try self.make(name)
        }
        let signer = try NoteSigner(secretText: text)
        guard signer.verifier.name == name else {
            throw MartletError(
                .conflict,
                "'\(self.path)' is the key of the ledger '\(signer.verifier.name)', but this is the ledger '\(name)'"
            )
        }
        return signer
    }

    private func missing(_ name: String) -> MartletError {
        MartletError(
            .conflict,
            "the ledger '\(name)' is signed with a key that is not in '\(self.path)'; copy the file 'ledger-key' from "
                + "the data folder of the server that made it, or name it with --ledger-key. To sign with a new key "
                + "from now on, stop all servers and start one with --new-ledger-key"
        )
    }

    private func read() throws(MartletError) -> String? {
        let file = open(self.path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw self.failure("cannot open")
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw self.failure("cannot look at") }
        guard status.st_mode & 0o077 == 0 else {
            throw MartletError(.conflict, "'\(self.path)' can be read by others; make it its owner's alone (chmod 600)")
        }
        var bytes = [UInt8](repeating: 0, count: Self.bytesMax)
        let count = Glibc.read(file, &bytes, bytes.count)
        guard count > 0 else { throw self.failure("cannot read") }
        return String(decoding: bytes.prefix(count).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }

    private func make(_ name: String) throws(MartletError) -> NoteSigner {
        let signer = try NoteSigner(name: name, privateKey: NoteSigner.makePrivateKey())
        try self.write(signer.secretText)
        return signer
    }

    /// Written under another name first: a key that is half there would be lost for good.
    private func write(_ secretText: String) throws(MartletError) {
        let draft = "\(self.path).new"
        let file = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw self.failure("cannot make") }
        let text = "\(secretText)\n"
        let isWritten = Glibc.write(file, text, text.utf8.count) == text.utf8.count && fsync(file) == 0
        close(file)
        guard isWritten, rename(draft, self.path) == 0 else { throw self.failure("cannot write") }
        do throws(MartletError) {
            try FileSystem.synchronizeDirectory(self.folder)
        } catch {
            throw self.failure("cannot write", error.systemReason)
        }
    }

    private var folder: String {
        guard let slash = self.path.lastIndex(of: "/") else { return "." }
        return slash == self.path.startIndex ? "/" : String(self.path[..<slash])
    }

    private func failure(_ verb: String, _ reason: String = String(cString: strerror(errno))) -> MartletError {
        MartletError(.unavailable, "\(verb) '\(self.path)': \(reason)")
    }

    /// Copies a key, unless there is one already; returns whether there is one now.
    static func copy(from path: String, to newPath: String) throws(MartletError) -> Bool {
        let target = LedgerKeyFile(path: newPath, mayReplace: false)
        guard try target.read() == nil else { return true }
        guard let text = try LedgerKeyFile(path: path, mayReplace: false).read() else { return false }
        try target.write(text)
        return true
    }
}
