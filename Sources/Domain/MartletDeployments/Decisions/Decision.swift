package import MartletCore
package import MartletRouting

/// What was decided about one request, and by which version.
package struct Decision: Sendable, Hashable {
    /// Why a backend gave no answer. The words are stored, and never change.
    package enum Failure: String, Sendable, CaseIterable {
        /// It does not answer at all.
        case unreachable
        case timeout
        /// It broke off in the middle, or what it said was no HTTP.
        case broken
        /// Too many requests to it failed just now.
        case ejected
        /// Whoever asked went away before the answer.
        case abandoned
    }

    package let id: DecisionID
    package let deploymentKey: Int64
    package let revision: Int64
    /// The place of the arm in its revision.
    package let arm: Int
    package let at: Timestamp
    /// Whom it was about; `nil` where the deployment does not say how to find out, or the request did not.
    package let subject: SubjectHash?
    /// The decision whose request this one's is a copy of.
    package let shadowOf: DecisionID?
    /// The SHA-256 of the request's body, as far as it was read.
    package var request: BlobDigest
    /// The status of the answer: the backend's own, or what the gateway said in its place.
    package var status: Int
    package var failure: Failure?
    /// The SHA-256 of the answer's body; `nil` until it was sent, or when it never was.
    package var answer: BlobDigest?
    /// Of a shadow's answer with the one that was returned; `nil` for what is no shadow's, or was not compared.
    package var agreement: Agreement?
    /// From the request's head to the answer's end.
    package var latencyMicroseconds: Int64

    package init(
        id: DecisionID,
        deploymentKey: Int64,
        revision: Int64,
        arm: Int,
        at: Timestamp,
        subject: SubjectHash?,
        shadowOf: DecisionID? = nil,
        request: BlobDigest,
        status: Int,
        failure: Failure? = nil,
        answer: BlobDigest? = nil,
        agreement: Agreement? = nil,
        latencyMicroseconds: Int64
    ) {
        self.id = id
        self.deploymentKey = deploymentKey
        self.revision = revision
        self.arm = arm
        self.at = at
        self.subject = subject
        self.shadowOf = shadowOf
        self.request = request
        self.status = status
        self.failure = failure
        self.answer = answer
        self.agreement = agreement
        self.latencyMicroseconds = latencyMicroseconds
    }

    /// The same request, as a shadow is about to get a copy of it.
    package func copy(_ id: DecisionID, to arm: Int) -> Decision {
        Decision(
            id: id,
            deploymentKey: self.deploymentKey,
            revision: self.revision,
            arm: arm,
            at: self.at,
            subject: self.subject,
            shadowOf: self.id,
            request: self.request,
            status: 0,
            latencyMicroseconds: 0
        )
    }

    /// Whether it says how its answer has ended; that of a long answer is recorded when that begins.
    var hasEnded: Bool { self.answer != nil || self.failure != nil }

    /// Whether an ending speaks against the version: there was no answer, or a 5xx one. Who asked may break off without
    /// that.
    static func isFailure(status: Int, _ failure: Failure?) -> Bool {
        status >= 500 || failure != nil && failure != .abandoned
    }
}
