#include "api.h"
#include "guard.h"
#include "base/arena.h"
#include "metrics.h"
#include <stdlib.h>
#include <limits.h>
#include <string.h>

bool idempotency_key_good(struct str key)
{
    if (key.n < 8 || key.n > 128) return false;
    for (size_t i = 0; i < key.n; i++)
        if (key.p[i] < '!' || key.p[i] > '~') return false;
    return true;
}

static bool digits(struct str s, size_t at, size_t n, int *out)
{
    u64 v;
    if (at + n > s.n || !str_u64((struct str){s.p + at, n}, 999999, &v)) return false;
    *out = (int)v;
    return true;
}

/* RFC 3339, e.g. 2026-03-18T09:59:57+08:00; fractions are read over. */
static bool parse_time(struct str s, instant *out)
{
    struct civil c;
    int hh, mm, ss, oh = 0, om = 0;
    if (s.n < 20 || s.p[4] != '-' || s.p[7] != '-' || (s.p[10] != 'T' && s.p[10] != ' ') || s.p[13] != ':' ||
        s.p[16] != ':')
        return false;
    if (!digits(s, 0, 4, &c.year) || !digits(s, 5, 2, &c.month) || !digits(s, 8, 2, &c.day) ||
        !digits(s, 11, 2, &hh) || !digits(s, 14, 2, &mm) || !digits(s, 17, 2, &ss))
        return false;
    if (c.year < 2000 || c.year > 2200 || c.month < 1 || c.month > 12 || c.day < 1 || c.day > 31 || hh > 23 ||
        mm > 59 || ss > 60)
        return false;
    size_t at = 19;
    if (at < s.n && s.p[at] == '.')
        for (at++; at < s.n && s.p[at] >= '0' && s.p[at] <= '9'; at++) continue;
    if (at >= s.n) return false;
    if (s.p[at] != 'Z') {
        if (s.n != at + 6 || (s.p[at] != '+' && s.p[at] != '-') || s.p[at + 3] != ':' ||
            !digits(s, at + 1, 2, &oh) || !digits(s, at + 4, 2, &om))
            return false;
        if (s.p[at] == '-') oh = -oh, om = -om;
    } else if (s.n != at + 1) {
        return false;
    }
    out->us = (civil_to_days(c) * 86400 + hh * 3600 + mm * 60 + ss - (oh * 3600 + om * 60)) * 1000000;
    return true;
}

static bool absent(const struct json *v) { return !v || json_kind(v) == JSON_NULL; }

/* {"words": "…", "lat": 30.2, "lon": 120.1, "accuracy": 20}: words, a point, or both; submission_check judges the numbers. */
static enum refusal read_position(const struct json *at, struct position *p)
{
    static const char *const known[] = {"words", "lat", "lon", "accuracy"};
    double metres = 0;
    if (absent(at)) return REFUSE_NONE;
    if (json_kind(at) != JSON_OBJECT) return REFUSE_POSITION_BAD;
    for (const char *key = json_next_key(at, NULL); key; key = json_next_key(at, key)) {
        bool found = false;
        for (size_t i = 0; i < ARRAY_LEN(known); i++) found |= strcmp(known[i], key) == 0;
        if (!found) return REFUSE_UNKNOWN_FIELD;
    }
    const struct json *words = json_get(at, "words"), *lat = json_get(at, "lat"), *lon = json_get(at, "lon"),
                      *accuracy = json_get(at, "accuracy");
    if (!absent(words) && json_kind(words) != JSON_STRING) return REFUSE_POSITION_BAD;
    p->words = json_str(words);
    if (absent(lat) && absent(lon)) return absent(accuracy) ? REFUSE_NONE : REFUSE_POSITION_BAD;
    if (!json_double(lat, &p->lat) || !json_double(lon, &p->lon)) return REFUSE_POSITION_BAD;
    if (!absent(accuracy) &&
        (!json_double(accuracy, &metres) || !(metres >= 0 && metres <= SUBMISSION_ACCURACY_MAX)))
        return REFUSE_POSITION_BAD;
    p->accuracy = (int)metres;
    p->point = true;
    return REFUSE_NONE;
}

enum refusal api_read_submission(const struct json *object, const char *const *also_allowed,
                                 struct submission *s)
{
    static const char *const known[] = {"channel", "plaque",  "nature",  "rating",  "text",     "contact",
                                        "sent_at", "service", "reasons", "consent", "position", NULL};
    if (json_kind(object) != JSON_OBJECT) return REFUSE_BAD_JSON;
    for (const char *key = json_next_key(object, NULL); key; key = json_next_key(object, key)) {
        bool found = false;
        for (const char *const *k = known; *k; k++) found |= strcmp(*k, key) == 0;
        for (const char *const *k = also_allowed; k && *k; k++) found |= strcmp(*k, key) == 0;
        if (!found) return REFUSE_UNKNOWN_FIELD;
    }
    const struct json *plaque = json_get(object, "plaque"), *nature = json_get(object, "nature"),
                      *rating = json_get(object, "rating"), *text = json_get(object, "text"),
                      *contact = json_get(object, "contact"), *sent = json_get(object, "sent_at"),
                      *channel = json_get(object, "channel"), *service = json_get(object, "service"),
                      *reasons = json_get(object, "reasons"), *consent = json_get(object, "consent");
    const struct json *texts[] = {plaque, nature, text, contact, sent, channel, service, reasons};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (texts[i] && json_kind(texts[i]) != JSON_STRING && json_kind(texts[i]) != JSON_NULL)
            return REFUSE_UNKNOWN_FIELD;
    i64 level = 0;
    if (rating && json_kind(rating) != JSON_NULL && !json_int(rating, &level)) return REFUSE_RATING_RANGE;
    if (rating && json_kind(rating) != JSON_NULL && (level < 1 || level > 5)) return REFUSE_RATING_RANGE;
    if (consent && json_kind(consent) != JSON_BOOL && json_kind(consent) != JSON_NULL)
        return REFUSE_UNKNOWN_FIELD;
    enum refusal r = read_position(json_get(object, "position"), &s->position);
    if (r != REFUSE_NONE) return r;
    s->consent = json_bool(consent);
    s->service = json_str(service);
    s->reasons = json_str(reasons);
    s->rating = (int)level;
    s->plaque = json_str(plaque);
    s->text = json_str(text);
    s->contact = json_str(contact);
    if (json_str(channel).n && !door_parse(json_str(channel), &s->door)) return REFUSE_UNKNOWN_FIELD;
    if (json_str(nature).n && !nature_parse(json_str(nature), &s->nature)) return REFUSE_UNKNOWN_FIELD;
    if (json_str(sent).n && !parse_time(json_str(sent), &s->sent_at)) return REFUSE_UNKNOWN_FIELD;
    /* What a report says is sealed, so where it is stands in its words. */
    if (s->nature == NATURE_REPORT && (s->position.point || s->position.words.n)) return REFUSE_POSITION_BAD;
    return REFUSE_NONE;
}

void api_put_result(const struct intake_result *r, struct text *out)
{
    text_addf(out, "\"receipt\":\"%s\",\"feedback\":\"%llu\",\"case\":", r->receipt,
              (unsigned long long)r->feedback_id);
    if (r->case_id)
        text_addf(out, "\"%llu\"", (unsigned long long)r->case_id);
    else
        text_addz(out, "null");
    text_addf(out, ",\"repeated\":%s", r->repeated ? "true" : "false");
}

struct asking {
    struct gateway *g;
    u64 ticket;
    enum lang lang;
};

static void answered(void *arg, const struct intake_result *r)
{
    struct asking *a = arg;
    if (r->refusal != REFUSE_NONE) {
        reply_problem(a->g, a->ticket, a->lang, r->refusal, STR_NONE, STR_NONE, r->retry);
    } else {
        struct text t;
        text_init(&t, 512);
        text_addc(&t, '{');
        api_put_result(r, &t);
        text_addz(&t, "}\n");
        reply_json(a->g, a->ticket, 201, text_str(&t), NULL, 0);
        text_free(&t);
    }
    free(a);
}

/* Over a limit: the problem brings the challenge whose solution, as the member altcha, lets the same request in at once. */
static void refuse_unproved(struct gateway *g, u64 ticket, const struct http_in *in, span wait)
{
    struct text extra;
    text_init(&extra, 2000);
    text_addz(&extra, ",\"challenge\":");
    guard_challenge(g, in->at, &extra);
    reply_problem(g, ticket, reply_lang(in), REFUSE_PROVE, STR_NONE, text_str(&extra), wait);
    text_free(&extra);
}

static void post_feedback(struct gateway *g, u64 ticket, const struct http_in *in)
{
    static const char *const also[] = {"altcha", NULL};
    enum lang lang = reply_lang(in);
    struct submission s = {.door = DOOR_WEB, .nature = NATURE_UNKNOWN};
    struct str type = http_header_get(in, STR("content-type")), head, rest;
    span wait;
    const char *why;
    str_cut(type, ';', &head, &rest);
    if (!str_eq_case(str_trim(head), STR("application/json"))) {
        reply_refuse(g, ticket, lang, REFUSE_UNSUPPORTED_TYPE);
        return;
    }
    s.dedupe_key = http_header_get(in, STR("idempotency-key"));
    if (!idempotency_key_good(s.dedupe_key)) {
        reply_refuse(g, ticket, lang, REFUSE_KEY_BAD);
        return;
    }
    /* Before anything is read; the guards behind have the finer limits. */
    if (!gateway_rate(g, &g->submit_rate, in->peer, (int)MIN((i64)g->cfg.submit_per_minute * 4, INT_MAX), 1,
                      &wait)) {
        reply_problem(g, ticket, lang, REFUSE_TOO_MANY, STR_NONE, STR_NONE, wait);
        return;
    }
    struct json *doc = json_parse(in->body, g->cfg.body_max, &why);
    if (!doc) {
        reply_problem(g, ticket, lang, REFUSE_BAD_JSON, STR_NONE, STR_NONE, SPAN_US(0));
        return;
    }
    struct arena arena;
    arena_init(&arena, GUARD_ARENA);
    enum refusal r = api_read_submission(doc, also, &s);
    if (r == REFUSE_NONE) {
        const struct guard_ask ask = {.peer = in->peer,
                                      .agent = http_header_get(in, STR("user-agent")),
                                      .proof = json_str(json_get(doc, "altcha")),
                                      .now = in->at,
                                      .arena = &arena};
        r = guard_check(g, &ask, &s, &wait);
    }
    if (r == REFUSE_PROVE) {
        refuse_unproved(g, ticket, in, wait);
    } else if (r != REFUSE_NONE) {
        reply_problem(g, ticket, lang, r, STR_NONE, STR_NONE, r == REFUSE_TOO_MANY ? wait : SPAN_US(0));
    } else {
        struct asking *a = MEM_NEW(struct asking);
        *a = (struct asking){g, ticket, lang};
        intake_submit(g, &s, false, answered, a);
    }
    arena_free(&arena);
    json_free(&doc);
}

bool api_route(struct gateway *g, u64 ticket, const struct http_in *in)
{
    if (!str_eq(in->path, STR("/api/v1/feedback"))) return false;
    if (str_eq(in->method, STR("POST")))
        post_feedback(g, ticket, in);
    else
        reply_refuse(g, ticket, reply_lang(in), REFUSE_METHOD);
    return true;
}
