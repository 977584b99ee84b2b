/// What a new version of a model means for those who call it.
package enum SignatureChange: Sendable, Hashable {
    case same
    /// Calls that worked go on to work.
    case compatible(reasons: [String])
    /// Calls that worked may fail, or get something else.
    case incompatible(reasons: [String], compatible: [String])
}

extension ModelSignature {
    /// What changed since `older`, from the point of view of a caller.
    ///
    /// Incompatible: an input that must now be given, an input without a name that is gone (what comes after it moves
    /// up), a type of an input that does not accept what the old one did, any change of what an output gives or whether
    /// it is there, a param that is gone, has no default, or has another type; and inputs or outputs of which nothing
    /// is said any more.
    ///
    /// Compatible: a new optional input, an input that became optional or wider, a new output, a new param with a
    /// default, another default, and inputs or outputs that are now said for the first time. So is a named input that
    /// is gone: MLflow ignores what a caller sends beyond the signature, for columns as for tensors. It does not
    /// ignore it inside an object, where a property that is gone is incompatible.
    package func change(from older: ModelSignature) -> SignatureChange {
        var comparison = SignatureComparison()
        comparison.compare(self.inputs, from: older.inputs, .given)
        comparison.compare(self.outputs, from: older.outputs, .returned)
        comparison.compare(self.params, from: older.params)
        return comparison.change
    }

    /// What changed between two versions, of which either may have no signature.
    ///
    /// Gaining one is compatible: nothing was promised before. Losing it is not: nothing is promised any more.
    package static func change(from older: ModelSignature?, to newer: ModelSignature?) -> SignatureChange {
        switch (older, newer) {
        case (nil, nil): .same
        case (nil, _?): .compatible(reasons: ["a signature was added"])
        case (_?, nil): .incompatible(reasons: ["the signature was removed"], compatible: [])
        case (let older?, let newer?): newer.change(from: older)
        }
    }
}
