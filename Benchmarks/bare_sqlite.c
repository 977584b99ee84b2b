/* SQLite by itself: the rows that the benchmark logs, put into a table of the same shape with the same
 * pragmas and one prepared statement, without a server around it.
 *
 *   bare_sqlite version
 *   bare_sqlite bulk    DATABASE DDL ROWS      one transaction; prints rows a second
 *   bare_sqlite commits DATABASE DDL SECONDS   a transaction for each row; prints commits a second,
 *                                              and the p50 and p99 of one in milliseconds
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BATCH_ROWS = 100, KEYS = 10, RUNS = 8, COMMITS_MAX = 10000000,
       GROWING_ROWS = 200000 };

static const char *const INSERT =
    "INSERT INTO metric_point (run_key, key, logged_ms, step, value, is_nan) VALUES (?, ?, ?, ?, ?, ?)";

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void check(sqlite3 *db, int code) {
    if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW) {
        fprintf(stderr, "%s\n", sqlite3_errmsg(db));
        exit(1);
    }
}

static void run(sqlite3 *db, const char *sql) { check(db, sqlite3_exec(db, sql, NULL, NULL, NULL)); }

static sqlite3 *open_database(const char *path, const char *ddl) {
    sqlite3 *db;
    check(NULL, sqlite3_open(path, &db));
    run(db, "PRAGMA journal_mode = WAL");
    run(db, "PRAGMA synchronous = FULL");
    run(db, "PRAGMA cache_size = -32768");
    run(db, "PRAGMA mmap_size = 0");
    run(db, ddl);
    return db;
}

/* In the order and with the values of lua/log_batch.lua. */
static void insert(sqlite3 *db, sqlite3_stmt *statement, long row) {
    const long batch = 100000001 + row / BATCH_ROWS;
    const long index = row % BATCH_ROWS;
    char key[8];
    snprintf(key, sizeof key, "b%ld", index % KEYS);
    sqlite3_bind_int64(statement, 1, 1 + batch % RUNS);
    sqlite3_bind_text(statement, 2, key, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(statement, 3, 1700000000000 + batch * BATCH_ROWS + index);
    sqlite3_bind_int64(statement, 4, batch * BATCH_ROWS + index);
    sqlite3_bind_double(statement, 5, (double)index + (double)batch / 1e9);
    sqlite3_bind_int64(statement, 6, 0);
    check(db, sqlite3_step(statement));
    check(db, sqlite3_reset(statement));
}

static void insert_all(sqlite3 *db, sqlite3_stmt *statement, long rows) {
    run(db, "BEGIN");
    for (long row = 0; row < rows; row++) insert(db, statement, row);
    run(db, "COMMIT");
}

static void bulk(sqlite3 *db, sqlite3_stmt *statement, long rows) {
    /* What the server copies back from the WAL later is not part of a bare insert. */
    run(db, "PRAGMA wal_autocheckpoint = 0");
    const double began = now();
    insert_all(db, statement, rows);
    printf("%.1f\n", (double)rows / (now() - began));
}

static int compare(const void *left, const void *right) {
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static void commits(sqlite3 *db, sqlite3_stmt *statement, double seconds) {
    /* As in a server that has been running: the WAL is written over, which is quicker than making it longer. */
    insert_all(db, statement, GROWING_ROWS);
    run(db, "PRAGMA wal_checkpoint(RESTART)");
    double *latencies = malloc(COMMITS_MAX * sizeof *latencies);
    if (latencies == NULL) exit(1);
    long count = 0;
    const double began = now();
    double last = began;
    while (count < COMMITS_MAX && last - began < seconds) {
        insert(db, statement, GROWING_ROWS + count * BATCH_ROWS);
        const double time = now();
        latencies[count++] = time - last;
        last = time;
    }
    qsort(latencies, (size_t)count, sizeof *latencies, compare);
    printf("%.1f %.4f %.4f\n", (double)count / (last - began), latencies[count / 2] * 1e3,
           latencies[count * 99 / 100] * 1e3);
    free(latencies);
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "version") == 0) {
        puts(sqlite3_libversion());
        return 0;
    }
    if (argc != 5) return 2;
    sqlite3 *db = open_database(argv[2], argv[3]);
    sqlite3_stmt *statement;
    check(db, sqlite3_prepare_v3(db, INSERT, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL));
    if (strcmp(argv[1], "bulk") == 0) {
        bulk(db, statement, atol(argv[4]));
    } else {
        commits(db, statement, atof(argv[4]));
    }
    sqlite3_finalize(statement);
    check(db, sqlite3_close(db));
    return 0;
}
