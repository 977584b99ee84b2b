import FoundationEssentials
import MartletClient
import MartletTestSupport
import MartletWire
import Testing

@Suite("Pushing a folder")
struct PushTests {
    private func make(_ files: [String: [UInt8]], in folder: String) throws {
        for (path, bytes) in files {
            let url = URL(filePath: "\(folder)/\(path)")
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(bytes).write(to: url)
        }
    }

    @Test("files are sent once each and registered in the order of their bytes, with their roles")
    func wholeFolder() async throws {
        let server = FileServer()
        let large = [UInt8](repeating: 3, count: 2_500_000)
        try await server.withClient { client in
            try await withTemporaryFolder { folder in
                let files: [String: [UInt8]] = ["b/w": large, "a": [1], "b-copy": large, "Z": [], ".git/x": [7]]
                try self.make(files, in: folder)
                try self.make([".0011.martlet-partial": [1]], in: folder)
                _ = try await client.push(folder, toModel: "iris", roles: ["a": "config"])
                _ = try await client.push(folder, toModel: "iris")
            }
        }
        let state = server.now
        #expect(Set(state.blobs.keys) == Set([large, [1], []].map(FileServer.digest)))
        #expect(state.registrations.first?.files?.map(\.path) == ["Z", "a", "b-copy", "b/w"])
        #expect(state.registrations.first?.files?.map(\.role) == [nil, "config", nil, nil])
        #expect(state.registrations.count == 2)
        #expect(state.actors == ["ada"])
    }

    @Test("a link within the folder is followed, one that leads out of it is refused")
    func links() async throws {
        let server = FileServer()
        try await server.withClient { client in
            try await withTemporaryFolder { outside in
                try self.make(["folder/a": [1], "secret": [2]], in: outside)
                let folder = "\(outside)/folder"
                try FileManager.default.createSymbolicLink(atPath: "\(folder)/b", withDestinationPath: "a")
                _ = try await client.push(folder, toModel: "iris")
                try FileManager.default.createSymbolicLink(atPath: "\(folder)/c", withDestinationPath: "../secret")
                await #expect(throws: MartletClientError.self) { try await client.push(folder, toModel: "iris") }
            }
        }
        let registrations = server.now.registrations
        #expect(registrations.map { $0.files?.map(\.path) } == [["a", "b"]])
    }

    @Test("an empty folder, a role of no file and what is not there are refused")
    func refusals() async throws {
        try await FileServer().withClient { client in
            try await withTemporaryFolder { folder in
                await #expect(throws: MartletClientError.self) { try await client.push(folder, toModel: "iris") }
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                await #expect(throws: MartletClientError.self) { try await client.push(folder, toModel: "iris") }
                try self.make(["a": [1]], in: folder)
                await #expect(throws: MartletClientError.self) {
                    try await client.push(folder, toModel: "iris", roles: ["b": "weights"])
                }
            }
        }
    }

    @Test("a single file is a version, too")
    func singleFile() async throws {
        let server = FileServer()
        try await server.withClient { client in
            try await withTemporaryFolder { folder in
                try self.make(["model.onnx": [1, 2]], in: folder)
                _ = try await client.push("\(folder)/model.onnx", toModel: "iris")
            }
        }
        #expect(server.now.registrations.first?.files?.map(\.path) == ["model.onnx"])
    }
}
