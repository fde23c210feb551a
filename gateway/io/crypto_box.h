/* Sealing to people: X25519 boxes, XChaCha20-Poly1305 under one message's key, keys out of passwords. Over libsodium; the formats
 * are those of docs/sealing.md, so that libsodium.js opens what is made here. Called by sealed*.c and cmd_seal.c. Knows no
 * database and keeps nothing: secrets live in the caller's memory, who wipes them. Every call may run on any thread. */
#pragma once
#include "base/str.h"

#define BOX_KEY      32 /* a public or secret key, a message's key, a seed */
#define BOX_ENVELOPE 80 /* crypto_box_seal of BOX_KEY bytes */
#define BOX_SALT     16
#define BOX_OVERHEAD 40 /* nonce and tag of box_encrypt */

/* An X25519 pair: at random, or always the same of one seed (crypto_box_seed_keypair). */
void box_keypair(u8 public_key[BOX_KEY], u8 secret[BOX_KEY]);
void box_keypair_of(const u8 seed[BOX_KEY], u8 public_key[BOX_KEY], u8 secret[BOX_KEY]);

/* crypto_box_seal. False when public_key is no point that can be sealed to. */
bool box_envelope(const u8 key[BOX_KEY], const u8 public_key[BOX_KEY], u8 sealed[BOX_ENVELOPE]) MUST_CHECK;
/* False when it was not sealed to this pair, or is damaged. */
bool box_envelope_open(const u8 sealed[BOX_ENVELOPE], const u8 public_key[BOX_KEY], const u8 secret[BOX_KEY],
                       u8 key[BOX_KEY]) MUST_CHECK;

/* nonce 24 ‖ ciphertext ‖ tag 16, appended; `ad` says what it is and is not stored. What would pass the ceiling of the text is left
 * out whole (overflow). */
void box_encrypt(const u8 key[BOX_KEY], struct str ad, struct str plain, struct text *out);
/* False when it is not what was sealed, or the text is full. */
bool box_decrypt(const u8 key[BOX_KEY], struct str ad, struct str sealed, struct text *plain) MUST_CHECK;

/* Argon2id, 64 MiB, two passes (about 0.1 s): the pool's work. False when memory is short. */
bool box_seed(struct str password, const u8 salt[BOX_SALT], u8 seed[BOX_KEY]) MUST_CHECK;

/* BLAKE2b-256 without a key; fits core/seal.h's seal_hash. */
void box_hash(struct str bytes, u8 out[32]);
