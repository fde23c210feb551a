#include "session.h"
#include "base/code.h"
#include "core/caseflow.h"
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

void session_attend(const struct http_in *in, struct session *s)
{
    const struct str said = http_header_get(in, STR("msd-attended")),
                     dest = http_header_get(in, STR("sec-fetch-dest"));
    u64 ago = 0;
    if (said.p)
        s->attended = str_u64(said, SESSION_TOUCHED_MAX_S, &ago);
    else
        s->attended = dest.n == 0 || str_eq(dest, STR("document"));
    s->touched_s = s->attended ? (int)ago : 0;
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

bool session_factor_roles_parse(const char *setting, u32 *roles_r)
{
    struct str rest = str_of(setting);
    *roles_r = 0;
    while (rest.n) {
        struct str word;
        enum staff_role role;
        str_cut(rest, ',', &word, &rest);
        if (!staff_role_parse(str_trim(word), &role)) return false;
        *roles_r |= ROLE_BIT(role);
    }
    return true;
}

u32 session_factor_roles(const struct gateway *g)
{
    u32 roles;
    return session_factor_roles_parse(g->cfg.totp_roles, &roles) ? roles
                                                                 : UINT32_MAX; /* unreadable: everybody */
}
