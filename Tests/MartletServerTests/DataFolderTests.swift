import Glibc
import MartletCore
import MartletServer
import MartletTestSupport
import Testing

@Suite("The data folder")
struct DataFolderTests {
    @Test("is free as soon as it is let go of, though a child that was just forked has its descriptors")
    func inheritedDescriptors() async throws {
        try await withTemporaryFolder { path in
            var copies: [Int32] = []
            try Self.use(path) { copies = Self.copies(ofDescriptorsBelow: path) }
            defer { for copy in copies { close(copy) } }
            #expect(copies.count == 2)
            #expect(throws: Never.self) { try Self.use(path) {} }
        }
    }

    @Test("is one process's alone")
    func locked() async throws {
        try await withTemporaryFolder { path in
            try Self.use(path) {
                let error = #expect(throws: MartletError.self) { try Self.use(path) {} }
                #expect(error?.code == .conflict)
            }
        }
    }

    @Test("says why it cannot be made")
    func impossible() async throws {
        try await withTemporaryFolder { path in
            try Self.use(path) {}
            let file = "\(path)/lock"
            let error = #expect(throws: MartletError.self) { try Self.use("\(file)/data") {} }
            #expect(error?.code == .unavailable)
            #expect(error?.message == "cannot make the data folder '\(file)/data': mkdir \(file)/data: Not a directory")
        }
    }

    private static func use(_ path: String, _ body: () throws -> Void) throws {
        let folder = try DataFolder(path: path)
        try withExtendedLifetime(folder, body)
    }

    /// As a child gets them that is forked at this moment.
    private static func copies(ofDescriptorsBelow path: String) -> [Int32] {
        let real = realpath(path, nil)
        defer { free(real) }
        guard let real else { return [] }
        let prefix = String(cString: real)
        let descriptors = (3..<1_024).filter { descriptor in
            var name = [CChar](repeating: 0, count: Int(PATH_MAX))
            let count = readlink("/proc/self/fd/\(descriptor)", &name, name.count - 1)
            guard count > 0 else { return false }
            let target = String(decoding: name.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
            return target.hasPrefix(prefix)
        }
        return descriptors.map { dup(Int32($0)) }
    }
}
