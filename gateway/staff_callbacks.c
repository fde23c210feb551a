/* 回访中心: who is to be asked, oldest first, and the number to call, shown once for a reason that the log keeps. What came of
 * a call is an act of the case (POST /cases/{id}/acts with feedback). Nothing of a confidential case stands in the queue. */
#include "staff_part.h"
#include "staff_query.h"
#include "staff_body.h"
#include "casework.h"
#include "register.h"
#include "base/code.h"
#include "base/utf8.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIMIT_DEFAULT 50
#define LIMIT_MAX     100
#define LIST_MAX      ((size_t)LIMIT_MAX * 64 * 1024)
#define REASON_MAX    200 /* characters */
#define BODY_MAX      4096

/* The page is cut before the words are fetched, so that the joins look at its rows alone. Of a split matter it is the part that is asked
 * about. */
/* clang-format off */
#define TASKS                                                                                                                               \
    "select q.case_id, q.feedback_id, q.round, q.state, q.made_at, q.tries, q.last_day, coalesce(q.rating, 0), q.at, coalesce(q.by, ''), "  \
    "q.version, q.level, q.unit_id, q.due_at, q.confidential, coalesce(f.channel, q.channel), coalesce(f.received_at, q.opened_at), " \
    "case when q.confidential then null else coalesce((select p.piece from case_parts p where p.case_id = q.case_id and p.feedback_id = q.feedback_id order by p.version desc limit 1), f.masked) end, " \
    "case when q.confidential then null else "                                                                                              \
    "  (select a.words from acts a where a.case_id = q.case_id and a.act = 'reply' order by a.version desc limit 1) end, "                  \
    "callback_reachable(q.feedback_id), q.category from (select k.*, c.version, c.category, c.level, c.unit_id, c.due_at, c.confidential, c.channel, c.opened_at "                        \
    "  from callbacks k join cases c on c.id = k.case_id where "
#define TASKS_END(order) "order by " order ") q left join feedback f on f.id = q.feedback_id order by "
/* clang-format on */

/* The queue leaves out what the person may not ask about: cases handled by the unit they work in or come from. */
const struct db_stmt stmt_staff_callbacks = {
    "staff_callbacks",
    TASKS "k.state = 'due' and c.state = 'verifying' and c.unit_id <> all ((select my_ties())::integer[]) "
          "and ($1::integer is null or c.unit_id = $1) and ($2::integer is null or c.level = $2) "
          "and (not $3 or k.staff_id = (select staff_now())) "
          "and ($4::timestamptz is null or (k.made_at, k.feedback_id) > ($4, $5)) " TASKS_END(
              "k.made_at, k.feedback_id limit $6") "q.made_at, q.feedback_id",
    6,
    {DB_INT4, DB_INT4, DB_BOOL, DB_TIMESTAMPTZ, DB_INT8, DB_INT4}};
/* Everybody asked about one case, in all rounds. */
const struct db_stmt stmt_staff_callbacks_case = {
    "staff_callbacks_case",
    TASKS "k.case_id = $1 " TASKS_END(
        "k.round, k.made_at, k.feedback_id limit 100") "q.round, q.made_at, q.feedback_id",
    1,
    {DB_INT8}};
const struct db_stmt stmt_staff_callback_contact = {
    "staff_callback_contact",
    "select verdict, contact, case_id from callback_contact($1, $2)",
    2,
    {DB_INT8, DB_TEXT}};

struct queue {
    struct staff_ask ask;
    int limit; /* 0: of one case, all */
};

static void put_task(struct gateway *g, const struct db_result *r, int i, i64 today, struct text *t)
{
    enum callback_state state = CALLBACK_DUE;
    const i64 tries = db_get_i64(r, i, 5), rating = db_get_i64(r, i, 7);
    const bool hidden = db_get_bool(r, i, 14);
    ASSERT(callback_state_parse(db_get_text(r, i, 3), &state));
    text_addf(
        t,
        "{\"case\":%lld,\"feedback\":%lld,\"version\":%lld,\"round\":%lld,\"state\":\"%s\",\"label\":\"%s\",\"level\":%lld",
        (long long)db_get_i64(r, i, 0), (long long)db_get_i64(r, i, 1), (long long)db_get_i64(r, i, 10),
        (long long)db_get_i64(r, i, 2), callback_state_word(state), callback_state_chinese(state),
        (long long)db_get_i64(r, i, 11));
    const struct category *matter = register_category(g, db_get_text(r, i, 20));
    json_put_text(t, "matter", matter ? matter->name : STR(""));
    text_addz(t, ",\"unit\":");
    register_unit_json(g, db_get_i64(r, i, 12), t);
    json_put_instant(t, "made_at", db_get_instant(r, i, 4));
    json_put_instant(t, "due_at", db_get_instant(r, i, 13));
    text_addf(t, ",\"tries\":%lld,\"tries_left\":%lld,\"tried_today\":%s", (long long)tries,
              (long long)(CALLBACK_TRIES - tries), tries && db_get_i64(r, i, 6) >= today ? "true" : "false");
    if (rating)
        text_addf(t, ",\"rating\":%lld", (long long)rating);
    else
        text_addz(t, ",\"rating\":null");
    json_put_text(t, "by", db_get_text(r, i, 9).n ? db_get_text(r, i, 9) : STR_NONE);
    json_put_instant(t, "at", db_get_instant(r, i, 8));
    json_put_text(t, "channel", db_get_text(r, i, 15));
    json_put_instant(t, "received_at", db_get_instant(r, i, 16));
    text_addf(t, ",\"confidential\":%s", hidden ? "true" : "false");
    json_put_text(t, "masked", db_get_text(r, i, 17));
    json_put_text(t, "answer", db_get_text(r, i, 18));
    json_put_text(t, "contact", db_get_bool(r, i, 19) ? STR("可联系") : STR("未留联系方式"));
    text_addc(t, '}');
}

/* "<microseconds>-<feedback>": where the next page begins. */
static void put_next(const struct db_result *r, int limit, struct text *t)
{
    text_addz(t, "],\"next\":");
    if (limit == 0 || db_rows(r) <= limit)
        text_addz(t, "null");
    else
        text_addf(t, "\"%lld-%lld\"", (long long)db_get_instant(r, limit - 1, 4).us,
                  (long long)db_get_i64(r, limit - 1, 1));
}

static void have_queue(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct queue *q = arg;
    struct staff_who who;
    struct text body;
    (void)n;
    if (staff_entered(&q->ask, end, results, error, false, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        const i64 today = china_day(clock_now());
        int shown = q->limit ? MIN(db_rows(r), q->limit) : db_rows(r);
        text_init(&body, LIST_MAX);
        text_addz(&body, "{\"callbacks\":[");
        for (int i = 0; i < shown; i++) {
            if (i) text_addc(&body, ',');
            put_task(q->ask.g, r, i, today, &body);
        }
        put_next(r, q->limit, &body);
        text_addf(&body, ",\"seq\":%llu}", (unsigned long long)q->ask.seq);
        staff_answer(&q->ask, &body);
    }
    free(q);
}

/* --- filters --- */

struct filters {
    i64 unit, level, of_case, limit, after_id; /* level -1, others 0: not set */
    bool mine;
    instant after;
    const char *bad;
};

static bool param_number(const struct http_in *in, const char *name, u64 max, i64 *to, const char **bad)
{
    struct text t;
    bool broken = false;
    u64 v = 0;
    text_init(&t, 100);
    bool given = query_param(in, name, &t, &broken);
    if (broken || (given && !str_u64(text_str(&t), max, &v))) *bad = name;
    if (given) *to = (i64)v;
    text_free(&t);
    return given;
}

static void param_after(const struct http_in *in, struct filters *f)
{
    struct text t;
    bool broken = false;
    text_init(&t, 100);
    if (query_param(in, "after", &t, &broken)) {
        struct str at, id;
        u64 us = 0, n = 0;
        str_cut(text_str(&t), '-', &at, &id);
        if (!str_u64(at, INT64_MAX, &us) || us == 0 || !str_u64(id, INT64_MAX, &n)) f->bad = "after";
        f->after.us = (i64)us;
        f->after_id = (i64)n;
    }
    if (broken) f->bad = "after";
    text_free(&t);
}

static struct filters filters_read(const struct http_in *in)
{
    struct filters f = {.level = -1, .limit = LIMIT_DEFAULT};
    i64 mine = 0;
    param_number(in, "unit", INT32_MAX, &f.unit, &f.bad);
    param_number(in, "level", CASE_LEVELS_N - 1, &f.level, &f.bad);
    param_number(in, "case", INT64_MAX, &f.of_case, &f.bad);
    param_number(in, "mine", 1, &mine, &f.bad);
    if (param_number(in, "limit", LIMIT_MAX, &f.limit, &f.bad) && f.limit == 0) f.bad = "limit";
    param_after(in, &f);
    f.mine = mine != 0;
    return f;
}

static struct db_params *queue_params(const struct filters *f)
{
    struct db_params *p = db_params_new(&stmt_staff_callbacks);
    if (f->unit)
        db_put_i32(p, (int)f->unit);
    else
        db_put_null(p);
    if (f->level >= 0)
        db_put_i32(p, (int)f->level);
    else
        db_put_null(p);
    db_put_bool(p, f->mine);
    db_put_instant(p, f->after);
    db_put_i64(p, f->after_id);
    db_put_i32(p, (int)f->limit + 1); /* one more tells whether there is a next page */
    return p;
}

void staff_callbacks(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    const struct filters f = filters_read(in);
    (void)id;
    if (f.bad) {
        query_refuse(a, f.bad);
        return;
    }
    struct queue *q = MEM_NEW(struct queue);
    *q = (struct queue){*a, f.of_case ? 0 : (int)f.limit};
    struct db_call *c = staff_call(a, have_queue, q);
    if (f.of_case) {
        struct db_params *p = db_params_new(&stmt_staff_callbacks_case);
        db_put_i64(p, f.of_case);
        db_call_add(c, &stmt_staff_callbacks_case, p);
    } else {
        db_call_add(c, &stmt_staff_callbacks, queue_params(&f));
    }
    if (!staff_go(a, c)) free(q);
}

/* --- the number --- */

struct calling {
    struct staff_ask ask;
    u64 feedback;
};

static void answer_contact(const struct calling *k, const struct db_result *r)
{
    struct text body, phone;
    char context[48];
    bool good = true;
    text_init(&phone, 200);
    struct str sealed = db_get_text(r, 0, 1);
    snprintf(context, sizeof context, "feedback %llu", (unsigned long long)k->feedback);
    if (sealed.p) good = crypto_open(k->ask.g->keys, KEY_CONTACT, str_of(context), sealed, &phone);
    if (!good) {
        staff_refuse(&k->ask, REFUSE_INTERNAL, NULL, NULL);
    } else {
        text_init(&body, 1024);
        text_addf(&body, "{\"case\":%lld,\"feedback\":%llu,\"contact\":", (long long)db_get_i64(r, 0, 2),
                  (unsigned long long)k->feedback);
        if (phone.n)
            json_put(&body, text_str(&phone));
        else
            text_addz(&body, "null");
        text_addc(&body, '}');
        staff_answer(&k->ask, &body);
    }
    crypto_wipe(phone.p, phone.n);
    text_free(&phone);
}

static void have_contact(void *arg, enum db_end end, const struct db_result *const *results, int n,
                         const struct db_error *error)
{
    struct calling *k = arg;
    struct staff_who who;
    (void)n;
    if (staff_entered(&k->ask, end, results, error, false, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        struct str verdict = db_get_text(r, 0, 0);
        if (str_eq(verdict, STR("shown")))
            answer_contact(k, r);
        else if (str_eq(verdict, STR("recused")))
            staff_refuse(&k->ask, REFUSE_RECUSED, "您来自承办单位，应当回避。",
                         "You come from the unit that handles it.");
        else if (str_eq(verdict, STR("forbidden")))
            staff_refuse(&k->ask, REFUSE_FORBIDDEN, "联系电话只供回访中心拨打回访时查看。",
                         "The number is for the callback centre alone.");
        else
            staff_refuse(&k->ask, REFUSE_CASE_UNKNOWN, "没有这项待回访，或您无权查看。",
                         "There is no such callback due, or you may not see it.");
    }
    free(k);
}

void staff_callback_contact(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct json *doc;
    if (!body_object(a, in, BODY_MAX, &doc)) return;
    struct str reason = str_trim(json_str(json_get(doc, "reason")));
    size_t n = utf8_count(reason);
    if (n < 2 || n > REASON_MAX) {
        reply_problem(a->g, a->ticket, a->lang, REFUSE_ACT_NEEDS,
                      a->lang == LANG_EN ? STR("Say in 2 to 200 characters why you call; it is logged.")
                                         : STR("请用 2 到 200 字写明拨打理由；每次查看都会留痕。"),
                      STR(",\"missing\":[\"reason\"]"), SPAN_US(0));
    } else {
        struct calling *k = MEM_NEW(struct calling);
        *k = (struct calling){*a, id};
        struct db_call *c = staff_call(a, have_contact, k);
        struct db_params *p = db_params_new(&stmt_staff_callback_contact);
        db_put_i64(p, (i64)id);
        db_put_text(p, reason);
        db_call_add(c, &stmt_staff_callback_contact, p);
        if (!staff_go(a, c)) free(k);
    }
    json_free(&doc);
}
