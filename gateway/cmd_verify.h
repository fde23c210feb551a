/* Inside of `mashangdu verify`: what its files owe each other. cmd_verify.c reads the options and opens one repeatable
 * look at the whole database; cmd_verify_acts.c goes through the cases and their acts, cmd_verify_log.c through the log,
 * cmd_verify_proof.c checks a citizen's proof file without any database. Nothing here writes. */
#pragma once
#include "cmd.h"
#include "core/proof.h"

#define VERIFY_NAME "verify"

/* What became of a check. An unreadable database says nothing about the record. */
enum verdict { RECORD_RIGHT, RECORD_BROKEN, RECORD_UNREAD };

struct verify {
    struct db_tool *db; /* in a transaction: everything is looked at as of one moment */
    u64 cases, acts, erased, leaves, heads;
};

/* Prints `broken KEYS` and the sentence on standard output, stable for programs and for people; returns RECORD_BROKEN. */
enum verdict verify_broken(const char *keys, const char *sentence_fmt, ...) PRINTF_LIKE(2, 3);
/* "table=acts id=12 case=7 version=2 what=hash"; static, for one verify_broken. */
const char *verify_keys(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* cmd_query without parameters; NULL with a sentence printed. */
struct db_rows *verify_query(struct verify *v, const char *sql) MUST_CHECK;

/* Every case with its acts, their hashes, the commitments to what citizens said, and what was erased. */
enum verdict verify_acts(struct verify *v) MUST_CHECK;
/* Every sealed report against what was recorded of it (docs/sealing.md). */
enum verdict verify_sealed(struct verify *v) MUST_CHECK;
/* The tree over all acts, its stored nodes, its heads and their signatures. */
enum verdict verify_log(struct verify *v) MUST_CHECK;
/* The bytes of a proof file (see docs/manual.md): prints what was proved, or what is wrong. Bytes from outside. */
int verify_proof_bytes(struct str bytes, const char *words, const char *key) MUST_CHECK;
/* The same of a file. words, key: NULL when not given; key is 64 hex digits or the name of a file with them. */
int verify_proof(const char *path, const char *words, const char *key) MUST_CHECK;
