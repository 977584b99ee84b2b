import Glibc
import MartletCore
import NIOHTTP1

extension HTTPResponseHead {
    private static let dates = HTTPDateCache()

    /// The same with the time of day, where the backend has not said it.
    var dated: HTTPResponseHead {
        if self.headers.contains(name: "date") { return self }
        var head = self
        head.headers.add(name: "Date", value: Self.dates.text(ofSecond: Int64(time(nil))))
        return head
    }
}
