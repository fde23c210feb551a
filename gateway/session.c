#include "session.h"
#include "base/code.h"
#include <string.h>

void session_hash(const struct gateway *g, const u8 token[SESSION_TOKEN_BYTES], u8 hash[32])
{
    struct str part = {(const char *)token, SESSION_TOKEN_BYTES};
    crypto_mac(g->keys, KEY_SESSION, &part, 1, hash);
}

bool session_of(const struct gateway *g, const struct http_in *in, u8 hash[32])
{
    u8 token[SESSION_TOKEN_BYTES];
    if (!b64url_get(http_cookie(in, SESSION_COOKIE), token, sizeof token)) return false;
    session_hash(g, token, hash);
    return true;
}

void session_csrf(const struct gateway *g, const u8 hash[32], char out[44])
{
    u8 mac[32];
    struct str part = {(const char *)hash, 32};
    struct text t;
    crypto_mac(g->keys, KEY_CSRF, &part, 1, mac);
    text_init(&t, 43);
    b64url_put(&t, mac, sizeof mac);
    memcpy(out, text_z(&t), 44);
    text_free(&t);
}

bool session_csrf_right(const struct gateway *g, const u8 hash[32], const struct http_in *in)
{
    char want[44];
    struct str got = http_header_get(in, STR("x-csrf-token"));
    session_csrf(g, hash, want);
    return got.n == 43 && crypto_same(got.p, want, 43);
}
