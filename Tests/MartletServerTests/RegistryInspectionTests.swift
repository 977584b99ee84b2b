import MartletArtifacts
import MartletCore
import MartletServer
import MartletSQL
import MartletTestSupport
import Testing

@Suite("Inspecting versions and the ledger")
struct RegistryInspectionTests {
    @Test("what was registered and changed by the rules is healthy")
    func healthy() async throws {
        try await withVersions { store in
            let report = try await DataFolderInspection(store).run(.contents)
            #expect(report.registryProblems == [])
            #expect(report.intactVersions == 2)
            #expect(report.ledgerEntries == 5)
        }
    }

    @Test(
        "whatever is edited behind the server's back is named",
        arguments: [
            ("UPDATE ledger_entry SET body = replace(body, 'ann', 'bob') WHERE entry_index = 2", "entry 2 was edited"),
            ("DELETE FROM ledger_entry WHERE entry_index = 2", "entries 2 to 2 are missing"),
            ("DELETE FROM ledger_entry WHERE entry_index = 4", "it has 4 entries and should have 5"),
            (
                """
                UPDATE ledger_entry SET leaf = (SELECT leaf FROM ledger_entry WHERE entry_index = 2),
                    body = (SELECT body FROM ledger_entry WHERE entry_index = 2) WHERE entry_index = 3
                """, "entry 3 says that it is 2"
            ),
            ("UPDATE ledger_node SET hash = zeroblob(32)", "its tree is not that of its entries"),
            ("DELETE FROM ledger_node", "its tree is not that of its entries"),
            ("UPDATE version_manifest SET body = replace(body, 'ann', 'bob')", "its manifest was edited"),
            ("DELETE FROM version_manifest", "has no manifest"),
            ("DELETE FROM artifact WHERE space = 'sealed'", "its list of files was edited"),
            ("UPDATE model_version SET tree = zeroblob(32)", "its files are not those of its manifest"),
        ]
    )
    func tampering(statement: String, finding: String) async throws {
        try await withVersions { store in
            try await store.database.write { db throws(MartletError) in
                try db.execute(SQL(stringLiteral: statement))
            }
            let report = try await DataFolderInspection(store).run(.sizes)
            #expect(!report.isHealthy)
            #expect(report.registryProblems.contains { $0.contains(finding) }, "\(report.registryProblems)")
        }
    }
}
