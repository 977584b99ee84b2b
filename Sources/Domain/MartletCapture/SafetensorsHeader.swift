package import MartletCore
internal import MartletJSON

/// What the header of a safetensors file says, checked as the format demands.
///
/// A file is the length of its header in 8 bytes, the header in JSON, and the tensors one after another without gaps.
package struct SafetensorsHeader: Sendable, Hashable {
    /// One tensor of the file.
    package struct Tensor: Sendable, Hashable {
        package let name: String
        /// `F32`, `BF16`, …
        package let dtype: String
        package let shape: [Int64]
        /// Where its bytes are in the file.
        package let bytes: Range<Int64>
        package let elementCount: Int64
    }

    /// Bytes of the number that a file begins with.
    package static let lengthBytes = 8

    /// Sorted by name.
    package let tensors: [Tensor]
    package let metadata: [String: String]

    package var parameterCount: Int64 { self.tensors.reduce(0) { $0 + $1.elementCount } }

    /// Says how many bytes after the first eight are the header.
    ///
    /// - Throws: `invalidArgument` when there cannot be that many, or when nobody should read them.
    package static func headerLength(firstBytes: [UInt8], fileSize: Int64) throws(MartletError) -> Int {
        guard firstBytes.count >= Self.lengthBytes, fileSize >= Self.lengthBytes else {
            throw .invalid("the file has less than the \(Self.lengthBytes) bytes that say how long its header is")
        }
        let length = firstBytes.prefix(Self.lengthBytes).reversed().reduce(0) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(fileSize - Int64(Self.lengthBytes)) else {
            throw .invalid("the header says it is \(length) bytes long, but the file has \(fileSize) bytes")
        }
        guard length <= UInt64(CaptureLimits.headerBytes) else {
            throw .invalid(
                "the header is \(length) bytes long, more than the \(CaptureLimits.headerBytes) that are read"
            )
        }
        return Int(length)
    }

    /// Reads a header, without the eight bytes before it.
    ///
    /// - Throws: `invalidArgument` for whatever the reader of the format would refuse.
    package init(header: [UInt8], fileSize: Int64) throws(MartletError) {
        guard header.count <= CaptureLimits.headerBytes else {
            throw .invalid("the header is longer than \(CaptureLimits.headerBytes) bytes")
        }
        let dataStart = Int64(header.count + Self.lengthBytes)
        guard dataStart <= fileSize else { throw .invalid("the header is longer than the file") }
        guard header.first == UInt8(ascii: "{") else { throw .invalid("the header does not begin with '{'") }
        let root = try Self.parse(header)
        var tensors: [Tensor] = []
        var metadata: [String: String]?
        for (name, value) in root.members {
            guard let name = name.string else { continue }
            if name == "__metadata__" {
                guard metadata == nil else { throw .invalid("'__metadata__' is given twice") }
                metadata = try Self.metadata(value)
            } else {
                guard tensors.count < CaptureLimits.tensors else {
                    throw .invalid("more than \(CaptureLimits.tensors) tensors")
                }
                tensors.append(try Tensor(name, value, dataStart: dataStart))
            }
        }
        try Self.requireGapless(tensors, from: dataStart, to: fileSize)
        self.tensors = try Self.sorted(tensors)
        self.metadata = metadata ?? [:]
    }

    private static func parse(_ header: [UInt8]) throws(MartletError) -> JSONValue {
        // Each tensor is an object of three members, two of them lists.
        let valuesMax = CaptureLimits.tensors * 20
        do {
            return try JSONDocument(parsing: header, depthMax: CaptureLimits.depth, valuesMax: valuesMax).root
        } catch {
            throw .notJSON(error)
        }
    }

    private static func metadata(_ json: JSONValue) throws(MartletError) -> [String: String] {
        guard json.kind == .object else { throw .invalid("'__metadata__' is not an object") }
        var metadata: [String: String] = [:]
        for (name, value) in json.members {
            guard let name = name.string, let text = value.string else {
                throw .invalid("'__metadata__' holds something else than texts")
            }
            metadata[name] = text
        }
        return metadata
    }

    /// Every byte of the data must belong to one tensor.
    private static func requireGapless(
        _ tensors: [Tensor],
        from start: Int64,
        to end: Int64
    ) throws(MartletError) {
        let inOrder = tensors.sorted {
            ($0.bytes.lowerBound, $0.bytes.upperBound) < ($1.bytes.lowerBound, $1.bytes.upperBound)
        }
        var position = start
        for tensor in inOrder {
            guard tensor.bytes.lowerBound == position else {
                throw .invalid("tensor '\(tensor.name)' does not begin where the one before it ends")
            }
            position = tensor.bytes.upperBound
        }
        guard position == end else {
            throw .invalid("the tensors end at byte \(position), but the file has \(end) bytes")
        }
    }

    private static func sorted(_ tensors: [Tensor]) throws(MartletError) -> [Tensor] {
        let sorted = tensors.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        for (tensor, next) in zip(sorted, sorted.dropFirst()) where tensor.name.utf8.elementsEqual(next.name.utf8) {
            throw .invalid("tensor '\(tensor.name)' is given twice")
        }
        return sorted
    }
}

extension SafetensorsHeader.Tensor {
    /// How many bits an element has, by type.
    private static let bits: [String: Int64] = [
        "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8,
        "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8, "I16": 16, "U16": 16, "F16": 16, "BF16": 16, "I32": 32, "U32": 32,
        "F32": 32, "C64": 64, "F64": 64, "I64": 64, "U64": 64,
    ]

    fileprivate init(_ name: String, _ json: JSONValue, dataStart: Int64) throws(MartletError) {
        guard name.utf8.count <= CaptureLimits.nameBytes else {
            throw .invalid("a tensor's name is longer than \(CaptureLimits.nameBytes) bytes")
        }
        guard let dtype = json["dtype"]?.string, let shape = json["shape"], shape.kind == .array,
            let offsets = json["data_offsets"]
        else {
            throw .invalid("tensor '\(name)' has no dtype, shape or data_offsets")
        }
        guard let bits = Self.bits[dtype] else {
            throw .invalid("tensor '\(name)' has an unknown dtype '\(dtype.prefix(32))'")
        }
        let dimensions = try Self.shape(shape, of: name)
        let numbers = Array(offsets.elements.prefix(3)).map { $0.integer ?? -1 }
        guard numbers.count == 2, numbers[0] >= 0, numbers[0] <= numbers[1] else {
            throw .invalid("tensor '\(name)' has data_offsets that are none")
        }
        let (start, overflow) = numbers[0].addingReportingOverflow(dataStart)
        let (end, overflow2) = numbers[1].addingReportingOverflow(dataStart)
        guard !overflow, !overflow2 else { throw .invalid("tensor '\(name)' ends beyond the file") }
        let count = try Self.elementCount(dimensions, of: name)
        let (size, overflow3) = count.multipliedReportingOverflow(by: bits)
        guard !overflow3, size % 8 == 0, size / 8 == end - start else {
            throw .invalid("tensor '\(name)' has \(end - start) bytes, which its shape and dtype do not")
        }
        self.init(name: name, dtype: dtype, shape: dimensions, bytes: start..<end, elementCount: count)
    }

    private static func shape(_ json: JSONValue, of name: String) throws(MartletError) -> [Int64] {
        var shape: [Int64] = []
        for element in json.elements {
            guard let size = element.integer, size >= 0, shape.count < CaptureLimits.tensorRank else {
                throw .invalid("tensor '\(name)' has a shape that is none")
            }
            shape.append(size)
        }
        return shape
    }

    private static func elementCount(_ shape: [Int64], of name: String) throws(MartletError) -> Int64 {
        // A dimension of zero makes it empty however large the others are.
        if shape.contains(0) { return 0 }
        var count: Int64 = 1
        for size in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            guard !overflow else { throw .invalid("tensor '\(name)' has more elements than can be counted") }
            count = product
        }
        return count
    }
}
