#include "io/crypto.h"
#include "base/code.h"
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_BYTES    32
#define PLAQUE_FIRST 100u
#define PLAQUE_KEYS  32u
#define SMALL_KEYS   32u /* purposes 1..31 */
#define SLOTS        (SMALL_KEYS + PLAQUE_KEYS)
#define PASSWORD_MAX 1024

/* All subkeys are derived at once, so that nothing is written later and the thread pool may read them.
 * Sealing and hashing for one purpose use different subkeys: the first word of the pair below. */
enum use { USE_MAC, USE_SEAL, USES };
static const char use_context[USES][crypto_kdf_CONTEXTBYTES + 1] = {"msd-mac0", "msd-seal"};

struct keys {
    u8 sub[USES][SLOTS][KEY_BYTES];
};
struct signing_key {
    u8 secret[crypto_sign_SECRETKEYBYTES], public[SIGNING_PUBLIC];
};

_Static_assert(PASSWORD_HASH_MAX >= crypto_pwhash_STRBYTES, "room for libsodium's password string");
_Static_assert(crypto_generichash_KEYBYTES == KEY_BYTES, "a subkey fits the hash");
_Static_assert(crypto_kdf_KEYBYTES == KEY_BYTES, "the master key fits the derivation");
_Static_assert(crypto_sign_SEEDBYTES == KEY_BYTES && crypto_sign_PUBLICKEYBYTES == SIGNING_PUBLIC &&
                   crypto_sign_BYTES == SIGNING_BYTES,
               "the signing key's seed is as long as the master key, Ed25519 has its sizes");
_Static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == KEY_BYTES, "a subkey fits the seal");

static const u8 *subkey(const struct keys *k, enum use use, unsigned purpose);
static bool refuse(const char **error_r, const char *what, int number);

bool crypto_init(void) { return sodium_init() >= 0; }

static const u8 *subkey(const struct keys *k, enum use use, unsigned purpose)
{
    bool plaque = purpose >= PLAQUE_FIRST && purpose < PLAQUE_FIRST + PLAQUE_KEYS;
    ASSERT(plaque || (purpose >= 1 && purpose < SMALL_KEYS));
    return k->sub[use][plaque ? purpose - PLAQUE_FIRST + SMALL_KEYS : purpose];
}

/* The sentence lives in a buffer of the thread until its next failure. */
static bool refuse(const char **error_r, const char *what, int number)
{
    static _Thread_local char sentence[160];
    char why[96] = "";
    if (number)
        snprintf(sentence, sizeof sentence, "%s: %s", what, strerror_r(number, why, sizeof why));
    else
        snprintf(sentence, sizeof sentence, "%s", what);
    *error_r = sentence;
    return false;
}

/* Reads the 64 digits; the key is in `secret` only when this returns true. */
static bool secret_read(const char *path, u8 secret[KEY_BYTES], const char **error_r)
{
    bool ok = false;
    char digits[KEY_BYTES * 2 + 2];
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) return refuse(error_r, "the key file cannot be opened", errno);
    if (fstat(fd, &st) != 0) {
        refuse(error_r, "the key file cannot be examined", errno);
        goto out;
    }
    if (!S_ISREG(st.st_mode)) {
        refuse(error_r, "the key file is not a regular file", 0);
        goto out;
    }
    if (st.st_mode & (S_IRWXG | S_IRWXO)) {
        refuse(error_r, "the key file is open to others: only its owner may read it (chmod 600)", 0);
        goto out;
    }
    ssize_t n =
        st.st_size == KEY_BYTES * 2 || st.st_size == KEY_BYTES * 2 + 1 ? read(fd, digits, sizeof digits) : 0;
    if (n == KEY_BYTES * 2 + 1 && digits[n - 1] == '\n') n--;
    ok = n == KEY_BYTES * 2 && hex_get((struct str){digits, (size_t)n}, secret, KEY_BYTES);
    if (!ok) refuse(error_r, "the key file does not hold exactly 64 hexadecimal digits", 0);
out:
    sodium_memzero(digits, sizeof digits);
    close(fd);
    return ok;
}

struct keys *keys_load(const char *path, const char **error_r)
{
    u8 master[KEY_BYTES];
    if (!crypto_init()) {
        refuse(error_r, "the cryptographic library does not start", 0);
        return NULL;
    }
    if (!secret_read(path, master, error_r)) return NULL;
    struct keys *k = sodium_malloc(sizeof *k); /* locked, guarded, kept out of core dumps */
    ASSERT(k != NULL);
    for (unsigned use = 0; use < USES; use++) {
        for (unsigned slot = 0; slot < SLOTS; slot++) {
            u64 id = slot < SMALL_KEYS ? slot : slot - SMALL_KEYS + PLAQUE_FIRST;
            ASSERT(crypto_kdf_derive_from_key(k->sub[use][slot], KEY_BYTES, id, use_context[use], master) ==
                   0);
        }
    }
    sodium_memzero(master, sizeof master);
    sodium_mprotect_readonly(k);
    return k;
}

/* A new file with 32 random bytes as hexadecimal digits. */
static bool secret_create(const char *path, const char **error_r)
{
    if (!crypto_init()) return refuse(error_r, "the cryptographic library does not start", 0);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return refuse(error_r, "the key file cannot be made", errno);

    u8 secret[KEY_BYTES];
    char digits[KEY_BYTES * 2 + 2];
    crypto_random(secret, sizeof secret);
    sodium_bin2hex(digits, sizeof digits - 1, secret, sizeof secret);
    digits[KEY_BYTES * 2] = '\n';
    bool ok = write(fd, digits, KEY_BYTES * 2 + 1) == KEY_BYTES * 2 + 1 && fsync(fd) == 0;
    int number = errno;
    sodium_memzero(secret, sizeof secret);
    sodium_memzero(digits, sizeof digits);
    if (close(fd) != 0 && ok) ok = false, number = errno;
    if (!ok) {
        unlink(path);
        return refuse(error_r, "the key file cannot be written", number);
    }

    /* A key that a power cut takes away takes what was made with it: the name must be on disk as well. */
    char *folder = mem_copy(path, strlen(path));
    int dir = open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ok = dir >= 0 && fsync(dir) == 0;
    number = errno;
    if (dir >= 0) close(dir);
    free(folder);
    return ok || refuse(error_r, "the folder of the key file cannot be synced", number);
}

bool keys_create(const char *path, const char **error_r) { return secret_create(path, error_r); }

void keys_free(struct keys **k)
{
    if (*k) sodium_free(*k); /* wipes */
    *k = NULL;
}

void crypto_random(void *p, size_t n) { randombytes_buf(p, n); }

void crypto_keyed(const u8 key[32], const struct str *parts, size_t n, u8 out[32])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, key, KEY_BYTES, 32);
    for (size_t i = 0; i < n; i++) {
        u8 length[8];
        for (unsigned b = 0; b < 8; b++) length[b] = (u8)((u64)parts[i].n >> (8 * b));
        crypto_generichash_update(&state, length, sizeof length);
        if (parts[i].n) crypto_generichash_update(&state, (const u8 *)parts[i].p, parts[i].n);
    }
    crypto_generichash_final(&state, out, 32);
    sodium_memzero(&state, sizeof state);
}

void crypto_mac(const struct keys *k, unsigned purpose, const struct str *parts, size_t n, u8 out[32])
{
    crypto_keyed(subkey(k, USE_MAC, purpose), parts, n, out);
}

bool crypto_same(const void *a, const void *b, size_t n) { return sodium_memcmp(a, b, n) == 0; }

void crypto_wipe(void *p, size_t n) { sodium_memzero(p, n); }

#define NONCE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG   crypto_aead_xchacha20poly1305_ietf_ABYTES

void crypto_seal(const struct keys *k, unsigned purpose, struct str context, struct str plain,
                 struct text *sealed)
{
    u8 *box = mem_alloc(NONCE + plain.n + TAG);
    crypto_random(box, NONCE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(box + NONCE, NULL, (const u8 *)plain.p, plain.n,
                                               (const u8 *)context.p, context.n, NULL, box,
                                               subkey(k, USE_SEAL, purpose));
    text_add(sealed, (struct str){(const char *)box, NONCE + plain.n + TAG});
    free(box);
}

bool crypto_open(const struct keys *k, unsigned purpose, struct str context, struct str sealed,
                 struct text *plain)
{
    if (sealed.n < NONCE + TAG) return false;
    size_t n = sealed.n - NONCE - TAG;
    const u8 *box = (const u8 *)sealed.p;
    u8 *opened = mem_alloc(n);
    bool ok = crypto_aead_xchacha20poly1305_ietf_decrypt(opened, NULL, NULL, box + NONCE, n + TAG,
                                                         (const u8 *)context.p, context.n, box,
                                                         subkey(k, USE_SEAL, purpose)) == 0;
    if (ok) {
        text_add(plain, (struct str){(const char *)opened, n});
        ok = !plain->overflow;
    }
    sodium_memzero(opened, n);
    free(opened);
    return ok;
}

bool password_hash(struct str password, char out[PASSWORD_HASH_MAX])
{
    if (password.n == 0 || password.n > PASSWORD_MAX) return false;
    return crypto_pwhash_str(out, password.p, password.n, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                             crypto_pwhash_MEMLIMIT_INTERACTIVE) == 0;
}

bool password_right(struct str password, const char *hash)
{
    if (password.n == 0 || password.n > PASSWORD_MAX) return false;
    return crypto_pwhash_str_verify(hash, password.p, password.n) == 0;
}

void crypto_sha256(struct str bytes, u8 out[32])
{
    static const u8 nothing[1];
    crypto_hash_sha256(out, bytes.n ? (const u8 *)bytes.p : nothing, bytes.n);
}

struct signing_key *signing_load(const char *path, const char **error_r)
{
    u8 seed[KEY_BYTES];
    if (!crypto_init()) {
        refuse(error_r, "the cryptographic library does not start", 0);
        return NULL;
    }
    if (!secret_read(path, seed, error_r)) return NULL;
    struct signing_key *k = sodium_malloc(sizeof *k);
    ASSERT(k != NULL);
    crypto_sign_seed_keypair(k->public, k->secret, seed);
    sodium_memzero(seed, sizeof seed);
    sodium_mprotect_readonly(k);
    return k;
}

bool signing_create(const char *path, const char **error_r) { return secret_create(path, error_r); }

void signing_free(struct signing_key **k)
{
    if (*k) sodium_free(*k); /* wipes */
    *k = NULL;
}

void signing_public(const struct signing_key *k, u8 out[SIGNING_PUBLIC])
{
    memcpy(out, k->public, SIGNING_PUBLIC);
}

void signing_sign(const struct signing_key *k, struct str bytes, u8 out[SIGNING_BYTES])
{
    crypto_sign_detached(out, NULL, (const u8 *)bytes.p, bytes.n, k->secret);
}

bool signing_right(const u8 public[SIGNING_PUBLIC], struct str bytes, const u8 signature[SIGNING_BYTES])
{
    return crypto_sign_verify_detached(signature, (const u8 *)bytes.p, bytes.n, public) == 0;
}
