/* The plain side of a sealed report (docs/sealing.md): what stands in a message before it is sealed, how it is padded, and how a
 * share of the escrow key is written for people. Called by sealed*.c and cmd_seal.c. No cipher in here and no secret kept: texts
 * and bytes in, texts and bytes out. */
#pragma once
#include "core/submission.h"

#define SEAL_BLOCK     1024 /* the length of a message tells no more than its kilobytes */
#define SEAL_PLAIN_MAX (128u * 1024)
#define SEAL_AD        STR("mashangdu sealed v1")
#define SEAL_FILE_AD   STR("mashangdu sealed file v1")
#define SEAL_VERSION   '\x01' /* in front of a body */

/* What a message holds. Absent: .p NULL or empty. files: a JSON array of seal_file_json's. */
struct seal_said {
    struct str words, contact, sender, files;
    const struct position *position;
};
/* {"v":1,"words":…}, appended. False when a text is no UTF-8, or the whole passes the ceiling of `out`. */
bool seal_said_json(const struct seal_said *said, struct text *out) MUST_CHECK;
/* One file as it stands in "files", appended. of: which of the reporter's files it belongs to, from 0; part: original, clean, thumb. */
struct seal_file {
    u8 hash[32];
    const char *part, *type;
    size_t of, size;
    struct str name;
};
void seal_file_json(const struct seal_file *f, struct text *out);
/* Words and number of files of a message as opened. Views into `doc`; false when it is no message of version 1. */
struct json;
bool seal_said_read(const struct json *doc, struct str *words_r, size_t *n_files_r) MUST_CHECK;

/* ISO/IEC 7816-4, as sodium_pad: 0x80 and zeros up to the next block. */
void seal_pad(struct text *t);
/* The bytes before the padding; false when it is none. */
bool seal_unpad(struct str padded, struct str *plain_r) MUST_CHECK;

/* "sealed:" and the hash of the body in hex: what stands in feedback.words and so in the proof chain. */
#define SEAL_MARK_MAX 72
typedef void seal_hash(struct str bytes, u8 out[32]);
void seal_mark(seal_hash *sha256, struct str body, char out[SEAL_MARK_MAX]);

/* A share as people write it: 13 groups of four letters of Crockford's base32 and a check group, with '-' between. which: 1 or 2. */
#define SEAL_SHARE_MAX 80
void seal_share_put(seal_hash *blake2b, int which, const u8 share[32], char out[SEAL_SHARE_MAX]);
/* As typed: case, blanks and hyphens do not matter, o is 0, i and l are 1. False for a slip. */
bool seal_share_get(seal_hash *blake2b, int which, struct str typed, u8 share[32]) MUST_CHECK;
