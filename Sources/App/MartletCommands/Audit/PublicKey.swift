/// The public key of a ledger on the command line.
enum PublicKey {
    /// - Parameter argument: The key itself, as in `name+hash+key`, or a file with it.
    static func read(_ argument: String) throws -> String {
        guard argument.split(separator: "+", maxSplits: 2).count < 3 else { return argument }
        let text = try TextFile.read(argument)
        return String(text.drop(while: \.isWhitespace).prefix { !$0.isNewline })
    }
}
