/* Cryptography over libsodium: random bytes, keyed hashes, constant-time compares, passwords, sealing at rest, SHA-256 and
 * signatures for the public record.
 *
 * One master key (32 bytes, file readable by the gateway alone) gives every purpose its own subkey by
 * crypto_kdf_derive_from_key (BLAKE2b), and hashing and sealing for one purpose differ again, so no key
 * serves two ends. A purpose is one of enum key_purpose or KEY_PLAQUE_0 + version; any other is a bug. */
#pragma once
#include "base/str.h"

enum key_purpose {                       /* the subkey number: never reuse or renumber */
                   KEY_RECEIPT_MAKE = 1, /* PRF that makes a receipt from a feedback id */
                   KEY_RECEIPT_HASH = 2, /* keyed hash under which a receipt is stored */
                   KEY_FORM = 3,         /* form tokens */
                   KEY_OUTBOX = 4,       /* sealing of messages owed */
                   KEY_CHANNEL = 5,      /* sealing of channel settings, hash of hook keys */
                   KEY_CSRF = 6,
                   KEY_DEDUPE = 7,  /* digest of a body stored beside its dedupe key */
                   KEY_CONTACT = 8, /* sealing of citizens' telephone numbers; keyed hash to find them */
                   KEY_SESSION = 9, /* hash under which a session token is stored */
                   KEY_MARK = 10,   /* tells whether a database belongs to this key */
                   KEY_PERSON = 11, /* keyed hash under which a sender or recipient is found again */
                   KEY_POW = 20,    /* signature of proof-of-work challenges */
                   KEY_SERVICE =
                       12, /* links and 办件编号 of rated services, pairing codes and secrets of tablets */
                   KEY_FILE = 13,    /* sealing of original files, kept as evidence */
                   KEY_FACTOR = 14,  /* sealing of the second factor's keys; keyed hash of recovery codes */
                   KEY_SIGN_IN = 15, /* hash under which a half-open sign-in is stored */
                   KEY_OIDC = 16,    /* state, nonce and verifier of a sign-in at the identity provider */
                   KEY_HALF =
                       17, /* sealing of the second half of a one-time password until it is confirmed */
                   KEY_PLAQUE_0 = 100, /* + key version 0..31: plaque tags */
};

struct
    keys; /* the derived subkeys; in locked memory, never written after keys_load: any thread may use them */

bool crypto_init(void) MUST_CHECK;
/* Reads 64 hex digits, with or without a newline, from a regular file that gives no right to group or others.
 * NULL with a sentence on failure; the sentence (here and below) is valid until the thread's next failure. */
struct keys *keys_load(const char *path, const char **error_r);
/* Makes a new key file (mode 0600), synced with its folder; fails when it exists. */
bool keys_create(const char *path, const char **error_r) MUST_CHECK;
void keys_free(struct keys **k);

void crypto_random(void *p, size_t n);
/* 32-byte keyed BLAKE2b of the parts, each with its length in front, so ("ab","c") and ("a","bc") differ. */
void crypto_mac(const struct keys *k, unsigned purpose, const struct str *parts, size_t n, u8 out[32]);
/* The same under a key of the caller's own. */
void crypto_keyed(const u8 key[32], const struct str *parts, size_t n, u8 out[32]);
bool crypto_same(const void *a, const void *b, size_t n); /* constant time */
void crypto_wipe(void *p, size_t n);

/* XChaCha20-Poly1305 with a random nonce in front. `context` binds the sealed bytes to where they belong
 * (e.g. "outbox 123"): opening under another context fails. Both append to the text; what would pass its ceiling is left out (overflow). */
void crypto_seal(const struct keys *k, unsigned purpose, struct str context, struct str plain,
                 struct text *sealed);
bool crypto_open(const struct keys *k, unsigned purpose, struct str context, struct str sealed,
                 struct text *plain) MUST_CHECK;

/* Argon2id, libsodium's interactive limits. Takes ~0.1 s and 64 MiB: only on the thread pool or in a tool.
 * False for an empty password, one over 1024 bytes, or (right) a wrong one. */
#define PASSWORD_HASH_MAX 128
bool password_hash(struct str password, char out[PASSWORD_HASH_MAX]) MUST_CHECK;
bool password_right(struct str password, const char *hash) MUST_CHECK;

/* SHA-256 (FIPS 180-4): the hash of the public record, which anyone can compute again. Fits core's sha256_fn. */
void crypto_sha256(struct str bytes, u8 out[32]);

/* Ed25519 (RFC 8032): signs tree heads. Its key has a file of its own in the form of the master key's, so that the record
 * stays provable when the master key changes, and the other way round. The public half is published. */
#define SIGNING_PUBLIC 32
#define SIGNING_BYTES  64
struct signing_key; /* in locked memory, never written after signing_load: any thread may use it */
struct signing_key *signing_load(const char *path, const char **error_r); /* like keys_load */
bool signing_create(const char *path, const char **error_r) MUST_CHECK;   /* like keys_create */
void signing_free(struct signing_key **k);
void signing_public(const struct signing_key *k, u8 out[SIGNING_PUBLIC]);
void signing_sign(const struct signing_key *k, struct str bytes, u8 out[SIGNING_BYTES]);
bool signing_right(const u8 public[SIGNING_PUBLIC], struct str bytes,
                   const u8 signature[SIGNING_BYTES]) MUST_CHECK;
