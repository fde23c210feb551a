/* One sealed report for those who may open it: its messages with the envelopes of their groups, what they answer, its files. Nothing
 * in here can be read by the gateway. Every opening is a row of the audit log with its reason. */
#include "staff_seal_part.h"
#include "staff_body.h"
#include "api.h"
#include "base/code.h"
#include "base/log.h"
#include "ids.h"
#include "store.h"
#include <stdlib.h>
#include <string.h>

#define OPEN_BODY_MAX 4096
#define SAY_BODY_MAX  (250u * 1024)
#define SAID_MAX      (SEAL_PLAIN_MAX + BOX_OVERHEAD + 1)
#define KEYS_MAX      8
#define SAY_TRIES     3
/* What the case shows of it: the words are in the sealed dialogue alone. */
#define SAID_ON_CASE STR("（已发送加密消息，内容仅在加密对话中可见）")

const struct db_stmt stmt_staff_sealed_open = {
    "staff_sealed_open",
    "select x.v->>'refused', x.v from (select seal_open($1, $2) as v offset 0) x",
    2,
    {DB_INT8, DB_TEXT}};
const struct db_stmt stmt_staff_sealed_say = {
    "staff_sealed_say",
    "select x.v->>'refused', coalesce((x.v->>'repeated')::boolean, false), c.version from "
    "(select seal_say($1, $2, $3, $4, $5, $6, $7, $8) as v offset 0) x left join cases c on c.id = $2",
    8,
    {DB_INT8, DB_INT8, DB_INT8, DB_TEXT, DB_BYTEA, DB_INT4S, DB_BYTEAS, DB_BYTEA}};

/* --- opening --- */

struct opening_ask {
    struct staff_ask ask;
};

static void opened(void *arg, enum db_end end, const struct db_result *const *results, int n,
                   const struct db_error *error)
{
    struct opening_ask *o = arg;
    struct staff_who who;
    (void)n;
    if (staff_entered(&o->ask, end, results, error, false, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        if (!seal_refused(&o->ask, db_get_text(r, 0, 0)))
            reply_json(o->ask.g, o->ask.ticket, 200, db_get_text(r, 0, 1), NULL, 0);
    }
    free(o);
}

void staff_sealed_open(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct json *doc;
    struct str reason;
    if (!body_object(a, in, OPEN_BODY_MAX, &doc)) return;
    if (seal_reason(a, doc, &reason)) {
        struct opening_ask *o = MEM_NEW(struct opening_ask);
        *o = (struct opening_ask){*a};
        struct db_call *c = staff_call(a, opened, o);
        struct db_params *p = db_params_new(&stmt_staff_sealed_open);
        db_put_i64(p, (i64)id);
        db_put_text(p, reason);
        db_call_add(c, &stmt_staff_sealed_open, p);
        if (!staff_go(a, c)) free(o);
    }
    json_free(&doc);
}

/* --- answering --- */

struct say {
    struct staff_ask ask;
    u64 case_id, message;
    i64 version;
    bool note; /* the state of the case knows no question: the record gets a remark instead */
    int tries;
};

static void on_case(struct say *s);

static void say_end(struct say *s, bool repeated)
{
    struct text t;
    text_init(&t, 200);
    if (repeated)
        text_addz(&t, "{\"message\":null,\"repeated\":true}\n");
    else
        text_addf(&t, "{\"message\":\"%llu\",\"repeated\":false}\n", (unsigned long long)s->message);
    reply_json(s->ask.g, s->ask.ticket, 201, text_str(&t), NULL, 0);
    text_free(&t);
    free(s);
}

/* The message is stored whatever becomes of the act: a case that has ended, or that another group handles, gets a remark or none. */
static void acted(void *arg, const struct casework_result *r)
{
    struct say *s = arg;
    if (r->refusal == REFUSE_CASE_CHANGED && r->version && ++s->tries < SAY_TRIES) {
        s->version = r->version;
        on_case(s);
    } else if (r->refusal != REFUSE_NONE && r->refusal != REFUSE_UNAVAILABLE && !s->note) {
        s->note = true;
        on_case(s);
    } else {
        if (r->refusal != REFUSE_NONE)
            log_line(LOG_WARNING, LOG_STAFF, "a sealed message left no act on its case", "case=%llu why=%s",
                     (unsigned long long)s->case_id, refusal_facts(r->refusal)->code);
        say_end(s, false);
    }
}

static void on_case(struct say *s)
{
    const struct act_request q = {.act = s->note ? ACT_NOTE : ACT_ASK,
                                  .now = clock_now(),
                                  .expected_version = s->version,
                                  .text = SAID_ON_CASE};
    casework_act(s->ask.g, &s->ask.session, s->case_id, &q, STR_NONE, acted, s);
}

static void said(void *arg, enum db_end end, const struct db_result *const *results, int n,
                 const struct db_error *error)
{
    struct say *s = arg;
    struct staff_who who;
    (void)n;
    if (end == DB_FAILED && strncmp(error->sqlstate, "23", 2) == 0) { /* a key that is none, or twice */
        seal_refuse_needs(&s->ask, "密钥刚刚更换过，请刷新后重新加密。",
                          "An envelope is for a key that is none; reload and seal it again.");
    } else if (staff_entered(&s->ask, end, results, error, false, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        if (!seal_refused(&s->ask, db_get_text(r, 0, 0))) {
            s->version = db_get_i64(r, 0, 2);
            if (db_get_bool(r, 0, 1))
                say_end(s, true);
            else
                on_case(s);
            return;
        }
    }
    free(s);
}

struct envelopes {
    size_t n;
    int keys[KEYS_MAX];
    u8 sealed[KEYS_MAX][BOX_ENVELOPE], reporter[BOX_ENVELOPE];
    bool has_reporter;
};

static bool read_envelopes(const struct json *all, struct envelopes *e)
{
    *e = (struct envelopes){0};
    if (json_kind(all) != JSON_ARRAY || json_count(all) > KEYS_MAX) return false;
    for (size_t i = 0; i < json_count(all); i++) {
        const struct json *one = json_at(all, i);
        i64 key;
        if (json_bool(json_get(one, "reporter"))) {
            if (e->has_reporter || !seal_field(one, "sealed", BOX_ENVELOPE, e->reporter)) return false;
            e->has_reporter = true;
        } else {
            if (!json_int(json_get(one, "key_id"), &key) || key < 1 || key > INT32_MAX ||
                !seal_field(one, "sealed", BOX_ENVELOPE, e->sealed[e->n]))
                return false;
            e->keys[e->n++] = (int)key;
        }
    }
    return e->has_reporter;
}

static struct db_params *say_params(u64 message, u64 case_id, i64 feedback, struct str key, struct str body,
                                    const struct envelopes *e)
{
    struct db_params *p = db_params_new(&stmt_staff_sealed_say);
    db_put_i64(p, (i64)message);
    db_put_i64(p, (i64)case_id);
    db_put_i64(p, feedback);
    db_put_text(p, key);
    db_put_bytes(p, body);
    db_array_begin(p, DB_INT4, e->n);
    for (size_t i = 0; i < e->n; i++) db_put_i32(p, e->keys[i]);
    db_array_end(p);
    db_array_begin(p, DB_BYTEA, e->n);
    for (size_t i = 0; i < e->n; i++) db_put_bytes(p, seal_bytes(e->sealed[i], BOX_ENVELOPE));
    db_array_end(p);
    db_put_bytes(p, seal_bytes(e->reporter, BOX_ENVELOPE));
    return p;
}

void staff_sealed_say(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct json *doc;
    struct envelopes e;
    struct text body;
    i64 feedback;
    if (!body_object(a, in, SAY_BODY_MAX, &doc)) return;
    text_init(&body, SAID_MAX);
    const struct str key = json_str(json_get(doc, "key")), b64 = json_str(json_get(doc, "body"));
    if (!seal_number(json_str(json_get(doc, "feedback")), &feedback) || !idempotency_key_good(key) ||
        !b64_get(&body, b64) || body.overflow || body.n <= BOX_OVERHEAD + SEAL_BLOCK ||
        (body.n - BOX_OVERHEAD - 1) % SEAL_BLOCK || body.p[0] != SEAL_VERSION ||
        !read_envelopes(json_get(doc, "envelopes"), &e)) {
        staff_refuse(a, REFUSE_UNKNOWN_FIELD, "加密消息的格式不对，请刷新页面后重试。",
                     "The message has not the form of docs/sealing.md.");
    } else {
        struct say *s = MEM_NEW(struct say);
        *s = (struct say){.ask = *a, .case_id = id, .message = ids_next(a->g)};
        struct db_call *c = staff_call(a, said, s);
        db_call_add(c, &stmt_staff_sealed_say,
                    say_params(s->message, id, feedback, key, text_str(&body), &e));
        if (!staff_go(a, c)) free(s);
    }
    text_free(&body);
    json_free(&doc);
}

/* --- files --- */

const struct db_stmt stmt_staff_sealed_file = {
    "staff_sealed_file", "select seal_file($1, $2)", 2, {DB_INT8, DB_BYTEA}};

struct fetch {
    struct staff_ask ask;
    u8 hash[STORE_HASH];
};

static void fetched(void *arg, enum store_end end, struct str bytes)
{
    struct fetch *f = arg;
    const struct http_header more = {STR("Content-Disposition"), STR("attachment")};
    if (end == STORE_OK)
        reply_file(f->ask.g, f->ask.ticket, 200, "application/octet-stream", bytes, "no-store", &more, 1);
    else
        staff_refuse(&f->ask, end == STORE_AWAY ? REFUSE_UNAVAILABLE : REFUSE_NOT_FOUND, NULL, NULL);
    free(f);
}

static void allowed(void *arg, enum db_end end, const struct db_result *const *results, int n,
                    const struct db_error *error)
{
    struct fetch *f = arg;
    struct staff_who who;
    (void)n;
    if (staff_entered(&f->ask, end, results, error, false, &who) &&
        !seal_refused(&f->ask, db_get_text(results[CASEWORK_FIRST], 0, 0)))
        store_get(f->ask.g, f->hash, fetched, f);
    else
        free(f);
}

void staff_sealed_file(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct fetch *f = MEM_NEW(struct fetch);
    (void)in;
    f->ask = *a;
    if (!hex_get(str_of(a->name), f->hash, sizeof f->hash)) {
        staff_refuse(a, REFUSE_NOT_FOUND, NULL, NULL);
        free(f);
        return;
    }
    struct db_call *c = staff_call(a, allowed, f);
    struct db_params *p = db_params_new(&stmt_staff_sealed_file);
    db_put_i64(p, (i64)id);
    db_put_bytes(p, seal_bytes(f->hash, sizeof f->hash));
    db_call_add(c, &stmt_staff_sealed_file, p);
    if (!staff_go(a, c)) free(f);
}
