#include "form_token.h"
#include "base/code.h"
#include <string.h>

#define RANDOM_BYTES 16
#define TIME_BYTES   8
#define MAC_BYTES    16 /* of the 32: a token lives a day and guards a form, not a secret */
#define TOKEN_BYTES  (RANDOM_BYTES + TIME_BYTES + MAC_BYTES)
#define CLOCK_SLIP   SPAN_MIN(2) /* between two gateways of one address */

static void mac_of(const struct keys *k, struct str place, struct str purpose, const u8 *token, u8 out[32])
{
    const struct str parts[] = {place, purpose, {(const char *)token, RANDOM_BYTES + TIME_BYTES}};
    crypto_mac(k, KEY_FORM, parts, ARRAY_LEN(parts), out);
}

static void put_b64(const u8 *p, size_t n, char *out, size_t room)
{
    struct text t;
    text_init(&t, room - 1);
    b64url_put(&t, p, n);
    ASSERT(!t.overflow);
    memcpy(out, t.p, t.n);
    out[t.n] = '\0';
    text_free(&t);
}

void form_token_make(const struct keys *k, struct str place, struct str purpose, instant now,
                     char out[FORM_TOKEN_MAX])
{
    u8 token[TOKEN_BYTES], mac[32];
    u64 seconds = (u64)(now.us / 1000000);
    crypto_random(token, RANDOM_BYTES);
    for (int i = 0; i < TIME_BYTES; i++) token[RANDOM_BYTES + i] = (u8)(seconds >> (56 - 8 * i));
    mac_of(k, place, purpose, token, mac);
    memcpy(token + RANDOM_BYTES + TIME_BYTES, mac, MAC_BYTES);
    put_b64(token, sizeof token, out, FORM_TOKEN_MAX);
}

bool form_token_check(const struct keys *k, struct str token, struct str place, struct str purpose,
                      instant now, char key_r[FORM_KEY_MAX], instant *issued_r)
{
    u8 bytes[TOKEN_BYTES], mac[32];
    u64 seconds = 0;
    if (!b64url_get(token, bytes, sizeof bytes)) return false;
    mac_of(k, place, purpose, bytes, mac);
    if (!crypto_same(mac, bytes + RANDOM_BYTES + TIME_BYTES, MAC_BYTES)) return false;
    for (int i = 0; i < TIME_BYTES; i++) seconds = seconds << 8 | bytes[RANDOM_BYTES + i];
    /* Ours, so the number is one that a clock gave: no overflow. */
    instant issued = {(i64)seconds * 1000000};
    if (instant_before(instant_add(issued, FORM_TOKEN_VALID), now)) return false;
    if (instant_before(instant_add(now, CLOCK_SLIP), issued)) return false;
    put_b64(bytes, RANDOM_BYTES, key_r, FORM_KEY_MAX);
    *issued_r = issued;
    return true;
}
