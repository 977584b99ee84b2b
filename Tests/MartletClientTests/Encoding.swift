import FoundationEssentials

/// A message as JSON.
func encode(_ message: some Encodable) throws -> [UInt8] {
    Array(try JSONEncoder().encode(message))
}
