/* The channels as the administrator sees them: what each is for, which settings are set, how it fares. */
#include "staff_channels_part.h"
#include "staff_query.h"
#include "outbox.h"
#include "register.h"
#include "adapters/sentences.h"
#include "base/code.h"
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX   ((size_t)2 << 20)
#define SEGMENT_MAX  16 /* characters of a piece of an address that is surely no secret */
#define WORD_MAX     200
#define SENTENCE_MAX 1000 /* octets of a sentence in Chinese */

const struct db_stmt stmt_staff_channels = {
    "staff_channels",
    "select name, type, active, created_at, changed_at, old_key_until, sent_at, came_at from channel_desk()",
    0,
    {0}};
/* The functions of the outbox raise when it is no administrator who asks; with the guard they are not called then (it holds no row's
 * column, so it is judged before the first row), nothing comes back, and the post is judged after the session. */
const struct db_stmt stmt_staff_channel_states = {
    "staff_channel_states",
    "select s.channel, s.failures, s.closed_until, s.balance is not null, coalesce(s.balance, 0), s.balance_at, s.alarms "
    "from outbox_channels() s where i_am('{admin}')",
    0,
    {0}};
const struct db_stmt stmt_staff_channel_counts = {
    "staff_channel_counts",
    "select c.channel, c.state, c.n, c.oldest, c.decide from outbox_counts() c where i_am('{admin}')",
    0,
    {0}};
const struct db_stmt stmt_staff_channel_alarms = {
    "staff_channel_alarms", "select channel_alarm_count()", 0, {0}};

/* --- what the files of this desk share --- */

bool channels_entered(const struct staff_ask *a, enum db_end end, const struct db_result *const *results,
                      const struct db_error *error)
{
    struct staff_who who;
    if (!staff_entered(a, end, results, error, false, &who)) return false;
    if (who.actor.roles & ROLE_BIT(ROLE_ADMIN)) return true;
    staff_refuse(a, REFUSE_FORBIDDEN, NULL, NULL);
    return false;
}

void channels_put_sentence(const struct staff_ask *a, const char *name, struct str v, struct text *t)
{
    struct text said;
    if (!v.p || a->lang == LANG_EN) {
        json_put_text(t, name, v);
        return;
    }
    text_init(&said, v.n + SENTENCE_MAX);
    sentence_put(v, &said);
    json_put_text(t, name, text_str(&said));
    text_free(&said);
}

void channels_put_next(const struct db_result *r, int limit, int column, struct text *t)
{
    if (db_rows(r) > limit)
        text_addf(t, "],\"next\":\"%lld\"", (long long)db_get_i64(r, limit - 1, column));
    else
        text_addz(t, "],\"next\":null");
}

bool channels_word_good(struct str word, bool many)
{
    for (size_t i = 0; i < word.n; i++) {
        const char c = word.p[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && !strchr(many ? "_.-," : "_.-", c))
            return false;
    }
    return word.n > 0 && word.n <= WORD_MAX;
}

struct str channels_word(const struct http_in *in, const char *name, bool many, struct arena *arena,
                         const char **bad)
{
    struct text t;
    struct str word = STR_NONE;
    bool broken = false;
    text_init(&t, WORD_MAX + 1);
    const bool given = query_param(in, name, &t, &broken);
    if (broken || (given && !channels_word_good(text_str(&t), many)))
        *bad = name;
    else if (given)
        word = arena_str(arena, text_str(&t));
    text_free(&t);
    return word;
}

i64 channels_number(const struct http_in *in, const char *name, u64 max, i64 otherwise, const char **bad)
{
    struct text t;
    bool broken = false;
    u64 v = 0;
    text_init(&t, 100);
    const bool given = query_param(in, name, &t, &broken);
    const bool good = !broken && (!given || str_u64(text_str(&t), max, &v));
    if (!good) *bad = name;
    text_free(&t);
    return given && good ? (i64)v : otherwise;
}

void channels_put_words(struct db_params *p, struct str words)
{
    struct str rest = words, one;
    size_t n = 0;
    if (words.n == 0) {
        db_put_null(p);
        return;
    }
    for (; rest.n; n++) str_cut(rest, ',', &one, &rest);
    db_array_begin(p, DB_TEXT, n);
    for (rest = words; rest.n;) {
        str_cut(rest, ',', &one, &rest);
        db_put_text(p, one);
    }
    db_array_end(p);
}

/* --- settings --- */

/* Somebody may have written a key into an address: who signs in there, what is asked for and long pieces of the path stay away. */
static void put_address(struct str url, struct text *t)
{
    struct text shown;
    struct str rest = url, piece, query;
    const size_t scheme = str_find(url, STR("://"));
    size_t at = SIZE_MAX;
    text_init(&shown, url.n + 100);
    text_add(&shown, (struct str){url.p, scheme + 3});
    rest = (struct str){url.p + scheme + 3, url.n - scheme - 3};
    str_cut(rest, '?', &rest, &query);
    str_cut(rest, '/', &piece, &rest);
    for (size_t i = 0; i < piece.n; i++)
        if (piece.p[i] == '@') at = i;
    text_add(&shown, at == SIZE_MAX ? piece : (struct str){piece.p + at + 1, piece.n - at - 1});
    while (rest.n) {
        str_cut(rest, '/', &piece, &rest);
        text_addc(&shown, '/');
        text_add(&shown, piece.n > SEGMENT_MAX ? STR("…") : piece);
    }
    if (query.n) text_addz(&shown, "?…");
    json_put(t, text_str(&shown));
    text_free(&shown);
}

static void put_setting(const struct channel *ch, struct str name, bool secret, bool *more, struct text *t)
{
    const struct str value = channel_setting(ch, name);
    text_addz(t, *more ? ",{\"name\":" : "{\"name\":");
    *more = true;
    json_put(t, name);
    text_addf(t, ",\"secret\":%s,\"set\":%s,\"value\":", secret ? "true" : "false",
              value.n ? "true" : "false");
    if (secret || !value.n)
        text_addz(t, "null");
    else if (str_find(value, STR("://")) != SIZE_MAX)
        put_address(value, t);
    else
        json_put(t, value);
    text_addc(t, '}');
}

/* Names that the kind of provider reads, and those of every kind that are set. What the program keeps for itself (the door's key, a
 * secret that is being changed) is no setting. */
static void put_settings(const struct channel_row *row, struct text *t)
{
    bool more = false;
    text_addz(t, ",\"settings\":[");
    for (const char *const *z = row->adapter->setting_names; z && *z; z++) {
        const struct str name = str_of(**z == '!' ? *z + 1 : *z);
        if (name.p[name.n - 1] != '*') put_setting(&row->ch, name, **z == '!', &more, t);
    }
    for (size_t i = 0; i < row->ch.n_settings; i++) {
        const struct str name = row->ch.settings[i].name;
        const int known = channel_setting_known(row->adapter, name);
        bool listed = known == 0;
        for (const char *const *z = row->adapter->setting_names; z && *z && !listed; z++)
            listed = str_eq(name, str_of(**z == '!' ? *z + 1 : *z));
        if (!listed) put_setting(&row->ch, name, known == 2, &more, t);
    }
    text_addc(t, ']');
}

/* --- one channel --- */

static const char *use_word(enum adapter_use use)
{
    static const char *const words[] = {
        [USE_SMS] = "sms", [USE_NOTICE] = "notice", [USE_WEBHOOK] = "webhook", [USE_MAIL] = "mail"};
    return words[use];
}

static const char *yes(bool is) { return is ? "true" : "false"; }

/* row NULL: its settings cannot be opened, or its kind is unknown. */
static void put_kind(const struct channel_row *row, struct text *t)
{
    if (!row) {
        text_addz(t, ",\"readable\":false,\"use\":null,\"takes\":false,\"sends\":false,\"settings\":[]");
        return;
    }
    text_addf(t, ",\"readable\":true,\"use\":\"%s\",\"takes\":%s,\"sends\":%s", use_word(row->adapter->use),
              yes(row->adapter->parse), yes(channel_sends(row->adapter, &row->ch)));
    put_settings(row, t);
}

static void put_alarm_instant(const struct json *alarm, const char *name, struct text *t)
{
    instant at = {0};
    (void)!staff_instant_parse(json_str(json_get(alarm, name)), &at);
    json_put_instant(t, name, at);
}

static void put_alarms(const struct staff_ask *a, struct str stored, struct text *t)
{
    const char *why;
    struct json *doc = json_parse(stored, ANSWER_MAX, &why);
    text_addz(t, ",\"alarms\":[");
    for (size_t i = 0; i < json_count(doc); i++) {
        const struct json *one = json_at(doc, i);
        text_addz(t, i ? ",{\"kind\":" : "{\"kind\":");
        json_put(t, json_str(json_get(one, "kind")));
        put_alarm_instant(one, "since", t);
        put_alarm_instant(one, "seen_at", t);
        json_put_text(t, "event", json_str(json_get(one, "event")));
        channels_put_sentence(a, "why", json_str(json_get(one, "why")), t);
        text_addc(t, '}');
    }
    text_addc(t, ']');
    json_free(&doc);
}

static void put_state(const struct staff_ask *a, const struct db_result *states, struct str name,
                      struct text *t)
{
    for (int i = 0; i < db_rows(states); i++) {
        if (!str_eq(db_get_text(states, i, 0), name)) continue;
        text_addf(t, ",\"failures\":%lld", (long long)db_get_i64(states, i, 1));
        json_put_instant(t, "closed_until", db_get_instant(states, i, 2));
        if (db_get_bool(states, i, 3))
            text_addf(t, ",\"balance\":%.2f", db_get_f64(states, i, 4));
        else
            text_addz(t, ",\"balance\":null");
        json_put_instant(t, "balance_at", db_get_instant(states, i, 5));
        put_alarms(a, db_get_text(states, i, 6), t);
        return;
    }
    text_addz(t, ",\"failures\":0,\"closed_until\":null,\"balance\":null,\"balance_at\":null,\"alarms\":[]");
}

static void put_counts(const struct db_result *counts, struct str name, struct text *t)
{
    static const char *const states[] = {"due", "claimed", "unknown", "dead", "failed"};
    i64 n[ARRAY_LEN(states)] = {0}, decide = 0;
    instant oldest = {0};
    for (int i = 0; i < db_rows(counts); i++) {
        if (!str_eq(db_get_text(counts, i, 0), name)) continue;
        for (size_t k = 0; k < ARRAY_LEN(states); k++)
            if (str_eq(db_get_text(counts, i, 1), str_of(states[k]))) n[k] = db_get_i64(counts, i, 2);
        if (str_eq(db_get_text(counts, i, 1), STR("due"))) oldest = db_get_instant(counts, i, 3);
        decide += db_get_i64(counts, i, 4);
    }
    for (size_t k = 0; k < ARRAY_LEN(states); k++) text_addf(t, ",\"%s\":%lld", states[k], (long long)n[k]);
    text_addf(t, ",\"decide\":%lld", (long long)decide);
    json_put_instant(t, "oldest_due", oldest);
}

static void have_channels(void *arg, enum db_end end, const struct db_result *const *results, int n,
                          const struct db_error *error)
{
    struct staff_ask *a = arg;
    (void)n;
    if (channels_entered(a, end, results, error)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        const struct channel_row *rows = NULL;
        const size_t n_rows = register_ready(a->g) ? register_channels(a->g, &rows) : 0;
        struct text body;
        text_init(&body, ANSWER_MAX);
        text_addz(&body, "{\"channels\":[");
        for (int i = 0; i < db_rows(r); i++) {
            const struct str name = db_get_text(r, i, 0);
            const struct channel_row *row = NULL;
            for (size_t k = 0; k < n_rows && !row; k++)
                if (str_eq(rows[k].ch.name, name)) row = &rows[k];
            text_addz(&body, i ? ",{\"name\":" : "{\"name\":");
            json_put(&body, name);
            json_put_text(&body, "type", db_get_text(r, i, 1));
            text_addf(&body, ",\"active\":%s", yes(db_get_bool(r, i, 2)));
            put_kind(row, &body);
            json_put_instant(&body, "created_at", db_get_instant(r, i, 3));
            json_put_instant(&body, "changed_at", db_get_instant(r, i, 4));
            json_put_instant(&body, "old_key_until", db_get_instant(r, i, 5));
            json_put_instant(&body, "sent_at", db_get_instant(r, i, 6));
            json_put_instant(&body, "came_at", db_get_instant(r, i, 7));
            put_state(a, results[CASEWORK_FIRST + 1], name, &body);
            put_counts(results[CASEWORK_FIRST + 2], name, &body);
            text_addc(&body, '}');
        }
        text_addf(&body, "],\"seq\":%llu}", (unsigned long long)a->seq);
        staff_answer(a, &body);
    }
    free(a);
}

void staff_channels(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct staff_ask *kept = staff_keep(a);
    (void)in, (void)id;
    struct db_call *c = staff_call(a, have_channels, kept);
    db_call_add(c, &stmt_staff_channels, db_params_new(&stmt_staff_channels));
    db_call_add(c, &stmt_staff_channel_states, db_params_new(&stmt_staff_channel_states));
    db_call_add(c, &stmt_staff_channel_counts, db_params_new(&stmt_staff_channel_counts));
    if (!staff_go(a, c)) free(kept);
}
