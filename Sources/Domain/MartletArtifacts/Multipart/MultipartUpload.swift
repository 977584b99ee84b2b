import MartletBlobs
package import MartletCore

/// Identifies one upload that arrives in parts. Whoever knows it may add to the upload.
package struct MultipartUploadID: Sendable, Hashable {
    package let rawValue: String

    /// - Throws: `notFound` for what was never given out.
    package init(validating text: String) throws(MartletError) {
        guard text.utf8.count == 32, Hexadecimal.bytes(text) != nil else { throw .uploadNotFound(text) }
        self.rawValue = text
    }

    /// Trusts the caller to pass what was stored.
    init(stored text: String) {
        self.rawValue = text
    }

    init(_ surroundings: Surroundings) {
        self.rawValue = surroundings.randomIdentifier()
    }
}

extension MultipartUploadID: CustomStringConvertible {
    package var description: String { self.rawValue }
}

/// One part, as the sender names it when it declares the upload complete.
package struct MultipartUploadPart: Sendable, Hashable {
    /// From 1.
    package let number: Int
    /// What its receiver answered: the digest of its bytes, or whatever an object store says.
    package let tag: String

    package init(number: Int, tag: String) {
        self.number = number
        self.tag = tag
    }
}

/// An upload that is under way, or that was completed and is remembered for a while.
struct MultipartUpload: Sendable {
    let id: MultipartUploadID
    let path: ArtifactPath
    let space: ArtifactSpace
    let partCount: Int
    /// Whether its parts do not come through the server.
    var isDirect = false
    /// The parts' files are then gone.
    var isCompleted = false
    /// What has arrived, in the order of the parts' numbers.
    var parts: [(number: Int, staged: StagedPart)] = []
}

extension MultipartUpload {
    /// Throws `invalidArgument` unless `declared` names each part of the upload once, as it has arrived.
    func check(_ declared: [MultipartUploadPart]) throws(MartletError) {
        if self.isDirect { return try self.checkNumbers(declared) }
        let arrived = self.parts.map { MultipartUploadPart(number: $0.number, tag: "\($0.staged.digest)") }
        guard arrived.map(\.number) == Array(1...self.partCount) else {
            throw .invalid("\(arrived.count) of the upload's \(self.partCount) parts have arrived")
        }
        guard declared.sorted(by: { $0.number < $1.number }) == arrived else {
            throw .invalid("The list of parts is not that of the \(self.partCount) parts that have arrived")
        }
    }

    /// Of the rest only the object store knows.
    private func checkNumbers(_ declared: [MultipartUploadPart]) throws(MartletError) {
        guard declared.map(\.number).sorted() == Array(1...self.partCount) else {
            throw .invalid("The list of parts is not that of the upload's \(self.partCount) parts")
        }
    }
}

extension MartletError {
    static func uploadNotFound(_ id: some CustomStringConvertible) -> MartletError {
        MartletError(.notFound, "No such multipart upload: '\(id)'")
    }
}
