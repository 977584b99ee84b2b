/// How long it took until requests were routed by a revision, from when somebody asked for it.
///
/// A class, so that what has one stays small.
package final class RevisionEffect: Sendable {
    /// On the server that was asked.
    package let hereMilliseconds: Int64
    /// On all those that have said so.
    package let everywhereMilliseconds: Int64
    /// How many have.
    package let servers: Int
    /// How many others have yet to; known only of a revision that has just been put in force, otherwise 0.
    package let missing: Int

    init(hereMilliseconds: Int64, everywhereMilliseconds: Int64, servers: Int, missing: Int) {
        self.hereMilliseconds = hereMilliseconds
        self.everywhereMilliseconds = everywhereMilliseconds
        self.servers = servers
        self.missing = missing
    }
}
