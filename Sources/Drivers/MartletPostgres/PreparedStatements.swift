import CPostgres

/// A statement that the server has parsed for this connection.
final class PreparedStatement {
    let name: String
    /// What the server takes each value for.
    let parameterTypes: [Oid]
    fileprivate var lastUse = 0

    init(name: String, parameterTypes: [Oid]) {
        self.name = name
        self.parameterTypes = parameterTypes
    }
}

/// The statements of a batch.
struct PreparedBatch {
    /// For one row.
    let single: PreparedStatement
    /// For many; `nil` where rows go one by one.
    let several: (insert: ArrayInsert, statement: PreparedStatement)?
}

/// The prepared statements of one connection, without those that have not been used for longest.
struct PreparedStatements {
    /// Searches have many shapes; each costs the server memory.
    private static let statementsMax = 300
    /// Long ones hardly ever come back.
    static let textBytesMax = 3_000

    private var statements: [String: PreparedStatement] = [:]
    private var batches: [UnsafePointer<UInt8>: PreparedBatch] = [:]
    private var uses = 0
    private var namesGiven = 0

    /// The statements of a batch, found by where their text begins: a text in our program never moves, and there are
    /// only so many.
    subscript(batch text: StaticString) -> PreparedBatch? {
        get { self.batches[text.utf8Start] }
        set { self.batches[text.utf8Start] = newValue }
    }

    /// Finds a statement, and notes that it is used.
    mutating func use(_ text: String) -> PreparedStatement? {
        guard let statement = self.statements[text] else { return nil }
        self.uses += 1
        statement.lastUse = self.uses
        return statement
    }

    mutating func newName() -> String {
        self.namesGiven += 1
        return "s\(self.namesGiven)"
    }

    /// Keeps a statement, and returns one for the server to forget.
    mutating func insert(_ statement: PreparedStatement, for text: String) -> PreparedStatement? {
        self.uses += 1
        statement.lastUse = self.uses
        self.statements[text] = statement
        guard self.statements.count > Self.statementsMax,
            let (oldest, _) = self.statements.min(by: { $0.value.lastUse < $1.value.lastUse })
        else { return nil }
        return self.statements.removeValue(forKey: oldest)
    }
}
