import CPostgres
import MartletCore
import MartletSQL

/// What libpq received for one statement.
final class PostgresResult {
    let handle: OpaquePointer

    init(_ handle: OpaquePointer) {
        self.handle = handle
    }

    deinit {
        PQclear(self.handle)
    }

    var status: ExecStatusType { PQresultStatus(self.handle) }

    /// What the server says it has done, as in `COMMIT`.
    var command: String { String(cString: PQcmdStatus(self.handle)) }

    /// 0 for statements that change no rows.
    var changedRowCount: Int { Int(String(cString: PQcmdTuples(self.handle))) ?? 0 }

    /// The types that the server has inferred for a prepared statement's values.
    var parameterTypes: [Oid] {
        (0..<PQnparams(self.handle)).map { PQparamtype(self.handle, $0) }
    }

    func errorField(_ field: PostgresErrorField) -> String? {
        PQresultErrorField(self.handle, Int32(field.rawValue.value)).map { String(cString: $0) }
    }
}

/// Parts of an error; their C macros are characters, which Swift does not import.
enum PostgresErrorField: Unicode.Scalar {
    case state = "C"
    case message = "M"
    case constraint = "n"
}

/// The answer to one statement: its rows, and what the server says of it at the end.
struct PostgresAnswer {
    private(set) var rows = SQLRows(columnCount: 0)
    private(set) var end: PostgresResult?
    private var columns: [PostgresColumn] = []

    /// Takes in a part of the answer, in binary format; the last one ends it.
    mutating func append(_ result: PostgresResult) throws(MartletError) {
        if self.end == nil, self.columns.isEmpty {
            let count = PQnfields(result.handle)
            for index in 0..<count {
                self.columns.append(try PostgresColumn(index, type: PQftype(result.handle, index)))
            }
            self.rows = SQLRows(columnCount: Int(count))
        }
        for row in 0..<PQntuples(result.handle) {
            for column in self.columns { column.append(row, of: result, to: &self.rows) }
        }
        self.end = result
    }
}

/// One column of a result, and how its values become those of ``SQLRows``.
private struct PostgresColumn {
    private enum Kind { case integer, real, text, bytes, boolean }
    private let index: Int32
    private let kind: Kind

    init(_ index: Int32, type: Oid) throws(MartletError) {
        self.index = index
        switch type {
        case PostgresType.int2, PostgresType.int4, PostgresType.int8: self.kind = .integer
        case PostgresType.float8: self.kind = .real
        case PostgresType.text, PostgresType.varchar, PostgresType.name, PostgresType.unknown: self.kind = .text
        case PostgresType.bytea, PostgresType.void: self.kind = .bytes
        case PostgresType.bool: self.kind = .boolean
        default:
            // A mistake in our statement: it should cast. The rest of the answer stays unread.
            let message = PostgresMessage(text: "column of type \(type)", isLoss: true)
            throw MartletError(.internal, "database error", cause: message)
        }
    }

    func append(_ row: Int32, of result: PostgresResult, to rows: inout SQLRows) {
        guard PQgetisnull(result.handle, row, self.index) == 0,
            let start = PQgetvalue(result.handle, row, self.index)
        else { return rows.appendNull() }
        let count = Int(PQgetlength(result.handle, row, self.index))
        start.withMemoryRebound(to: UInt8.self, capacity: count) { start in
            let value = UnsafeBufferPointer(start: start, count: count)
            switch self.kind {
            case .integer: rows.append(integer: Self.integer(value))
            case .real: rows.append(real: Double(bitPattern: UInt64(bitPattern: Self.integer(value))))
            case .text: rows.append(text: value)
            case .bytes: rows.append(bytes: value)
            case .boolean: rows.append(integer: value[0] == 0 ? 0 : 1)
            }
        }
    }

    /// Numbers travel with their highest byte first, in two, four or eight bytes.
    private static func integer(_ value: UnsafeBufferPointer<UInt8>) -> Int64 {
        let start = UnsafeRawPointer(value.baseAddress)
        return switch value.count {
        case 2: Int64(Int16(bigEndian: start?.loadUnaligned(as: Int16.self) ?? 0))
        case 4: Int64(Int32(bigEndian: start?.loadUnaligned(as: Int32.self) ?? 0))
        default: Int64(bigEndian: start?.loadUnaligned(as: Int64.self) ?? 0)
        }
    }
}

/// PostgreSQL's numbers for its own types, which never change (`pg_type.dat`).
enum PostgresType {
    static let bool: Oid = 16
    static let bytea: Oid = 17
    static let name: Oid = 19
    static let int8: Oid = 20
    static let int2: Oid = 21
    static let int4: Oid = 23
    static let text: Oid = 25
    static let float8: Oid = 701
    static let unknown: Oid = 705
    static let varchar: Oid = 1043
    static let void: Oid = 2278

    /// Those whose arrays we send.
    static let names: [Oid: String] = [int8: "bigint", float8: "double precision", text: "text", bytea: "bytea"]
}
