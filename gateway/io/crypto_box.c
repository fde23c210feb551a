#include "io/crypto_box.h"
#include <sodium.h>
#include <stdlib.h>

#define NONCE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG   crypto_aead_xchacha20poly1305_ietf_ABYTES
#define OPS   2
#define MEM   (64u << 20)

_Static_assert(crypto_box_PUBLICKEYBYTES == BOX_KEY && crypto_box_SECRETKEYBYTES == BOX_KEY &&
                   crypto_box_SEEDBYTES == BOX_KEY && crypto_aead_xchacha20poly1305_ietf_KEYBYTES == BOX_KEY,
               "one length for all keys");
_Static_assert(crypto_box_SEALBYTES + BOX_KEY == BOX_ENVELOPE && crypto_pwhash_SALTBYTES == BOX_SALT &&
                   NONCE + TAG == BOX_OVERHEAD,
               "the lengths of docs/sealing.md");

void box_keypair(u8 public_key[BOX_KEY], u8 secret[BOX_KEY]) { crypto_box_keypair(public_key, secret); }

void box_keypair_of(const u8 seed[BOX_KEY], u8 public_key[BOX_KEY], u8 secret[BOX_KEY])
{
    crypto_box_seed_keypair(public_key, secret, seed);
}

bool box_envelope(const u8 key[BOX_KEY], const u8 public_key[BOX_KEY], u8 sealed[BOX_ENVELOPE])
{
    return crypto_box_seal(sealed, key, BOX_KEY, public_key) == 0;
}

bool box_envelope_open(const u8 sealed[BOX_ENVELOPE], const u8 public_key[BOX_KEY], const u8 secret[BOX_KEY],
                       u8 key[BOX_KEY])
{
    return crypto_box_seal_open(key, sealed, BOX_ENVELOPE, public_key, secret) == 0;
}

void box_encrypt(const u8 key[BOX_KEY], struct str ad, struct str plain, struct text *out)
{
    u8 *box = mem_alloc(NONCE + plain.n + TAG);
    randombytes_buf(box, NONCE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(box + NONCE, NULL, (const u8 *)plain.p, plain.n,
                                               (const u8 *)ad.p, ad.n, NULL, box, key);
    text_add(out, (struct str){(const char *)box, NONCE + plain.n + TAG});
    free(box);
}

bool box_decrypt(const u8 key[BOX_KEY], struct str ad, struct str sealed, struct text *plain)
{
    if (sealed.n < NONCE + TAG) return false;
    const size_t n = sealed.n - NONCE - TAG;
    const u8 *box = (const u8 *)sealed.p;
    u8 *opened = mem_alloc(n + 1);
    bool good = crypto_aead_xchacha20poly1305_ietf_decrypt(opened, NULL, NULL, box + NONCE, n + TAG,
                                                           (const u8 *)ad.p, ad.n, box, key) == 0;
    if (good) {
        text_add(plain, (struct str){(const char *)opened, n});
        good = !plain->overflow;
    }
    sodium_memzero(opened, n);
    free(opened);
    return good;
}

bool box_seed(struct str password, const u8 salt[BOX_SALT], u8 seed[BOX_KEY])
{
    return crypto_pwhash(seed, BOX_KEY, password.p, password.n, salt, OPS, MEM,
                         crypto_pwhash_ALG_ARGON2ID13) == 0;
}

void box_hash(struct str bytes, u8 out[32])
{
    crypto_generichash(out, 32, (const u8 *)bytes.p, bytes.n, NULL, 0);
}
