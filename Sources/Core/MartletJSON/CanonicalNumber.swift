/// Doubles as ECMAScript spells them (RFC 8785, section 3.2.2.3).
///
/// Swift finds the same digits, the fewest that read back as the same double, but sets point and exponent otherwise.
enum CanonicalNumber {
    static func text(of value: Double) -> String {
        precondition(value.isFinite, "JSON has no spelling for \(value)")
        guard value != 0 else { return "0" }
        // Most numbers are whole; their digits are all there is to write.
        if let integer = Int64(exactly: value), integer.magnitude < 1 << 53 { return String(integer) }
        let (digits, point) = self.digits(of: value.magnitude)
        return (value < 0 ? "-" : "") + self.text(digits, point: point)
    }

    /// - Parameter point: How many of the digits stand before the decimal point, which may lie outside of them.
    private static func text(_ digits: String, point: Int) -> String {
        let count = digits.utf8.count
        switch point {
        case count...21: return digits + String(repeating: "0", count: point - count)
        case 1...21: return "\(digits.prefix(point)).\(digits.dropFirst(point))"
        case -5...0: return "0." + String(repeating: "0", count: -point) + digits
        default:
            let fraction = count > 1 ? ".\(digits.dropFirst())" : ""
            return "\(digits.prefix(1))\(fraction)e\(point > 0 ? "+" : "-")\(abs(point - 1))"
        }
    }

    /// The significant digits, without zeros at either end, and where the decimal point belongs.
    private static func digits(of value: Double) -> (digits: String, point: Int) {
        let parts = value.description.split(separator: "e")
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let whole = String(mantissa[0])
        let all = whole + (mantissa.count > 1 ? mantissa[1] : "")
        let leadingZeros = all.prefix { $0 == "0" }.count
        var digits = String(all.dropFirst(leadingZeros))
        while digits.hasSuffix("0") { digits.removeLast() }
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        return (digits, whole.count - leadingZeros + exponent)
    }
}
