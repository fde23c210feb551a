#include "replay.h"
#include "intake.h"
#include "base/code.h"
#include "core/redact.h"
#include "core/sms_text.h"
#include "base/json.h"
#include "qr/plaque.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX   ((size_t)64 << 20)
#define MASKS_MAX  256
#define DIGITS_MIN 5 /* shorter runs are seldom anybody's number */

/* --- plaques --- */

bool replay_plaques(const char *command, struct db_tool *db, const struct keys *k, struct replay *r)
{
    struct text codes;
    text_init(&codes, ROWS_MAX);
    for (size_t i = 0; i < r->n; i++) {
        text_addf(&codes, "%s{\"n\":%zu,\"code\":", i ? "," : "[", i);
        json_put(&codes, r->texts[i].plaque);
        text_addc(&codes, '}');
    }
    text_addc(&codes, ']');
    const char *const params[] = {text_z(&codes)};
    /* A station without a plaque of its own hangs under its unit's. */
    struct db_rows *rows = cmd_query(
        command, db,
        "select distinct on (t.n) t.n, p.number, p.key_version from json_to_recordset($1::json) as t (n integer, "
        "code text) join units u on u.code in (t.code, split_part(t.code, '-', 1)) join plaques p on p.unit_id = "
        "u.id and p.state in ('issued', 'active') where t.code <> '' order by t.n, length(u.code) desc, "
        "p.window_name is not null, p.number",
        1, params);
    text_free(&codes);
    for (int i = 0; rows && i < db_rows_count(rows); i++) {
        struct replay_text *t = &r->texts[cmd_number(rows, i, 0)];
        unsigned version = (unsigned)cmd_number(rows, i, 2);
        char tag[PLAQUE_TAG_MAX];
        u8 mac[32];
        struct text message;
        snprintf(t->number, sizeof t->number, "%s", db_rows_text(rows, i, 1));
        if (!k || version >= PLAQUE_KEY_VERSIONS) continue;
        text_init(&message, 64);
        plaque_tag_message(t->number, version, &message);
        struct str part = text_str(&message);
        crypto_mac(k, KEY_PLAQUE_0 + version, &part, 1, mac);
        plaque_tag_make(mac, version, tag);
        snprintf(t->tag, sizeof t->tag, "%s", tag);
        text_free(&message);
    }
    if (!rows) return false;
    db_rows_free(&rows);
    return true;
}

/* --- decisions --- */

static void count(struct replay_share *s, bool right)
{
    s->all++;
    if (right) s->right++;
}

static struct str code_of(const struct json *object) { return json_str(json_get(object, "code")); }

static void score_decision(const struct replay_text *t, const struct json *d, struct replay_score *s)
{
    const struct json *candidates = json_get(d, "candidates");
    struct str unit = code_of(json_get(d, "unit")), best = unit;
    bool in = str_eq(unit, t->unit), triage = json_bool(json_get(d, "triage"));
    enum nature nature;
    if (json_count(candidates)) best = code_of(json_get(json_at(candidates, 0), "unit"));
    for (size_t i = 0; i < json_count(candidates); i++)
        in |= str_eq(code_of(json_get(json_at(candidates, i), "unit")), t->unit);
    if (t->unit.n) {
        count(&s->unit_top1, str_eq(best, t->unit));
        count(&s->unit_in, in);
        count(&s->sure, !triage);
        if (!triage) count(&s->sure_right, str_eq(unit, t->unit));
    }
    if (t->category.n) count(&s->category_top1, str_eq(code_of(json_get(d, "category")), t->category));
    /* A form says the nature: nothing was guessed there. */
    if (t->nature != NATURE_UNKNOWN && t->door != REPLAY_FORM)
        count(&s->nature, nature_parse(json_str(json_get(d, "nature")), &nature) && nature == t->nature);
    if (triage) s->triage++;
    if (t->nature == NATURE_REPORT && t->about.n && str_eq(unit, t->about)) s->walls_broken++;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* Every labelled span must be gone from what units see; every other long number must still be there. */
static void score_masks(const struct replay_text *t, struct str masked, struct replay_score *s)
{
    struct str x = t->text;
    for (size_t i = 0; i < t->n_pii; i++)
        count(&s->pii_masked, str_find(masked, (struct str){x.p + t->pii[i].start,
                                                            t->pii[i].end - t->pii[i].start}) == SIZE_MAX);
    for (size_t at = 0; at < x.n;) {
        size_t end = at;
        while (end < x.n && is_digit(x.p[end])) end++;
        bool marked = false;
        for (size_t i = 0; i < t->n_pii; i++) marked |= at < t->pii[i].end && end > t->pii[i].start;
        if (end - at >= DIGITS_MIN && !marked)
            count(&s->digits_kept, str_find(masked, (struct str){x.p + at, end - at}) != SIZE_MAX);
        at = end == at ? at + 1 : end;
    }
}

/* A browser's line ends differ from the file's; nothing else may. */
static struct str without_cr(struct str s, struct text *t)
{
    text_clear(t);
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != '\r') text_addc(t, s.p[i]);
    return text_str(t);
}

/* Whether what was masked had a label. The places come from the masking itself, once the stored text is seen to be
 * what it makes; a stored text that is not counts as one wrong mask. */
static void score_precision(const struct replay_text *t, struct str masked, struct replay_score *s)
{
    struct redact_span spans[MASKS_MAX];
    struct text made, a, b;
    text_init(&made, t->text.n);
    text_init(&a, t->text.n);
    text_init(&b, masked.n);
    redact_mask(t->text, &made);
    if (str_eq(without_cr(text_str(&made), &a), without_cr(masked, &b))) {
        size_t n = redact_find(t->text, spans, MASKS_MAX);
        for (size_t k = 0; k < n; k++) {
            bool labelled = false;
            for (size_t i = 0; i < t->n_pii; i++)
                labelled |= spans[k].start < t->pii[i].end && spans[k].end > t->pii[i].start;
            count(&s->masks_labelled, labelled);
        }
    } else {
        count(&s->masks_labelled, false);
    }
    text_free(&made);
    text_free(&a);
    text_free(&b);
}

/* How each accepted text is found again: by its id, by its receipt's hash, or by the id its SMS had. */
static void put_keys(const struct replay *r, const struct keys *k, const char *run, const char *sms_channel,
                     struct text *rows)
{
    static struct gateway g; /* receipt_hash needs nothing of it but the keys */
    union {
        const struct keys *given;
        struct keys *held;
    } u = {.given = k};
    g.keys = u.held;
    for (size_t i = 0; i < r->n; i++) {
        const struct replay_text *t = &r->texts[i];
        u8 hash[32];
        if (t->end != REPLAY_ACCEPTED) continue;
        text_addf(rows, "%s{\"n\":%zu", rows->n ? "," : "[", i);
        if (t->feedback)
            text_addf(rows, ",\"id\":%llu", (unsigned long long)t->feedback);
        else if (t->receipt[0] && k) {
            receipt_hash(&g, t->receipt, hash);
            text_addz(rows, ",\"hash\":\"");
            hex_put(rows, hash, sizeof hash);
            text_addc(rows, '"');
        } else if (t->door == REPLAY_SMS) {
            struct text key;
            text_init(&key, 400);
            text_addf(&key, "replay-%s-%.*s", run, STR_ARG(t->id));
            text_addf(rows, ",\"sms\":\"%s\"", text_z(&key));
            if (k) {
                text_addz(rows, ",\"sealed\":\"");
                sealed_key_mark(k, str_of(door_word(DOOR_SMS)), str_of(sms_channel), text_str(&key), rows);
                text_addc(rows, '"');
            }
            text_free(&key);
        }
        text_addc(rows, '}');
    }
    text_addz(rows, rows->n ? "]" : "[]");
    g.keys = NULL;
}

/* A bare score by SMS answers a survey; without one it is answered and leaves no feedback. Nor do thanks and greetings. */
static bool only_answered(const struct replay_text *t)
{
    struct sms_text meaning;
    sms_text_read(t->text, &(struct sms_rules){PLAQUE_NUMBER_MIN, SMS_PLAQUE_MAX, STR_NONE, STR_NONE},
                  &meaning);
    return t->door == REPLAY_SMS && (meaning.kind == SMS_RATING || meaning.courtesy);
}

bool replay_judge(const char *command, struct db_tool *db, const struct keys *k, const struct replay *r,
                  const char *run, const char *sms_channel, struct replay_score *s)
{
    struct text rows;
    size_t last = SIZE_MAX, accepted = 0;
    memset(s, 0, sizeof *s);
    text_init(&rows, ROWS_MAX);
    put_keys(r, k, run, sms_channel, &rows);
    const char *const params[] = {text_z(&rows), sms_channel};
    struct db_rows *found = cmd_query(
        command, db,
        "with t as (select * from json_to_recordset($1::json) as t (n integer, id bigint, hash text, sms text, "
        "sealed text)), found as (select t.n, f.id from t join feedback f on f.id = t.id union all "
        "select t.n, f.id from t join feedback f on f.receipt_hash = decode(t.hash, 'hex') "
        "union all select t.n, f.id from t join feedback f on f.channel = 'sms' and "
        "f.provider = $2 and f.dedupe_key in (t.sms, t.sealed)) "
        "select n, f.masked, f.decision::text, f.dedupe_key like 'sealed:%' from found join feedback f using (id) order by 1",
        2, params);
    text_free(&rows);
    if (!found) return false;
    for (size_t i = 0; i < r->n; i++)
        accepted += r->texts[i].end == REPLAY_ACCEPTED && !only_answered(&r->texts[i]);
    for (int i = 0; i < db_rows_count(found); i++) {
        size_t n = (size_t)cmd_number(found, i, 0);
        const char *why;
        struct json *decision = json_parse(str_of(db_rows_text(found, i, 2)), (size_t)1 << 20, &why);
        if (n == last)
            s->doubled++;
        else
            s->found++;
        last = n;
        score_decision(&r->texts[n], decision, s);
        if (strcmp(db_rows_text(found, i, 3), "t") != 0) { /* of a sealed report nobody sees a word */
            score_masks(&r->texts[n], str_of(db_rows_text(found, i, 1)), s);
            score_precision(&r->texts[n], str_of(db_rows_text(found, i, 1)), s);
        }
        json_free(&decision);
    }
    s->missing = accepted - s->found;
    db_rows_free(&found);
    return true;
}
