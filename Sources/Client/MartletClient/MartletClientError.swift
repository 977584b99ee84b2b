public import MartletWire

/// What went wrong between a program and a Martlet server, or on the disk of the program.
public struct MartletClientError: Error, Sendable, Hashable {
    /// The kind of error. There will be more of them: handle the ones you know and pass on the others.
    public struct Code: Sendable, Hashable {
        fileprivate enum Value: String {
            case unreachable, cancelled, invalidArgument, notFound, alreadyExists, conflict, lostRace, gateClosed
            case answerLost, refused, serverFailure, unexpectedAnswer, integrity, unsafePath, wouldOverwrite, fileSystem
        }

        fileprivate let value: Value

        /// No server answered, or the connection broke.
        public static let unreachable = Code(value: .unreachable)
        /// A change was sent, and its answer did not come: whether it was done is unknown.
        public static let answerLost = Code(value: .answerLost)
        /// The task was cancelled.
        public static let cancelled = Code(value: .cancelled)
        /// The request, or what was given to the library, says something that cannot be meant.
        public static let invalidArgument = Code(value: .invalidArgument)
        /// There is no model, version, file or the like of that name.
        public static let notFound = Code(value: .notFound)
        /// There is one of that name already.
        public static let alreadyExists = Code(value: .alreadyExists)
        /// The request was meaningful, but the present state forbids it.
        public static let conflict = Code(value: .conflict)
        /// Somebody else changed the version first; nothing was done.
        public static let lostRace = Code(value: .lostRace)
        /// A gate of the model's policy is closed; ``MartletClientError/gates`` says which and why.
        public static let gateClosed = Code(value: .gateClosed)
        /// The server refuses for another reason.
        public static let refused = Code(value: .refused)
        /// The server failed.
        public static let serverFailure = Code(value: .serverFailure)
        /// The answer is not what a Martlet server says.
        public static let unexpectedAnswer = Code(value: .unexpectedAnswer)
        /// Bytes, signatures or proofs are not what they should be.
        public static let integrity = Code(value: .integrity)
        /// A path would lead out of the folder that was given.
        public static let unsafePath = Code(value: .unsafePath)
        /// A file that is there already has other bytes.
        public static let wouldOverwrite = Code(value: .wouldOverwrite)
        /// The disk or the file system refuses.
        public static let fileSystem = Code(value: .fileSystem)
    }

    /// The kind of error.
    public let code: Code
    /// For people: the whole story.
    public let message: String
    /// The HTTP status, when a server answered.
    public let status: Int?
    /// The server's own word for it, as in `gate_closed`.
    public let problem: String?
    /// Why a transition was refused.
    public let gates: GateReport?

    package init(
        _ code: Code,
        _ message: String,
        status: Int? = nil,
        problem: String? = nil,
        gates: GateReport? = nil
    ) {
        self.code = code
        self.message = message
        self.status = status
        self.problem = problem
        self.gates = gates
    }
}

extension MartletClientError: CustomStringConvertible {
    public var description: String { self.message }
}

extension MartletClientError.Code: CustomStringConvertible {
    public var description: String { self.value.rawValue }
}
