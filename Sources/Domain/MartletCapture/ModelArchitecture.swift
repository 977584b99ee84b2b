internal import MartletJSON

/// What a model is made of, whatever its weights are: its configurations, and the names and shapes of its tensors.
package struct ModelArchitecture: Sendable, Hashable {
    /// The `config.json` of one folder.
    package struct Config: Sendable, Hashable {
        /// Of the model; empty for its own.
        package let folder: String
        package let file: ModelConfigFile
    }

    /// A tensor without its values and without the file that it is in.
    package struct Tensor: Sendable, Hashable {
        package let folder: String
        package let name: String
        package let dtype: String
        package let shape: [Int64]
    }

    /// Sorted by folder.
    package let configs: [Config]
    /// Sorted by folder and name, so that they are the same however they are spread over files.
    package let tensors: [Tensor]
    package let parameterCount: Int64

    package init(configs: [Config], tensors: [Tensor], parameterCount: Int64) {
        self.configs = configs
        self.tensors = tensors.sorted { $0.precedes($1) }
        self.parameterCount = parameterCount
    }

    package var isEmpty: Bool { self.configs.isEmpty && self.tensors.isEmpty }

    /// This architecture in JSON that has one spelling (RFC 8785), to be hashed: two versions are of one architecture
    /// if these bytes are the same.
    ///
    /// Written tensor by tensor, because a ``CanonicalJSON`` of all of them would take a hundred times their room.
    package var canonicalBytes: [UInt8] {
        var bytes = Array(#"{"configs":"#.utf8)
        Self.append(self.configs.map(\.json), to: &bytes)
        bytes += #","tensors":"#.utf8
        Self.append(self.tensors.lazy.map(\.json), to: &bytes)
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    private static func append(_ elements: some Sequence<CanonicalJSON>, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "["))
        var isFirst = true
        for element in elements {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            bytes += element.bytes
        }
        bytes.append(UInt8(ascii: "]"))
    }
}

extension ModelArchitecture.Config {
    fileprivate var json: CanonicalJSON {
        .object([CanonicalJSON.Member("config", self.file.json), CanonicalJSON.Member("folder", .string(self.folder))])
    }
}

extension ModelArchitecture.Tensor {
    fileprivate var json: CanonicalJSON {
        .object([
            CanonicalJSON.Member("dtype", .string(self.dtype)),
            CanonicalJSON.Member("folder", .string(self.folder)),
            CanonicalJSON.Member("name", .string(self.name)),
            CanonicalJSON.Member("shape", .array(self.shape.map { CanonicalJSON($0) })),
        ])
    }

    /// By bytes, and by everything: two tensors in different files may have the same name.
    fileprivate func precedes(_ other: Self) -> Bool {
        for (left, right) in [(self.folder, other.folder), (self.name, other.name), (self.dtype, other.dtype)]
        where !left.utf8.elementsEqual(right.utf8) {
            return left.utf8.lexicographicallyPrecedes(right.utf8)
        }
        return self.shape.lexicographicallyPrecedes(other.shape)
    }
}
