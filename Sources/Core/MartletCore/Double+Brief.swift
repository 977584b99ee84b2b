extension Double {
    /// With as many digits as tell it from all others, and no `.0` at the end.
    package var exact: String {
        let text = self.description
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// As people want to read it: six significant digits, so that 0.9 - 0.81 is 0.09.
    package var brief: String {
        guard self.isFinite, self != 0 else { return self == 0 ? "0" : self.description }
        var scale = 1.0
        while abs(self) * scale < 100_000, scale < 1e15 { scale *= 10 }
        while abs(self) * scale >= 1_000_000, scale > 1e-15 { scale /= 10 }
        let rounded = scale >= 1 ? (self * scale).rounded() / scale : (self * scale).rounded() * (1 / scale)
        return rounded.exact
    }
}
