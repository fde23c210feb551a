#include "base/digest.h"
#include "base/code.h"
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

static const EVP_MD *method(enum digest d)
{
    switch (d) {
    case DIGEST_MD5:
        return EVP_md5();
    case DIGEST_SHA1:
        return EVP_sha1();
    case DIGEST_SHA256:
        return EVP_sha256();
    case DIGEST_SHA384:
        return EVP_sha384();
    case DIGEST_SHA512:
        break;
    }
    return EVP_sha512();
}

size_t digest_size(enum digest d)
{
    static const size_t sizes[] = {[DIGEST_MD5] = 16,
                                   [DIGEST_SHA1] = 20,
                                   [DIGEST_SHA256] = 32,
                                   [DIGEST_SHA384] = 48,
                                   [DIGEST_SHA512] = 64};
    return sizes[d];
}

void digest_run(enum digest d, struct str bytes, u8 out[DIGEST_MAX])
{
    unsigned n = 0;
    /* Fails only without memory or where a policy of the host forbids the method: neither has a way on. */
    ASSERT(EVP_Digest(bytes.n ? bytes.p : "", bytes.n, out, &n, method(d), NULL) == 1 && n == digest_size(d));
}

void digest_hmac(enum digest d, struct str key, struct str bytes, u8 out[DIGEST_MAX])
{
    unsigned n = 0;
    ASSERT(key.n <= INT_MAX);
    ASSERT(HMAC(method(d), key.n ? key.p : "", (int)key.n, (const u8 *)(bytes.n ? bytes.p : ""), bytes.n, out,
                &n) &&
           n == digest_size(d));
}

void digest_hex(enum digest d, struct str bytes, struct text *out)
{
    u8 raw[DIGEST_MAX];
    digest_run(d, bytes, raw);
    hex_put(out, raw, digest_size(d));
}

void digest_hmac_hex(enum digest d, struct str key, struct str bytes, struct text *out)
{
    u8 raw[DIGEST_MAX];
    digest_hmac(d, key, bytes, raw);
    hex_put(out, raw, digest_size(d));
}

void digest_pbkdf2(enum digest d, struct str password, struct str salt, unsigned rounds, u8 *out, size_t n)
{
    ASSERT(rounds > 0 && rounds <= INT_MAX && n <= 4 * DIGEST_MAX && password.n <= INT_MAX &&
           salt.n <= INT_MAX);
    ASSERT(PKCS5_PBKDF2_HMAC(password.n ? password.p : "", (int)password.n,
                             (const u8 *)(salt.n ? salt.p : ""), (int)salt.n, (int)rounds, method(d), (int)n,
                             out) == 1);
}

static bool aes(const u8 key[32], const u8 iv[16], const u8 *in, size_t n, u8 *out, int encrypt)
{
    int part = 0, rest = 0;
    if (n % 16 != 0 || n > INT_MAX / 2) return false;
    if (n == 0) return true;
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    bool good = c && EVP_CipherInit_ex(c, EVP_aes_256_cbc(), NULL, key, iv, encrypt) == 1 &&
                EVP_CIPHER_CTX_set_padding(c, 0) == 1 && EVP_CipherUpdate(c, out, &part, in, (int)n) == 1 &&
                EVP_CipherFinal_ex(c, out + part, &rest) == 1;
    EVP_CIPHER_CTX_free(c);
    return good;
}

bool aes256_cbc_encrypt(const u8 key[32], const u8 iv[16], const u8 *in, size_t n, u8 *out)
{
    return aes(key, iv, in, n, out, 1);
}

bool aes256_cbc_decrypt(const u8 key[32], const u8 iv[16], const u8 *in, size_t n, u8 *out)
{
    return aes(key, iv, in, n, out, 0);
}

bool secret_same(struct str a, struct str b)
{
    return a.n == b.n && a.n > 0 && CRYPTO_memcmp(a.p, b.p, a.n) == 0;
}
