/// A path of a file within a folder that cannot lead out of it.
public struct SafePath: Sendable, Hashable {
    private static let bytesMax = 4_096
    private static let nameBytesMax = 255
    /// How files end that are not complete yet.
    static let partialSuffix = ".martlet-partial"

    /// The names on the way, the file's own last.
    public let names: [String]

    /// Accepts a relative path with slashes, whose parts are plain names.
    ///
    /// - Throws: ``MartletClientError/Code/unsafePath`` for an absolute path, for `.` and `..`, for empty names, for
    ///   backslashes and control characters, and for what is too long.
    public init(_ path: String) throws(MartletClientError) {
        self.names = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard path.utf8.count <= Self.bytesMax, self.names.allSatisfy(Self.isPlain) else {
            throw MartletClientError(.unsafePath, "'\(Self.printable(path))' is not a path for a file of a version")
        }
        guard !path.hasSuffix(Self.partialSuffix) else {
            throw MartletClientError(.unsafePath, "'\(path)' ends as files do that are not complete yet")
        }
    }

    /// The file's name.
    var name: String { self.names.last ?? "" }

    private static func isPlain(_ name: String) -> Bool {
        guard !name.isEmpty, name != ".", name != "..", name.utf8.count <= Self.nameBytesMax else { return false }
        return name.unicodeScalars.allSatisfy { $0 != "\\" && !Self.isControl($0) }
    }

    /// Besides the control characters those that turn the direction of a line, and can make a name look like another.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    private static func printable(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { Self.isControl($0) ? "?" : $0 }))
    }
}

extension SafePath: CustomStringConvertible {
    public var description: String { self.names.joined(separator: "/") }
}

extension SafePath {
    /// Throws unless all paths can be files of one folder: none is there twice, and none is another one's folder.
    static func requireDistinct(_ paths: [SafePath]) throws(MartletClientError) {
        let files = Set(paths)
        guard files.count == paths.count else {
            throw MartletClientError(.unsafePath, "a file is listed twice")
        }
        for path in paths {
            var names = path.names.dropLast()
            while !names.isEmpty {
                guard !files.contains(SafePath(names: Array(names))) else {
                    throw MartletClientError(.unsafePath, "'\(names.joined(separator: "/"))' is a file and a folder")
                }
                names = names.dropLast()
            }
        }
    }

    private init(names: [String]) {
        self.names = names
    }
}
