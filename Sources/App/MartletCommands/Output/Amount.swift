/// Numbers as people read them.
package enum Amount {
    private static let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]

    /// As in `512 B`, `1.5 MiB`.
    package static func bytes(_ count: Int64) -> String {
        var (value, unit) = (Double(count), 0)
        while abs(value) >= 1_024, unit < self.units.count - 1 {
            value /= 1_024
            unit += 1
        }
        return unit == 0 ? "\(count) B" : "\(self.fixed(value, decimals: 1)) \(self.units[unit])"
    }

    /// As in `1 file`, `2 files`.
    package static func count(_ count: some BinaryInteger, _ noun: String, plural: String? = nil) -> String {
        "\(count) \(count == 1 ? noun : plural ?? noun + "s")"
    }

    /// A measured value, with as few digits as it has.
    package static func value(_ value: Double) -> String {
        value.isFinite && value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }

    /// A relative change, as in `+1.2 %`.
    package static func percent(_ ratio: Double) -> String {
        "\(ratio < 0 ? "-" : "+")\(self.fixed(abs(ratio) * 100, decimals: 1)) %"
    }

    private static func fixed(_ value: Double, decimals: Int) -> String {
        let scale = (0..<decimals).reduce(1.0) { scale, _ in scale * 10 }
        guard value.isFinite, abs(value) < 1e15 else { return String(value) }
        let scaled = Int64((abs(value) * scale).rounded())
        let (whole, fraction) = (scaled / Int64(scale), scaled % Int64(scale))
        let digits = String(fraction)
        return "\(value < 0 ? "-" : "")\(whole).\(String(repeating: "0", count: decimals - digits.count))\(digits)"
    }
}
