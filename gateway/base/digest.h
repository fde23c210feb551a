/* Hashes, message authentication codes and the one cipher that providers' wire formats ask for. Declared here, where adapters
 * may see it; io/digest.c computes with libcrypto behind it. MD5 and SHA-1 are here because providers sign with them; nothing of
 * our own is built on them (that is io/crypto.h). All calls are pure and take any bytes. */
#pragma once
#include "base/str.h"

enum digest { DIGEST_MD5, DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512 };
#define DIGEST_MAX 64
size_t digest_size(enum digest d); /* bytes: 16, 20, 32, 48, 64 */

void digest_run(enum digest d, struct str bytes, u8 out[DIGEST_MAX]);
/* HMAC (RFC 2104) under a key of any length. */
void digest_hmac(enum digest d, struct str key, struct str bytes, u8 out[DIGEST_MAX]);
/* The same as lower-case hexadecimal text, appended. */
void digest_hex(enum digest d, struct str bytes, struct text *out);
void digest_hmac_hex(enum digest d, struct str key, struct str bytes, struct text *out);

/* PBKDF2 with HMAC (RFC 8018, 5.2): n bytes, n at most 4 * DIGEST_MAX. rounds from 1; the caller bounds them: time is theirs. */
void digest_pbkdf2(enum digest d, struct str password, struct str salt, unsigned rounds, u8 *out, size_t n);

/* AES-256-CBC without padding: n is a multiple of 16, else false and nothing is written. */
bool aes256_cbc_encrypt(const u8 key[32], const u8 iv[16], const u8 *in, size_t n, u8 *out) MUST_CHECK;
bool aes256_cbc_decrypt(const u8 key[32], const u8 iv[16], const u8 *in, size_t n, u8 *out) MUST_CHECK;

/* Signatures that others made, as JSON Web Signatures carry them (RFC 7518, 3.3 and 3.4); numbers are big-endian. False for whatever is
 * not right, a key that is none included. RSASSA-PKCS1-v1_5 with SHA-256; a modulus under 2048 bits is no key. */
bool rsa_sha256_right(struct str modulus, struct str exponent, struct str bytes,
                      struct str signature) MUST_CHECK;
/* ECDSA on P-256 with SHA-256; the signature is r and s, 64 bytes. */
bool p256_sha256_right(const u8 x[32], const u8 y[32], struct str bytes, struct str signature) MUST_CHECK;

/* Takes as long for a wrong guess as for a nearly right one; only the length shows. False for two empty ones: an empty secret
 * protects nothing. */
bool secret_same(struct str a, struct str b);
