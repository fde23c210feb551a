/* What adapters have in common when they read a push: fields of a form or a query, telephone numbers, times, ids, secrets and
 * addresses. Called by adapters only; keeps everything in the arena of the push and knows no provider. */
#pragma once
#include "adapters/adapter.h"
#include "base/digest.h"
#include "base/json.h"

#define READ_ID_MAX    SUBMISSION_KEY_MAX
#define READ_FIELD_MAX 4096            /* bytes of any field but the words */
#define READ_EPOCH_MAX 253402300799ULL /* end of year 9999, seconds */

/* One push being read. `full`: the arena had no room, or a field passed its limit; looked at once, at the end. */
struct reading {
    const struct http_in *in;
    struct arena *arena;
    bool full;
};

/* The text's bytes in the arena; the text is freed. STR_NONE and `full` when there was no room. */
struct str read_keep(struct reading *r, struct text *t);
/* A field of a form or query (in->query, in->body), percent-decoded; .p is NULL only when it is not there. Whether the
 * escapes are sound is asked once before, by read_escapes_sound, so that a missing field is never a broken one. */
struct str read_field(struct reading *r, struct str form, const char *name, size_t max);
struct str read_percent(struct reading *r, struct str s); /* decoded; '+' is a blank */
bool read_escapes_sound(struct str form);

/* E.164 of a number as the provider writes it (core/submission's phone_normalise), or STR_NONE. */
struct str read_phone(struct reading *r, struct str written);
/* The same for providers that write every number with its country code but without the plus: there 13055550123 is a number of
 * +1, never a mainland mobile. Forms with a plus or 00 are taken as well. */
struct str read_msisdn(struct reading *r, struct str written);
/* Ids and references that are stored and logged: visible ASCII within max, else STR_NONE. */
struct str read_visible(struct str s, size_t max);
/* Our own number or account as the provider names it: E.164 when it is a number with a country code, else its visible
 * characters, else STR_NONE. */
struct str read_own_number(struct reading *r, struct str written);
/* A JSON string, or an integer written as decimal digits; STR_NONE for anything else. */
struct str read_json_text(struct reading *r, const struct json *v);

/* Times; us == 0 when the text is none. */
instant read_epoch(struct str digits); /* seconds */
/* "2026-03-18 01:59:57", "2026-03-18T01:59:57", with an optional fraction and an optional Z, +0800 or +08:00; also
 * "20260318015957". Where no zone is written, `zone` is what must be subtracted: CHINA_OFFSET or SPAN_S(0). */
instant read_time(struct str s, span zone);

/* The key of a message whose provider gives no id: a 128-bit FNV-1a over sender, sending second and words, as
 * "fnv:…". A repetition has all three alike. FNV can be forced to collide by its author, but sender and second
 * are part of it, so an author can only swallow an own message, never a stranger's. */
struct str read_content_key(struct reading *r, struct str from, instant sent_at, struct str words);

/* Whether `given` is one of the secrets that are valid now: the setting `name`, and while a rotation runs the setting
 * `name`_old until the epoch second in the setting old_until. Constant time per compare. */
bool secret_valid(const struct channel *ch, const char *name, struct str given, instant now) MUST_CHECK;
/* Fills all_r with the secrets valid now (the current one first) and returns how many: for signatures. */
size_t secret_all(const struct channel *ch, const char *name, instant now, struct str all_r[2]);
/* allow_ip: addresses and networks ("10.0.0.0/8, 2001:db8::/32") with blanks, commas or semicolons between. Empty or not
 * set allows everybody; an entry that is no address allows nobody. An IPv4 peer on an IPv6 listener is read as IPv4. */
bool peer_allowed(const struct channel *ch, struct str peer) MUST_CHECK;
/* Verdict for providers that sign nothing: allow_ip, and when the setting url_token is set the query field k. */
enum verdict_in verify_unsigned(const struct channel *ch, const struct http_in *in, const char **reason_r);
