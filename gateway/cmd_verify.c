/* `mashangdu verify`: is the record what was written? Of the whole database, or of one proof file. */
#include "cmd_verify.h"
#include "base/log.h"
#include <stdio.h>
#include <string.h>

static const char help[] =
    "usage: mashangdu verify\n"
    "       mashangdu verify --proof FILE [--key HEX|FILE] [--words FILE]\n"
    "Checks the whole record of the database (setting owner_database): every act's hash, the chain of every "
    "case, what\n"
    "citizens said, what was erased and on which ground, the log over all acts and its signed heads. Reads "
    "only, and notes\n"
    "the result in the log of the staff; the gateway may run. Prints one line and ends with 0 when nothing is broken; else names the first broken row and "
    "ends with 1.\n"
    "  --proof FILE    check a proof file of a citizen instead: no database, no network\n"
    "  --key HEX|FILE  the public key that must have signed; without it the key of the file is taken, and "
    "said so\n"
    "  --words FILE    what the citizen wrote: is it what was recorded?\n";

const char *verify_keys(const char *fmt, ...)
{
    static char keys[300];
    struct text t;
    va_list ap;
    text_init(&t, sizeof keys - 1);
    va_start(ap, fmt);
    text_addfv(&t, fmt, ap);
    va_end(ap);
    memcpy(keys, text_z(&t), t.n + 1);
    text_free(&t);
    return keys;
}

enum verdict verify_broken(const char *keys, const char *sentence_fmt, ...)
{
    struct text t;
    va_list ap;
    text_init(&t, 2000);
    text_addf(&t, "broken %s\n", keys);
    va_start(ap, sentence_fmt);
    text_addfv(&t, sentence_fmt, ap);
    va_end(ap);
    (void)puts(text_z(&t));
    text_free(&t);
    return RECORD_BROKEN;
}

struct db_rows *verify_query(struct verify *v, const char *sql)
{
    return cmd_query(VERIFY_NAME, v->db, sql, 0, NULL);
}

/* The record as of one moment, and plans that begin to give rows at once instead of sorting a copy of everything. */
static bool begin(struct verify *v)
{
    static const char *const statements[] = {"begin isolation level repeatable read read only",
                                             "set local cursor_tuple_fraction = 0.0001",
                                             "set local jit = off", "set local work_mem = '64MB'"};
    for (size_t i = 0; i < ARRAY_LEN(statements); i++)
        if (!cmd_execute(VERIFY_NAME, v->db, statements[i], 0, NULL)) return false;
    return true;
}

/* The log's desk shows when the record was last looked at, and with what result. A database that takes no writes is not told. */
static void note_verdict(struct verify *v, enum verdict verdict)
{
    static const char insert[] =
        "insert into audit_log (action, detail) select 'tool.verify', $1::jsonb "
        "where not pg_is_in_recovery() and current_setting('default_transaction_read_only') = 'off'";
    struct text told;
    text_init(&told, 200);
    text_addf(&told, "{\"unbroken\":%s,\"acts\":%llu,\"cases\":%llu}",
              verdict == RECORD_RIGHT ? "true" : "false", (unsigned long long)v->acts,
              (unsigned long long)v->cases);
    const char *const params[] = {text_z(&told)};
    if (verdict != RECORD_UNREAD && cmd_execute(VERIFY_NAME, v->db, "rollback", 0, NULL) &&
        !cmd_execute(VERIFY_NAME, v->db, insert, 1, params))
        log_line(LOG_WARNING, LOG_TOOL, "the result is not noted in the log", NULL);
    text_free(&told);
}

static int verify_database(const struct config *cfg)
{
    struct verify v = {.db = cmd_database(VERIFY_NAME, cfg)};
    instant start = clock_monotonic();
    if (!v.db) return CMD_FAILED;
    enum verdict verdict = begin(&v) ? verify_acts(&v) : RECORD_UNREAD;
    if (verdict == RECORD_RIGHT) verdict = verify_sealed(&v);
    if (verdict == RECORD_RIGHT) verdict = verify_log(&v);
    if (verdict == RECORD_RIGHT) {
        double seconds = (double)instant_sub(clock_monotonic(), start).us / 1e6;
        printf("unbroken cases=%llu acts=%llu erased=%llu leaves=%llu heads=%llu seconds=%.2f\n",
               (unsigned long long)v.cases, (unsigned long long)v.acts, (unsigned long long)v.erased,
               (unsigned long long)v.leaves, (unsigned long long)v.heads, seconds);
        if (v.heads == 0 && v.acts > 0)
            printf("No tree head is signed yet: what is missing at the end of the record cannot be seen.\n");
    }
    note_verdict(&v, verdict);
    db_tool_close(&v.db);
    return verdict == RECORD_RIGHT ? CMD_OK : CMD_FAILED;
}

int cmd_verify(struct config *cfg, int argc, char **argv)
{
    const char *proof = NULL, *key = NULL, *words = NULL;
    int code;
    const struct cmd_option options[] = {{.name = "--proof", .value = &proof},
                                         {.name = "--key", .value = &key},
                                         {.name = "--words", .value = &words}};
    if (!cmd_options(VERIFY_NAME, help, options, ARRAY_LEN(options), &argc, argv, &code)) return code;
    if (argc > 0) return cmd_misuse(VERIFY_NAME, "what is %s?", argv[0]);
    if (!proof && (key || words)) return cmd_misuse(VERIFY_NAME, "--key and --words go with --proof");
    if (!crypto_init()) return cmd_fail(VERIFY_NAME, "the cryptographic library does not start");
    return proof ? verify_proof(proof, words, key) : verify_database(cfg);
}
