import Glibc
import HTTPTypes
import MartletCore

extension HTTPResponse {
    private static let dates = HTTPDateCache()

    /// The same with the time of day, where the backend has not said it.
    var dated: HTTPResponse {
        if self.headerFields.contains(.date) { return self }
        var head = self
        head.headerFields[.date] = Self.dates.text(ofSecond: Int64(time(nil)))
        return head
    }
}
