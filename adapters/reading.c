#include "adapters/reading.h"
#include "base/code.h"
#include <arpa/inet.h>
#include <string.h>

/* -- fields -------------------------------------------------------------------------------------------- */

struct str read_keep(struct reading *r, struct text *t)
{
    struct str kept = arena_str(r->arena, text_str(t));
    if (t->overflow || !kept.p) r->full = true, kept = STR_NONE;
    text_free(t);
    return kept;
}

struct str read_field(struct reading *r, struct str form, const char *name, size_t max)
{
    struct text t;
    text_init(&t, max);
    if (http_field(form, str_of(name), &t)) return read_keep(r, &t);
    text_free(&t);
    return STR_NONE;
}

struct str read_percent(struct reading *r, struct str s)
{
    struct text t;
    text_init(&t, s.n);
    if (percent_get(&t, s, true)) return read_keep(r, &t);
    text_free(&t);
    return STR_NONE;
}

bool read_escapes_sound(struct str form)
{
    struct text t;
    text_init(&t, form.n);
    bool sound = percent_get(&t, form, true);
    text_free(&t);
    return sound;
}

struct str read_phone(struct reading *r, struct str written)
{
    char e164[PHONE_MAX];
    struct text t;
    if (!phone_normalise(str_trim(written), e164)) return STR_NONE;
    text_init(&t, PHONE_MAX);
    text_addz(&t, e164);
    return read_keep(r, &t);
}

struct str read_visible(struct str s, size_t max)
{
    if (s.n > max) return STR_NONE;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= ' ' || s.p[i] > '~') return STR_NONE;
    return s;
}

struct str read_msisdn(struct reading *r, struct str written)
{
    struct text t;
    written = str_trim(written);
    if (written.n == 0 || written.p[0] < '1' || written.p[0] > '9') return read_phone(r, written);
    text_init(&t, READ_FIELD_MAX);
    text_addc(&t, '+');
    text_add(&t, written);
    struct str number = read_phone(r, text_str(&t));
    text_free(&t);
    return number;
}

struct str read_own_number(struct reading *r, struct str written)
{
    struct str number = read_msisdn(r, written);
    return number.n ? number : read_visible(str_trim(written), SUBMISSION_NAME_MAX);
}

struct str read_json_text(struct reading *r, const struct json *v)
{
    i64 n;
    struct text t;
    if (json_kind(v) == JSON_STRING) {
        struct str kept = arena_str(r->arena, json_str(v));
        if (!kept.p) r->full = true;
        return kept;
    }
    if (json_kind(v) != JSON_NUMBER || !json_int(v, &n)) return STR_NONE;
    text_init(&t, 24);
    text_addf(&t, "%lld", (long long)n);
    return read_keep(r, &t);
}

/* -- times --------------------------------------------------------------------------------------------- */

instant read_epoch(struct str digits)
{
    u64 s;
    return str_u64(digits, READ_EPOCH_MAX, &s) ? (instant){(i64)s * 1000000} : (instant){0};
}

static bool number_at(struct str s, size_t at, size_t n, u64 min, u64 max, u64 *out_r)
{
    return at + n <= s.n && str_u64((struct str){s.p + at, n}, max, out_r) && *out_r >= min;
}

/* What stands behind the seconds: nothing, or a fraction (left out) and a zone. */
static bool zone_read(struct str s, i64 *offset_s)
{
    u64 h, m;
    if (s.n && s.p[0] == '.') {
        s.p++, s.n--;
        if (s.n == 0 || s.p[0] < '0' || s.p[0] > '9') return false;
        while (s.n && s.p[0] >= '0' && s.p[0] <= '9') s.p++, s.n--;
    }
    if (s.n == 0) return true;
    if (str_eq(s, STR("Z"))) return *offset_s = 0, true;
    const size_t minutes = s.n == 6 && s.p[3] == ':' ? 4 : 3;
    if (s.n != minutes + 2 || (s.p[0] != '+' && s.p[0] != '-') || !number_at(s, 1, 2, 0, 14, &h) ||
        !number_at(s, minutes, 2, 0, 59, &m))
        return false;
    *offset_s = (i64)(h * 3600 + m * 60) * (s.p[0] == '-' ? -1 : 1);
    return true;
}

instant read_time(struct str s, span zone)
{
    static const u8 spaced[] = {0, 5, 8, 11, 14, 17}, tight[] = {0, 4, 6, 8, 10, 12};
    const bool compact = s.n == 14;
    const u8 *at = compact ? tight : spaced;
    u64 year, month, day, hour, minute, second;
    i64 offset = zone.us / 1000000;
    if (!compact && (s.n < 19 || s.p[4] != '-' || s.p[7] != '-' || (s.p[10] != ' ' && s.p[10] != 'T') ||
                     s.p[13] != ':' || s.p[16] != ':'))
        return (instant){0};
    if (!number_at(s, at[0], 4, 1970, 9999, &year) || !number_at(s, at[1], 2, 1, 12, &month) ||
        !number_at(s, at[2], 2, 1, 31, &day) || !number_at(s, at[3], 2, 0, 23, &hour) ||
        !number_at(s, at[4], 2, 0, 59, &minute) || !number_at(s, at[5], 2, 0, 59, &second))
        return (instant){0};
    if (!compact && !zone_read((struct str){s.p + 19, s.n - 19}, &offset)) return (instant){0};
    const i64 days = civil_to_days((struct civil){(int)year, (int)month, (int)day});
    const i64 seconds = days * 86400 + (i64)(hour * 3600 + minute * 60 + second) - offset;
    return seconds < 0 ? (instant){0} : (instant){seconds * 1000000};
}

/* -- a key of our own ---------------------------------------------------------------------------------- */

static void fnv1a(unsigned __int128 *h, struct str s)
{
    const unsigned __int128 prime = (unsigned __int128)1 << 88 | 0x13b;
    for (size_t i = 0; i < s.n; i++) *h = (*h ^ (u8)s.p[i]) * prime;
    *h = *h * prime; /* a zero octet behind each piece: "a" "bc" is not "ab" "c" */
}

struct str read_content_key(struct reading *r, struct str from, instant sent_at, struct str words)
{
    unsigned __int128 h = (unsigned __int128)0x6c62272e07bb0142ULL << 64 | 0x62b821756295c58dULL;
    struct text t;
    text_init(&t, 64);
    text_addf(&t, "%lld", (long long)sent_at.us);
    fnv1a(&h, from);
    fnv1a(&h, text_str(&t));
    fnv1a(&h, words);
    text_clear(&t);
    text_addf(&t, "fnv:%016llx%016llx", (unsigned long long)(h >> 64), (unsigned long long)h);
    return read_keep(r, &t);
}

/* -- who may knock ------------------------------------------------------------------------------------- */

size_t secret_all(const struct channel *ch, const char *name, instant now, struct str all_r[2])
{
    const instant until = read_epoch(channel_setting(ch, STR("old_until")));
    struct text old;
    size_t n = 0;
    struct str s = channel_setting(ch, str_of(name));
    if (s.n) all_r[n++] = s;
    text_init(&old, 80);
    text_addf(&old, "%s_old", name);
    s = channel_setting(ch, text_str(&old));
    if (s.n && instant_before(now, until)) all_r[n++] = s;
    text_free(&old);
    return n;
}

bool secret_valid(const struct channel *ch, const char *name, struct str given, instant now)
{
    struct str all[2];
    bool valid = false;
    const size_t n = secret_all(ch, name, now, all);
    for (size_t i = 0; i < n; i++) valid = secret_same(all[i], given) || valid;
    return valid;
}

/* An address as 16 octets; IPv4 as ::ffff:a.b.c.d. Returns how many leading bits of them are fixed before its own
 * begin (96 or 0), or -1. */
static int address_read(struct str s, u8 out[16])
{
    char z[INET6_ADDRSTRLEN];
    static const u8 mapped[12] = {[10] = 0xff, [11] = 0xff};
    if (s.n == 0 || s.n >= sizeof z) return -1;
    memcpy(z, s.p, s.n);
    z[s.n] = '\0';
    if (inet_pton(AF_INET6, z, out) == 1) return 0;
    memcpy(out, mapped, sizeof mapped);
    return inet_pton(AF_INET, z, out + sizeof mapped) == 1 ? 96 : -1;
}

static bool in_network(struct str written, const u8 peer[16])
{
    u8 net[16];
    struct str address, bits_text;
    u64 bits = 128;
    const bool ranged = str_cut(written, '/', &address, &bits_text);
    const int before = address_read(address, net);
    if (before < 0 || (ranged && !str_u64(bits_text, (u64)(128 - before), &bits))) return false;
    if (ranged) bits += (u64)before;
    const size_t whole = (size_t)(bits / 8), rest = (size_t)(bits % 8);
    if (memcmp(net, peer, whole) != 0) return false;
    return rest == 0 || ((net[whole] ^ peer[whole]) >> (8 - rest)) == 0;
}

bool peer_allowed(const struct channel *ch, struct str peer)
{
    struct str list = str_trim(channel_setting(ch, STR("allow_ip")));
    u8 address[16];
    if (list.n == 0) return true;
    if (address_read(peer, address) < 0) return false;
    while (list.n) {
        size_t cut = 0;
        while (cut < list.n && list.p[cut] != ',' && list.p[cut] != ' ' && list.p[cut] != ';') cut++;
        if (cut && in_network((struct str){list.p, cut}, address)) return true;
        if (cut < list.n) cut++;
        list.p += cut, list.n -= cut;
    }
    return false;
}

enum verdict_in verify_unsigned(const struct channel *ch, const struct http_in *in, const char **reason_r)
{
    if (!peer_allowed(ch, in->peer)) return *reason_r = "peer is not in allow_ip", VERIFY_REFUSED;
    if (channel_setting(ch, STR("url_token")).n == 0) return VERIFY_OK;
    struct text given;
    text_init(&given, READ_FIELD_MAX);
    const bool right = http_field(in->query, STR("k"), &given) && !given.overflow &&
                       secret_valid(ch, "url_token", text_str(&given), in->at);
    text_free(&given);
    if (!right) *reason_r = "unknown token";
    return right ? VERIFY_OK : VERIFY_REFUSED;
}
