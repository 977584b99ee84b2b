/* A long ledger, written straight into a data folder's database while no server runs, from docs/storage-format.md,
 * docs/ledger.md and RFC 6962 alone: none of the server's code has to do with it.
 *
 *   long_ledger DATABASE ENTRIES
 *
 * Appends entries about the models that are there, to versions of theirs that nobody has registered, until the ledger
 * has so many; prints the root of its tree in hexadecimal. Entries that were there are hashed again and must agree.
 */
#include <fcntl.h>
#include <openssl/evp.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Of one version, and in one millisecond. */
enum { HASH = 32, ENTRIES_OF_VERSION = 20, ENTRIES_OF_MS = 20000, MODELS_MAX = 1000, INDEXES_MAX = 8, BODY_MAX = 4096 };

typedef struct { int64_t key; char name[64]; } Model;
typedef struct { int64_t size, last_ms; } Head;

static EVP_MD *sha256;

static void fail(const char *reason) {
    fprintf(stderr, "%s\n", reason);
    exit(1);
}

static void check(sqlite3 *db, int code) {
    if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW) fail(sqlite3_errmsg(db));
}

static void run(sqlite3 *db, const char *sql) { check(db, sqlite3_exec(db, sql, NULL, NULL, NULL)); }

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql) {
    sqlite3_stmt *statement;
    check(db, sqlite3_prepare_v2(db, sql, -1, &statement, NULL));
    return statement;
}

static void step(sqlite3 *db, sqlite3_stmt *statement) {
    check(db, sqlite3_step(statement));
    check(db, sqlite3_reset(statement));
}

static void hash(const uint8_t *bytes, size_t count, uint8_t *into) {
    if (EVP_Digest(bytes, count, into, NULL, sha256, NULL) != 1) fail("cannot hash");
}

static void hash_leaf(const char *body, size_t count, uint8_t *into) {
    uint8_t bytes[1 + BODY_MAX] = {0};
    if (count > BODY_MAX) fail("an entry is too long");
    memcpy(bytes + 1, body, count);
    hash(bytes, 1 + count, into);
}

/* `into` may be one of the two. */
static void hash_node(const uint8_t *left, const uint8_t *right, uint8_t *into) {
    uint8_t bytes[1 + 2 * HASH] = {1};
    memcpy(bytes + 1, left, HASH);
    memcpy(bytes + 1 + HASH, right, HASH);
    hash(bytes, sizeof bytes, into);
}

static void hexadecimal(const uint8_t *bytes, char *into) {
    static const char digits[] = "0123456789abcdef";
    for (int index = 0; index < HASH; index++) {
        into[2 * index] = digits[bytes[index] >> 4];
        into[2 * index + 1] = digits[bytes[index] & 15];
    }
    into[2 * HASH] = 0;
}

static void timestamp(int64_t ms, char *into, size_t count) {
    const time_t seconds = (time_t)(ms / 1000);
    struct tm parts;
    char text[24];
    gmtime_r(&seconds, &parts);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(into, count, "%s.%03dZ", text, (int)(ms % 1000));
}

static Head read_head(sqlite3 *db) {
    sqlite3_stmt *found = prepare(db, "SELECT size, last_ms FROM ledger_head WHERE head_key = 1");
    check(db, sqlite3_step(found));
    const Head head = {sqlite3_column_int64(found, 0), sqlite3_column_int64(found, 1)};
    sqlite3_finalize(found);
    return head;
}

static int read_models(sqlite3 *db, Model *models) {
    sqlite3_stmt *found = prepare(db, "SELECT model_key, name FROM registered_model ORDER BY model_key");
    int count = 0;
    while (count < MODELS_MAX && sqlite3_step(found) == SQLITE_ROW) {
        models[count].key = sqlite3_column_int64(found, 0);
        snprintf(models[count++].name, sizeof models[0].name, "%s", (const char *)sqlite3_column_text(found, 1));
    }
    sqlite3_finalize(found);
    if (count == 0) fail("there is no model");
    return count;
}

static void read_leaves(sqlite3 *db, int64_t size, uint8_t *leaves) {
    sqlite3_stmt *found = prepare(db, "SELECT leaf, body FROM ledger_entry ORDER BY entry_index");
    int64_t count = 0;
    while (sqlite3_step(found) == SQLITE_ROW && count < size) {
        uint8_t *leaf = leaves + HASH * count++;
        hash_leaf((const char *)sqlite3_column_text(found, 1), (size_t)sqlite3_column_bytes(found, 1), leaf);
        if (memcmp(leaf, sqlite3_column_blob(found, 0), HASH) != 0) fail("an entry has another hash than it says");
    }
    sqlite3_finalize(found);
    if (count != size) fail("the ledger has fewer entries than it says");
}

static void insert_entries(sqlite3 *db, Head head, int64_t size, uint8_t *leaves) {
    static Model models[MODELS_MAX];
    const int model_count = read_models(db, models);
    sqlite3_stmt *insert = prepare(db, "INSERT INTO ledger_entry (entry_index, leaf, model_key, version, action, "
                                       "at_ms, body) VALUES (?, ?, ?, ?, 'version.tag', ?, ?)");
    char previous[2 * HASH + 1], at[32], body[BODY_MAX];
    for (int64_t index = head.size; index < size; index++) {
        const Model *model = &models[index % model_count];
        const long long version = 2 + index / model_count / ENTRIES_OF_VERSION;
        const int64_t ms = head.last_ms + (index - head.size) / ENTRIES_OF_MS;
        uint8_t *leaf = leaves + HASH * index;
        if ((index - head.size) % ENTRIES_OF_MS == 0) timestamp(ms, at, sizeof at);
        hexadecimal(leaf - HASH, previous);
        const int length = snprintf(
            body, sizeof body,
            "{\"action\":\"version.tag\",\"actor\":\"bench\",\"at\":\"%s\",\"index\":%lld,\"key\":\"checked\","
            "\"model\":\"%s\",\"modelId\":%lld,\"previous\":\"%s\",\"value\":\"%lld\",\"version\":%lld}",
            at, (long long)index, model->name, (long long)model->key, previous, (long long)index, version);
        hash_leaf(body, (size_t)length, leaf);
        sqlite3_bind_int64(insert, 1, index);
        sqlite3_bind_blob(insert, 2, leaf, HASH, SQLITE_STATIC);
        sqlite3_bind_int64(insert, 3, model->key);
        sqlite3_bind_int64(insert, 4, version);
        sqlite3_bind_int64(insert, 5, ms);
        sqlite3_bind_text(insert, 6, body, length, SQLITE_STATIC);
        step(db, insert);
    }
    sqlite3_finalize(insert);
    hexadecimal(leaves + HASH * (size - 1), previous);
    sqlite3_stmt *move = prepare(db, "UPDATE ledger_head SET size = ?, last_leaf = ?, last_ms = ? WHERE head_key = 1");
    sqlite3_bind_int64(move, 1, size);
    sqlite3_bind_text(move, 2, previous, -1, SQLITE_STATIC);
    sqlite3_bind_int64(move, 3, head.last_ms + (size - 1 - head.size) / ENTRIES_OF_MS);
    step(db, move);
    sqlite3_finalize(move);
}

/* Writes every complete subtree anew; `hashes`, the leaves at first, is used up. Leaves the root in `root`. */
static void insert_nodes(sqlite3 *db, int64_t size, uint8_t *hashes, uint8_t *root) {
    run(db, "DELETE FROM ledger_node");
    sqlite3_stmt *insert = prepare(db, "INSERT INTO ledger_node (level, node_index, hash) VALUES (?, ?, ?)");
    int is_rooted = 0, level = 0;
    for (int64_t count = size; count > 0; count /= 2, level++) {
        for (int64_t index = 0; level > 0 && index < count; index++) {
            uint8_t *node = hashes + HASH * index;
            hash_node(hashes + 2 * HASH * index, hashes + 2 * HASH * index + HASH, node);
            sqlite3_bind_int64(insert, 1, level);
            sqlite3_bind_int64(insert, 2, index);
            sqlite3_bind_blob(insert, 3, node, HASH, SQLITE_STATIC);
            step(db, insert);
        }
        /* One without a sibling is the left half of what is left over at the end. */
        if (count % 2 == 0) continue;
        const uint8_t *last = hashes + HASH * (count - 1);
        if (is_rooted) hash_node(last, root, root);
        else memcpy(root, last, HASH);
        is_rooted = 1;
    }
    sqlite3_finalize(insert);
}

/* Sorting at the end is quicker than keeping indexes in order; they become what they were. */
static int drop_indexes(sqlite3 *db, char **statements) {
    sqlite3_stmt *found = prepare(db, "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL "
                                      "AND tbl_name = 'ledger_entry'");
    char *drops = sqlite3_mprintf("");
    int count = 0;
    while (count < INDEXES_MAX && sqlite3_step(found) == SQLITE_ROW) {
        drops = sqlite3_mprintf("%zDROP INDEX %s;", drops, sqlite3_column_text(found, 0));
        statements[count++] = sqlite3_mprintf("%s", sqlite3_column_text(found, 1));
    }
    sqlite3_finalize(found);
    run(db, drops);
    sqlite3_free(drops);
    return count;
}

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    sqlite3 *db;
    check(NULL, sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READWRITE, NULL));
    /* Nobody else is there, and after a crash the file is made anew. */
    run(db, "PRAGMA journal_mode = DELETE; PRAGMA journal_mode = OFF; PRAGMA locking_mode = EXCLUSIVE;"
            "PRAGMA synchronous = OFF; PRAGMA cache_size = -262144; BEGIN");
    const Head head = read_head(db);
    const int64_t size = atoll(argv[2]);
    if (head.size == 0 || head.size > size) fail("the ledger is empty, or longer already");
    uint8_t *leaves = malloc((size_t)size * HASH), root[HASH];
    if (leaves == NULL) fail("too little memory");
    read_leaves(db, head.size, leaves);
    char *indexes[INDEXES_MAX];
    const int index_count = drop_indexes(db, indexes);
    insert_entries(db, head, size, leaves);
    insert_nodes(db, size, leaves, root);
    for (int index = 0; index < index_count; index++) run(db, indexes[index]);
    run(db, "COMMIT; PRAGMA journal_mode = WAL");
    check(db, sqlite3_close(db));
    /* Or else a server's first checkpoint would wait for all of it. */
    const int file = open(argv[1], O_RDWR);
    if (file < 0 || fsync(file) != 0 || close(file) != 0) fail("cannot sync the database");
    char text[2 * HASH + 1];
    hexadecimal(root, text);
    puts(text);
    return 0;
}
