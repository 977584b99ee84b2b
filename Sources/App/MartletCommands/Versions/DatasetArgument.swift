import ArgumentParser
import MartletClient
import MartletWire

/// A dataset on the command line: a file, whose name and SHA-256 it then has, or `NAME#DIGEST`.
enum DatasetArgument {
    static func records(_ arguments: [String]) async throws -> [DatasetRecord] {
        var records: [DatasetRecord] = []
        for argument in arguments { records.append(try await self.record(argument)) }
        return records
    }

    /// Divides at the last `#`; `nil` when a part is missing.
    static func nameAndDigest(_ text: some StringProtocol) -> (name: String, digest: String)? {
        guard let divider = text.lastIndex(of: "#") else { return nil }
        let (name, digest) = (String(text[..<divider]), String(text[text.index(after: divider)...]))
        return name.isEmpty || digest.isEmpty ? nil : (name, digest)
    }

    private static func record(_ argument: String) async throws -> DatasetRecord {
        do {
            let name = argument.split(separator: "/").last.map(String.init) ?? argument
            let digest = try await FileDigest.sha256(ofFileAt: argument)
            return DatasetRecord(name: name, digest: digest, context: "training")
        } catch {
            guard let (name, digest) = self.nameAndDigest(argument) else { throw error }
            return DatasetRecord(name: name, digest: digest, context: "training")
        }
    }
}
