import MartletCore
import MartletJournal
import MartletRouting
import NIOCore

/// A record on its way through the journal.
struct JournaledDecision: JournalEntry {
    let decision: Decision
    let waiter: DecisionWaiter?

    init(_ decision: Decision, _ waiter: DecisionWaiter?) {
        self.decision = decision
        self.waiter = waiter
    }

    /// - Parameter answer: Told on the journal's thread when all of them are durable, or why they are not.
    static func all(
        of decisions: [Decision],
        then answer: @escaping @Sendable (MartletError?) -> Void
    ) -> [JournaledDecision] {
        let last = decisions.count - 1
        return decisions.indices.map { index in
            JournaledDecision(decisions[index], index == last ? DecisionWaiter(on: nil, answer: answer) : nil)
        }
    }

    func write(to buffer: inout ByteBuffer) { self.decision.write(to: &buffer) }
}

/// A record as the journal keeps it until it is in the database: fields of a fixed length, in this order, and what may
/// be missing behind a byte that says whether it is there. The first byte is the version of all that, also of the order
/// of words.
extension Decision {
    private static let journalVersion: UInt8 = 1

    func write(to buffer: inout ByteBuffer) {
        buffer.writeInteger(Self.journalVersion)
        buffer.writeBytes(self.id.bytes)
        for number in [self.deploymentKey, self.revision, Int64(self.arm), self.at.milliseconds, Int64(self.status)] {
            buffer.writeInteger(number)
        }
        buffer.writeInteger(self.latencyMicroseconds)
        buffer.writeBytes(self.request.bytes)
        buffer.writeOptional(self.subject?.bytes)
        buffer.writeOptional(self.shadowOf?.bytes)
        buffer.writeOptional(self.answer?.bytes)
        buffer.writeCase(self.failure)
        buffer.writeCase(self.agreement)
    }

    /// - Throws: `integrity` for what this version of Martlet has not written.
    init(journaled bytes: [UInt8]) throws(MartletError) {
        var buffer = ByteBuffer(bytes: bytes)
        guard buffer.readInteger(as: UInt8.self) == Self.journalVersion,
            let id = buffer.readBytes(length: DecisionID.byteCount),
            let numbers = buffer.readMultipleIntegers(as: (Int64, Int64, Int64, Int64, Int64, Int64).self),
            let request = buffer.readBytes(length: BlobDigest.byteCount),
            let subject = buffer.readOptional(length: SubjectHash.byteCount),
            let original = buffer.readOptional(length: DecisionID.byteCount),
            let answer = buffer.readOptional(length: BlobDigest.byteCount),
            let failure = buffer.readCase(of: Failure.self),
            let agreement = buffer.readCase(of: Agreement.self)
        else {
            throw MartletError(.integrity, "the journal of decisions holds a record that cannot be read")
        }
        self.init(
            id: DecisionID(stored: id),
            deploymentKey: numbers.0,
            revision: numbers.1,
            arm: Int(numbers.2),
            at: Timestamp(milliseconds: numbers.3),
            subject: subject.first.flatMap { SubjectHash(bytes: $0) },
            shadowOf: original.first.map { DecisionID(stored: $0) },
            request: BlobDigest(bytes: request),
            status: Int(numbers.4),
            failure: failure.first,
            answer: answer.first.map { BlobDigest(bytes: $0) },
            agreement: agreement.first,
            latencyMicroseconds: numbers.5
        )
    }
}

extension ByteBuffer {
    fileprivate mutating func writeOptional(_ bytes: [UInt8]?) {
        self.writeInteger(UInt8(bytes == nil ? 0 : 1))
        if let bytes { self.writeBytes(bytes) }
    }

    /// Returns none or one; `nil` where there is neither.
    fileprivate mutating func readOptional(length: Int) -> [[UInt8]]? {
        switch self.readInteger(as: UInt8.self) {
        case 0: []
        case 1: self.readBytes(length: length).map { [$0] }
        default: nil
        }
    }

    /// Writes 0 for none, and else the place among all, counted from 1.
    fileprivate mutating func writeCase<Word: CaseIterable & Equatable>(_ word: Word?) {
        let place = word.flatMap { Array(Word.allCases).firstIndex(of: $0) }
        self.writeInteger(UInt8(place.map { $0 + 1 } ?? 0))
    }

    /// Returns none or one; `nil` where there is neither.
    fileprivate mutating func readCase<Word: CaseIterable>(of type: Word.Type) -> [Word]? {
        guard let place = self.readInteger(as: UInt8.self), place <= Word.allCases.count else { return nil }
        return place == 0 ? [] : [Array(Word.allCases)[Int(place) - 1]]
    }
}
