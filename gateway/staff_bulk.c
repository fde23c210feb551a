/* POST /cases/bulk: one act on several cases. The preview judges every case by the rules of the single act (casework_prepare) and stores nothing;
 * the run takes the acts one by one as casework does, each in its own transaction under the version that the person saw, so one that somebody
 * changed meanwhile is named and the others stand. Pressed twice, the second press gets the first one's answer. Only acts of the table below,
 * never on a confidential case: each look at one of those has a reason of its own. What the person may not see does not exist here either. */
#include "staff_part.h"
#include "staff_body.h"
#include "casework.h"
#include "metrics.h"
#include "base/code.h"
#include "base/log.h"
#include <stdlib.h>
#include <string.h>

#define BODY_MAX    (128u * 1024)
#define CASES_MAX   200
#define ANSWER_MAX  (512u * 1024)
#define KEY_MIN     8
#define KEY_LONGEST 128

const struct db_stmt stmt_staff_bulk_read = {
    "staff_bulk_read",
    "select " CASEWORK_COLUMNS ", "
    "exists (select from case_units cu where cu.case_id = c.id and cu.unit_id = my_unit()), "
    "exists (select from case_shares cs where cs.case_id = c.id and cs.staff_id = staff_now()) "
    "from unnest($1) with ordinality as k (id, ord) join cases c on c.id = k.id order by k.ord",
    1,
    {DB_INT8S}};
/* One that never ended, for its gateway died, may be pressed again after two minutes: the versions keep it from doing anything twice. */
const struct db_stmt stmt_staff_bulk_begin = {
    "staff_bulk_begin",
    "with gone as (delete from bulk_runs where staff_id = staff_now() and (at < now() - interval '1 day' "
    "  or answer is null and at < now() - interval '2 minutes' and key <> $1)), "
    "i as (insert into bulk_runs (key, staff_id, body) values ($1, staff_now(), $2) on conflict do nothing returning key) "
    "select (select count(*) from i) > 0 or (b.answer is null and b.at < now() - interval '2 minutes'), b.body = $2, b.answer::text "
    "from (select 1) one left join bulk_runs b on b.staff_id = staff_now() and b.key = $1",
    2,
    {DB_TEXT, DB_BYTEA}};
const struct db_stmt stmt_staff_bulk_end = {
    "staff_bulk_end",
    "update bulk_runs set answer = $2 where staff_id = staff_now() and key = $1",
    2,
    {DB_TEXT, DB_JSONB}};

/* The acts that make sense for several cases alike, and the act that takes each back; where there is none the act is final. */
static const struct {
    enum case_act act, back;
} table[] = {
    {ACT_ASSIGN, ACTS_N},     {ACT_SIGN, ACTS_N},    {ACT_CO_ASSIGN, ACTS_N},
    {ACT_MERGE, ACT_UNMERGE}, {ACT_UNMERGE, ACTS_N}, {ACT_SUPERVISE, ACTS_N},
};

struct wanted {
    u64 id;
    i64 version;
};

struct bulk {
    struct staff_ask ask;
    struct staff_act_input in;
    struct wanted all[CASES_MAX];
    size_t n, at;
    char key[KEY_LONGEST + 1];
    u8 digest[32];
    bool preview;
    struct text body;
    size_t done;
};

static void bulk_free(struct bulk *b)
{
    arena_free(&b->in.arena);
    text_free(&b->body);
    free(b);
}

static enum case_act back_of(enum case_act act)
{
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (table[i].act == act) return table[i].back;
    return ACTS_N;
}

static bool act_known(enum case_act act)
{
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (table[i].act == act) return true;
    return false;
}

/* --- the answer --- */

static void put_one(struct bulk *b, u64 id, enum refusal r, const char *detail, const struct case_row *after,
                    i64 version)
{
    const struct refusal_facts *t = refusal_facts(r);
    const bool en = b->ask.lang == LANG_EN;
    text_addf(&b->body, "%s{\"case\":%llu,\"may\":%s", b->body.p[b->body.n - 1] == '[' ? "" : ",",
              (unsigned long long)id, r == REFUSE_NONE ? "true" : "false");
    if (r == REFUSE_NONE) {
        b->done++;
        text_addf(&b->body, ",\"code\":null,\"why\":null,\"version\":%lld", (long long)version);
        json_put_text(&b->body, "state", after ? str_of(case_state_word(after->view.state)) : STR_NONE);
    } else {
        json_put_text(&b->body, "code", str_of(t->code));
        json_put_text(&b->body, "why", str_of(en ? t->en : detail && *detail ? detail : t->zh));
        text_addz(&b->body, ",\"version\":null,\"state\":null");
    }
    text_addc(&b->body, '}');
}

static void begin_answer(struct bulk *b)
{
    const enum case_act back = back_of(b->in.req.act);
    text_addf(&b->body, "{\"act\":\"%s\",\"preview\":%s", case_act_word(b->in.req.act),
              b->preview ? "true" : "false");
    json_put_text(&b->body, "undo", back == ACTS_N ? STR_NONE : str_of(case_act_word(back)));
    text_addz(&b->body, ",\"cases\":[");
}

static void end_answer(struct bulk *b) { text_addf(&b->body, "],\"done\":%zu,\"of\":%zu}", b->done, b->n); }

/* --- the preview --- */

static enum refusal judge(struct bulk *b, const struct db_result *r, int row, const struct staff_who *who,
                          const struct wanted *w, struct casework_step *s)
{
    casework_row(r, row, &s->before);
    s->req = b->in.req;
    s->req.expected_version = w->version;
    s->req.actor = who->actor;
    s->req.actor.co_unit = db_get_bool(r, row, CASEWORK_COLUMNS_N);
    s->req.actor.shared = db_get_bool(r, row, CASEWORK_COLUMNS_N + 1);
    s->category = b->in.category;
    if (s->before.view.flags & CASE_FLAG_CONFIDENTIAL) return REFUSE_BULK_SINGLE;
    return casework_prepare(b->ask.g, s);
}

static int row_of(const struct db_result *r, u64 id)
{
    for (int i = 0; i < db_rows(r); i++)
        if ((u64)db_get_i64(r, i, 0) == id) return i;
    return -1;
}

/* The main case that an act names: what of it is wrong, as with the single act. */
static enum refusal named_wrong(struct bulk *b, const struct db_result *r)
{
    const struct act_request *q = &b->in.req;
    enum case_state into;
    if (q->target && (db_is_null(r, 0, 2) || !case_state_parse(db_get_text(r, 0, 2), &into)))
        return REFUSE_UNKNOWN_FIELD;
    if (q->target && !case_state_open(into)) return REFUSE_ACT_ILLEGAL;
    return REFUSE_NONE;
}

static void run_next(struct bulk *b);

static void have_cases(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct bulk *b = arg;
    struct staff_who who;
    (void)n;
    if (!staff_entered(&b->ask, end, results, error, false, &who)) {
        bulk_free(b);
        return;
    }
    const enum refusal wrong = named_wrong(b, results[CASEWORK_FIRST + 1]);
    const struct db_result *r = results[CASEWORK_FIRST];
    const struct db_result *begun = b->preview ? NULL : results[CASEWORK_FIRST + 2];
    if (begun && db_get_text(begun, 0, 2).p &&
        db_get_bool(begun, 0, 1)) { /* pressed before: what it did then */
        text_add(&b->body, db_get_text(begun, 0, 2));
        staff_answer(&b->ask, &b->body);
        bulk_free(b);
        return;
    }
    if (begun && !db_get_bool(begun, 0, 0)) {
        staff_refuse(&b->ask,
                     !db_is_null(begun, 0, 1) && !db_get_bool(begun, 0, 1) ? REFUSE_KEY_REUSED
                                                                           : REFUSE_BULK_RUNNING,
                     NULL, NULL);
        bulk_free(b);
        return;
    }
    begin_answer(b);
    if (!b->preview) {
        /* Confidential cases, cases that are out of sight, and a name that is wrong never reach casework. */
        for (size_t i = 0; i < b->n; i++) {
            int row = row_of(r, b->all[i].id);
            struct case_row before;
            if (row >= 0) casework_row(r, row, &before);
            enum refusal why = row < 0                                      ? REFUSE_CASE_UNKNOWN
                               : before.view.flags & CASE_FLAG_CONFIDENTIAL ? REFUSE_BULK_SINGLE
                               : b->in.req.target == (i64)b->all[i].id      ? REFUSE_ACT_ILLEGAL
                                                                            : wrong;
            if (why == REFUSE_NONE) continue;
            put_one(b, b->all[i].id, why, NULL, NULL, 0);
            b->all[i].id = 0;
        }
        run_next(b);
        return;
    }
    struct casework_step *s = MEM_NEW(struct casework_step);
    for (size_t i = 0; i < b->n; i++) {
        int row = row_of(r, b->all[i].id);
        *s = (struct casework_step){.category = STR_NONE};
        enum refusal why = row < 0                                 ? REFUSE_CASE_UNKNOWN
                           : wrong                                 ? wrong
                           : b->in.req.target == (i64)b->all[i].id ? REFUSE_ACT_ILLEGAL
                                                                   : judge(b, r, row, &who, &b->all[i], s);
        put_one(b, b->all[i].id, why, s->outcome.detail, &s->after, s->before.view.version);
    }
    free(s);
    end_answer(b);
    staff_answer(&b->ask, &b->body);
    bulk_free(b);
}

/* --- the run --- */

static void have_ended(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct bulk *b = arg;
    (void)results, (void)n;
    if (end != DB_OK) /* the acts stand; only the memory of the key is missing */
        log_line(LOG_WARNING, LOG_STAFF, "answer of several acts not kept", "sqlstate=%s",
                 error ? error->sqlstate : "");
    staff_answer(&b->ask, &b->body);
    bulk_free(b);
}

static void act_done(void *arg, const struct casework_result *r)
{
    struct bulk *b = arg;
    put_one(b, r->case_id, r->refusal, r->detail, NULL, r->version);
    b->at++;
    run_next(b);
}

static void run_next(struct bulk *b)
{
    while (b->at < b->n && !b->all[b->at].id) b->at++;
    if (b->at < b->n) {
        struct act_request q = b->in.req;
        q.expected_version = b->all[b->at].version;
        q.now = clock_now();
        casework_act(b->ask.g, &b->ask.session, b->all[b->at].id, &q, b->in.category, act_done, b);
        return;
    }
    end_answer(b);
    COUNT(BULK_RUNS);
    if (b->body.overflow) {
        staff_answer(&b->ask, &b->body);
        bulk_free(b);
        return;
    }
    struct db_call *c = staff_call(&b->ask, have_ended, b);
    struct db_params *p = db_params_new(&stmt_staff_bulk_end);
    db_put_text(p, str_of(b->key));
    db_put_json(p, text_str(&b->body));
    db_call_add(c, &stmt_staff_bulk_end, p);
    if (!db_call_send(b->ask.g->lane_staff, c)) {
        staff_answer(&b->ask, &b->body);
        bulk_free(b);
    }
}

/* --- the request --- */

/* The member that is wrong, or NULL. */
static const char *read_cases(struct bulk *b, const struct json *list)
{
    const size_t n = json_count(list);
    if (json_kind(list) != JSON_ARRAY || n == 0 || n > CASES_MAX) return "cases";
    for (size_t i = 0; i < n; i++) {
        i64 id, version;
        if (!json_int(json_get(json_at(list, i), "id"), &id) || id <= 0 ||
            !json_int(json_get(json_at(list, i), "version"), &version) || version < 1)
            return "cases";
        for (size_t k = 0; k < i; k++)
            if (b->all[k].id == (u64)id) return "cases";
        b->all[i] = (struct wanted){(u64)id, version};
    }
    b->n = n;
    return NULL;
}

static const char *read_key(struct bulk *b, struct str key)
{
    if (key.n == 0 && b->preview) return NULL;
    if (key.n < KEY_MIN || key.n > KEY_LONGEST) return "key";
    for (size_t i = 0; i < key.n; i++)
        if (key.p[i] <= ' ' || key.p[i] > '~') return "key";
    memcpy(b->key, key.p, key.n);
    return NULL;
}

static const char *read_bulk(struct bulk *b, const struct json *doc)
{
    static const char *const beside[] = {"cases", "preview", "key", NULL};
    const char *wrong = staff_act_read(&b->in, doc, beside);
    b->preview = json_bool(json_get(doc, "preview"));
    if (!wrong && !act_known(b->in.req.act)) wrong = "act";
    /* Rungs with a letter are taken at the case: each letter names its own. */
    if (!wrong && b->in.req.act == ACT_SUPERVISE && b->in.req.rung > 2) wrong = "rung";
    if (!wrong) wrong = read_cases(b, json_get(doc, "cases"));
    return wrong ? wrong : read_key(b, json_str(json_get(doc, "key")));
}

static void send(struct bulk *b)
{
    struct db_call *c = staff_call(&b->ask, have_cases, b);
    struct db_params *p = db_params_new(&stmt_staff_bulk_read), *named = db_params_new(&stmt_staff_named);
    db_array_begin(p, DB_INT8, b->n);
    for (size_t i = 0; i < b->n; i++) db_put_i64(p, (i64)b->all[i].id);
    db_array_end(p);
    db_call_add(c, &stmt_staff_bulk_read, p);
    db_put_i32(named, 0);
    db_put_i64(named, b->in.req.target);
    db_put_i64(named, (i64)b->all[0].id);
    db_call_add(c, &stmt_staff_named, named);
    if (!b->preview) {
        struct db_params *begin = db_params_new(&stmt_staff_bulk_begin);
        db_put_text(begin, str_of(b->key));
        db_put_bytes(begin, (struct str){(const char *)b->digest, sizeof b->digest});
        db_call_add(c, &stmt_staff_bulk_begin, begin);
    }
    if (!staff_go(&b->ask, c)) bulk_free(b);
}

void staff_bulk(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct json *doc;
    (void)id;
    if (!body_object(a, in, BODY_MAX, &doc)) return;
    struct bulk *b = MEM_NEW(struct bulk);
    b->ask = *a;
    arena_init(&b->in.arena, 4 * BODY_MAX);
    text_init(&b->body, ANSWER_MAX);
    const char *wrong = read_bulk(b, doc);
    json_free(&doc);
    crypto_mac(a->g->keys, KEY_DEDUPE, &in->body, 1, b->digest);
    if (wrong) {
        body_refuse(a, wrong);
        bulk_free(b);
    } else if (!staff_act_fits(&b->in.req)) {
        staff_refuse(a, REFUSE_TEXT_TOO_LONG, NULL, NULL);
        bulk_free(b);
    } else {
        send(b);
    }
}
