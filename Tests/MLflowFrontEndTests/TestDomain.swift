import MartletBlobs
import MartletCore
import MartletProofs
import MartletServer
import MartletSQLite

/// Everything over a database in memory, with a key of its own.
func openTestDomain(blobs: any BlobStore, surroundings: Surroundings) async throws -> Domain {
    try await Domain.open(
        database: try SQLiteDatabase(inMemory: ()),
        blobs: blobs,
        surroundings: surroundings,
        webhooks: try WebhookSettings().webhooks(),
        ledgerKey: { name, _ throws(MartletError) in
            try NoteSigner(name: name, privateKey: NoteSigner.makePrivateKey())
        }
    )
}
