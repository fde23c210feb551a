#include "factor.h"
#include "base/digest.h"
#include "qr/code.h"
#include <stdio.h>
#include <string.h>

bool factor_read(struct str written, struct factor_given *given_r)
{
    *given_r = (struct factor_given){0};
    if (totp_code_read(written, given_r->code)) return true;
    given_r->recovery = recovery_code_read(written, given_r->code);
    return given_r->recovery;
}

/* A sealed key or a hash counts for this person alone: rows that are moved to another are worth nothing. */
static struct str context_of(int staff_id, char room[24])
{
    snprintf(room, 24, "factor %d", staff_id);
    return str_of(room);
}

static void code_hash(const struct gateway *g, int staff_id, const char code[RECOVERY_LETTERS + 1],
                      u8 hash[32])
{
    char room[24];
    const struct str parts[] = {context_of(staff_id, room), {code, RECOVERY_LETTERS}};
    crypto_mac(g->keys, KEY_FACTOR, parts, ARRAY_LEN(parts), hash);
}

static void hmac_sha1(struct str key, struct str bytes, u8 out[20])
{
    u8 mac[DIGEST_MAX];
    digest_hmac(DIGEST_SHA1, key, bytes, mac);
    memcpy(out, mac, 20);
}

bool factor_check(const struct gateway *g, int staff_id, struct str sealed, i64 last_step,
                  struct factor_given *given)
{
    char room[24];
    struct text key;
    if (given->recovery) {
        code_hash(g, staff_id, given->code, given->hash);
        return true;
    }
    text_init(&key, TOTP_KEY);
    const bool right =
        crypto_open(g->keys, KEY_FACTOR, context_of(staff_id, room), sealed, &key) && key.n == TOTP_KEY &&
        totp_right(hmac_sha1, (const u8 *)key.p, given->code, clock_now(), last_step, &given->step);
    if (key.p) crypto_wipe(key.p, key.cap);
    text_free(&key);
    return right;
}

void factor_key_make(const struct gateway *g, int staff_id, u8 key_r[TOTP_KEY], struct text *sealed)
{
    char room[24];
    crypto_random(key_r, TOTP_KEY);
    crypto_seal(g->keys, KEY_FACTOR, context_of(staff_id, room), (struct str){(const char *)key_r, TOTP_KEY},
                sealed);
}

void factor_codes_make(const struct gateway *g, int staff_id,
                       char codes_r[RECOVERY_CODES][RECOVERY_LETTERS + 2], u8 hashes_r[RECOVERY_CODES][32])
{
    for (int i = 0; i < RECOVERY_CODES; i++) {
        u8 random[8];
        char plain[RECOVERY_LETTERS + 1];
        crypto_random(random, sizeof random);
        recovery_code_from_bytes(random, codes_r[i]);
        ASSERT(recovery_code_read(str_of(codes_r[i]), plain));
        code_hash(g, staff_id, plain, hashes_r[i]);
        crypto_wipe(random, sizeof random);
        crypto_wipe(plain, sizeof plain);
    }
}

bool factor_picture(struct str words, struct text *svg)
{
    struct qr_code code;
    if (!qr_code_make(words, &code)) return false;
    const int side = code.side + 2 * QR_QUIET_ZONE;
    text_addf(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" shape-rendering=\"crispEdges\">"
        "<path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/><path d=\"",
        side, side, side, side);
    for (int row = 0; row < code.side; row++)
        for (int column = 0, n; column < code.side; column += n + 1) {
            for (n = 0; qr_code_dark(&code, column + n, row); n++) {}
            if (n) text_addf(svg, "M%d %dh%dv1h-%dz", column + QR_QUIET_ZONE, row + QR_QUIET_ZONE, n, n);
        }
    text_addz(svg, "\"/></svg>");
    crypto_wipe(&code, sizeof code);
    return !svg->overflow;
}
