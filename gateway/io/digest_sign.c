#include "base/digest.h"
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <string.h>

#define MODULUS_LEAST 256  /* bytes */
#define MODULUS_MOST  1024 /* a larger one costs a stranger nothing and us much */
#define P256_BYTES    32

/* The public key of these parts; NULL when they make none. */
static EVP_PKEY *key_of(const char *kind, OSSL_PARAM_BLD *parts)
{
    EVP_PKEY *key = NULL;
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(parts);
    EVP_PKEY_CTX *made = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL), *checked = NULL;
    if (!params || !made || EVP_PKEY_fromdata_init(made) != 1 ||
        EVP_PKEY_fromdata(made, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
        key = NULL;
    /* A point that is not on the curve, an even modulus. */
    if (key && (!(checked = EVP_PKEY_CTX_new(key, NULL)) || EVP_PKEY_public_check_quick(checked) != 1)) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    EVP_PKEY_CTX_free(checked);
    EVP_PKEY_CTX_free(made);
    OSSL_PARAM_free(params);
    return key;
}

static bool signed_by(EVP_PKEY *key, struct str bytes, const u8 *signature, size_t n)
{
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    const bool right = key && c && EVP_DigestVerifyInit(c, NULL, EVP_sha256(), NULL, key) == 1 &&
                       EVP_DigestVerify(c, signature, n, (const u8 *)(bytes.n ? bytes.p : ""), bytes.n) == 1;
    EVP_MD_CTX_free(c);
    return right;
}

bool rsa_sha256_right(struct str modulus, struct str exponent, struct str bytes, struct str signature)
{
    if (modulus.n < MODULUS_LEAST || modulus.n > MODULUS_MOST || modulus.p[0] == 0 || exponent.n == 0 ||
        exponent.n > 8 || signature.n != modulus.n)
        return false;
    OSSL_PARAM_BLD *parts = OSSL_PARAM_BLD_new();
    BIGNUM *n = BN_bin2bn((const u8 *)modulus.p, (int)modulus.n, NULL),
           *e = BN_bin2bn((const u8 *)exponent.p, (int)exponent.n, NULL);
    EVP_PKEY *key = NULL;
    if (parts && n && e && BN_is_odd(n) && BN_is_odd(e) && !BN_is_one(e) &&
        OSSL_PARAM_BLD_push_BN(parts, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
        OSSL_PARAM_BLD_push_BN(parts, OSSL_PKEY_PARAM_RSA_E, e) == 1)
        key = key_of("RSA", parts);
    const bool right = signed_by(key, bytes, (const u8 *)signature.p, signature.n);
    EVP_PKEY_free(key);
    BN_free(n);
    BN_free(e);
    OSSL_PARAM_BLD_free(parts);
    return right;
}

/* r and s as libcrypto wants them: DER. */
static u8 *der_of(const u8 *pair, int *n_r)
{
    u8 *der = NULL;
    ECDSA_SIG *sig = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(pair, P256_BYTES, NULL), *s = BN_bin2bn(pair + P256_BYTES, P256_BYTES, NULL);
    if (sig && r && s && ECDSA_SIG_set0(sig, r, s) == 1) {
        r = s = NULL; /* the signature's now */
        *n_r = i2d_ECDSA_SIG(sig, &der);
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(sig);
    return der;
}

bool p256_sha256_right(const u8 x[P256_BYTES], const u8 y[P256_BYTES], struct str bytes, struct str signature)
{
    u8 point[1 + 2 * P256_BYTES] = {4}; /* uncompressed */
    int n_der = 0;
    if (signature.n != 2 * P256_BYTES) return false;
    memcpy(point + 1, x, P256_BYTES);
    memcpy(point + 1 + P256_BYTES, y, P256_BYTES);
    OSSL_PARAM_BLD *parts = OSSL_PARAM_BLD_new();
    EVP_PKEY *key = NULL;
    if (parts && OSSL_PARAM_BLD_push_utf8_string(parts, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(parts, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point) == 1)
        key = key_of("EC", parts);
    u8 *der = der_of((const u8 *)signature.p, &n_der);
    const bool right = der && n_der > 0 && signed_by(key, bytes, der, (size_t)n_der);
    OPENSSL_free(der);
    EVP_PKEY_free(key);
    OSSL_PARAM_BLD_free(parts);
    return right;
}
