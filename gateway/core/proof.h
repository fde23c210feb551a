/* The canonical form of an act and its place in the chain of its case (promise P6). Intake and casework hash what they
 * write, `mashangdu verify` hashes what it reads; schema/0007_proof.sql has the same forms in SQL for rows that were
 * stored before there was a chain.
 *
 * Three hashes, so that parts can be shown or erased without the others (all SHA-256; numbers are 8 bytes big-endian; a
 * text is its length in 4 bytes and its UTF-8 bytes, a missing text the length 0xffffffff):
 *
 *   words = H("msd words v1\n" || salt[16..32) || text reason || text words || text data)
 *   who   = H("msd who v1\n"   || salt[0..16)  || i64 act id || i64 staff || text role || i64 unit || byte public)
 *   act   = H("msd act v1\n"   || previous act's hash, 32 zero bytes for the first || i64 case || i64 version || i64 at,
 *             microseconds since 1970 || text act || text actor || text from || text to || who || words)
 *
 * `data` is the text that PostgreSQL prints for the jsonb value: keys by length, then by bytes; ", " and ": " between.
 * Erasing by rule empties reason, words and data and cuts the salt to its first half: the stored `words` hash then stands
 * alone, the chain holds, and nobody can guess the text from it.
 * A first act (receive) carries in its data the commitment to what the citizen said:
 *   {"feedback": id, "commitment": "hex"} with
 *   H("msd feedback v1\n" || salt[16] || i64 id || i64 received || text channel || text plaque || text nature_said ||
 *     i64 rating, 0 for none || text words) */
#pragma once
#include "base/clock.h"
#include "core/merkle.h"

#define PROOF_SALT 32

struct proof_act {
    i64 id, case_id, version;
    instant at;
    struct str act, actor, from, to;
    i64 staff, unit; /* 0: none */
    struct str role; /* .p NULL: none, as for every text here */
    bool public_words;
    struct str reason, words, data;
    u8 salt[PROOF_SALT];
};
struct proof_feedback {
    i64 id;
    instant received;
    struct str channel, plaque, nature_said, words;
    i64 rating;
    u8 salt[16];
};

void proof_words(sha256_fn *sha256, const struct proof_act *a, u8 out[HASH_BYTES]);
void proof_who(sha256_fn *sha256, const struct proof_act *a, u8 out[HASH_BYTES]);
/* previous: NULL for the first act of a case. who, words: from the two above, or as stored. */
void proof_act(sha256_fn *sha256, const u8 previous[HASH_BYTES], const struct proof_act *a,
               const u8 who[HASH_BYTES], const u8 words[HASH_BYTES], u8 out[HASH_BYTES]);
void proof_feedback(sha256_fn *sha256, const struct proof_feedback *f, u8 out[HASH_BYTES]);
/* What a split put where and why; its act has it in its data as {"parts": "hex"} (schema/0033_desks.sql has the same in SQL):
 *   H("msd part v1\n" || salt[16] || i64 the new case || text extract || text rest || text reason) */
struct proof_part {
    u8 salt[16];
    i64 case_id;
    struct str extract, rest, reason;
};
void proof_part(sha256_fn *sha256, const struct proof_part *p, u8 out[HASH_BYTES]);
/* {"feedback": 12, "commitment": "…"} */
#define PROOF_RECEIVE_DATA_MAX 160
void proof_receive_data(i64 feedback, const u8 commitment[HASH_BYTES], char out[PROOF_RECEIVE_DATA_MAX]);

/* A flat JSON object as PostgreSQL prints it. Values are put as JSON text (json_put or digits) by the caller. */
#define PROOF_DATA_MAX 24 /* members */
struct proof_data {
    struct {
        const char *name;
        struct str value; /* JSON text; must live until written */
    } members[PROOF_DATA_MAX];
    size_t n;
};
void proof_data_add(struct proof_data *d, const char *name, struct str value);
void proof_data_write(struct proof_data *d, struct text *out); /* sorts */
/* A JSON string as PostgreSQL prints it (differs from json_put in \b, \f, \r, \t). */
void proof_data_string(struct text *t, struct str s);

/* What a signed tree head signs: "msd tree head v1\n" || i64 size || i64 at || root. */
#define PROOF_HEAD_BYTES (17 + 8 + 8 + HASH_BYTES)
void proof_head(u64 size, instant at, const u8 root[HASH_BYTES], u8 out[PROOF_HEAD_BYTES]);
