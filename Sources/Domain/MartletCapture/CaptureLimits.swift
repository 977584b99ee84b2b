/// Every bound on what is read of a model's files, so that no file costs more than a moment and some memory.
package enum CaptureLimits {
    /// Bytes of a file that is read as text. Real ones have a few thousand.
    package static let textBytes = 1 << 20
    /// Files of a version that are read as text.
    package static let textFiles = 64
    /// Nesting of YAML and JSON; beyond it a parser or its caller could run out of stack.
    package static let depth = 64
    /// Nesting of a signature, so that a document of ``depth`` has room for it and for what stands around it.
    package static let signatureDepth = 32
    /// Values in a YAML text, before and after its aliases are replaced by what they stand for.
    package static let yamlValues = 50_000
    /// Bytes of a YAML text whose aliases have been replaced.
    package static let yamlExpandedBytes = 4 * Self.textBytes
    /// Values and names in a JSON text that is not a header.
    package static let jsonValues = 200_000
    /// Bytes of a name in a signature, a header or a configuration; a reason repeats it.
    package static let nameBytes = 1_024
    /// Fields kept of all flavors of an MLmodel file together.
    package static let flavorFields = 1_000
    /// Packages of an environment.
    package static let packages = 10_000
    /// Reasons given for one change of a signature.
    package static let reasons = 100
    /// Bytes of a safetensors header. The largest models spread over many files, with some megabytes each.
    package static let headerBytes = 16 << 20
    /// Tensors in one safetensors file.
    package static let tensors = 200_000
    /// Dimensions of one tensor.
    package static let tensorRank = 64
    /// Safetensors files of a version whose headers are read.
    package static let headerFiles = 1_000
    /// Memory for the names and shapes of a version's tensors: half a million with the names they have.
    package static let architectureBytes = 64 << 20
}
