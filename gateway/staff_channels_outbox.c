/* The outbox as the administrator sees it: what waits, what was given up and why, and what to do about it; sending again and giving
 * up for good. Neither numbers nor words nor cases: the functions of schema/0013_outbox.sql tell none. */
#include "staff_channels_part.h"
#include "staff_query.h"
#include "staff_body.h"
#include "outbox.h"
#include "register.h"
#include "base/code.h"
#include <stdlib.h>
#include <string.h>

#define LIMIT_DEFAULT 50
#define LIMIT_MAX     100
#define AT_ONCE       1000 /* messages of one change: the list's own ceiling */
#define ANSWER_MAX    ((size_t)1 << 20)
#define REASON_MAX    200 /* characters */
#define HOURS_MAX     87600

/* The guard is judged before the functions, which raise for everybody but administrators, are called. */
/* clang-format off */
const struct db_stmt stmt_staff_outbox = {
    "staff_outbox",
    "select * from outbox_list($1, $2, make_interval(secs => $3), $4, $5, $6, $7) where i_am('{admin}')",
    7,
    {DB_TEXTS, DB_TEXT, DB_FLOAT8, DB_INT8, DB_INT4, DB_TEXT, DB_TEXT}};
/* What a change would find: state, whether the words are still there, how many. */
const struct db_stmt stmt_staff_outbox_preview = {
    "staff_outbox_preview",
    "select l.state, l.kept, count(*) from outbox_list($1, $2, make_interval(secs => $3), null, 1000, $4, $5) l where i_am('{admin}') group by 1, 2",
    5,
    {DB_TEXTS, DB_TEXT, DB_FLOAT8, DB_TEXT, DB_TEXT}};
const struct db_stmt stmt_staff_outbox_redrive = {
    "staff_outbox_redrive",
    "select r.said, count(*), 0::bigint from outbox_redrive($1, $2, $3, $4) r where i_am('{admin}') group by 1",
    4,
    {DB_INT8S, DB_BOOL, DB_TEXT, DB_TEXT}};
const struct db_stmt stmt_staff_outbox_drop = {
    "staff_outbox_drop",
    "select r.said, count(*), 0::bigint from outbox_drop($1, $2) r where i_am('{admin}') group by 1",
    2,
    {DB_INT8S, DB_TEXT}};
/* All that a filter finds, when it still finds as many as the person was told; else nothing is done, and the one row says how many
 * there are now. */
#define FOUND \
    "with f as (select count(l.id) as n, coalesce(array_agg(l.id), '{}') as ids " \
    "from outbox_list($1, $2, make_interval(secs => $3), null, 1000, $4, $5) l where i_am('{admin}')) " \
    "select r.said, count(r.id), f.n from f left join lateral "
#define AS_TOLD "case when f.n = $6 then f.ids else '{}' end"
const struct db_stmt stmt_staff_outbox_redrive_found = {
    "staff_outbox_redrive_found",
    FOUND "outbox_redrive(" AS_TOLD ", $7, $8, $9) r on true where i_am('{admin}') group by 1, 3",
    9,
    {DB_TEXTS, DB_TEXT, DB_FLOAT8, DB_TEXT, DB_TEXT, DB_INT8, DB_BOOL, DB_TEXT, DB_TEXT}};
const struct db_stmt stmt_staff_outbox_drop_found = {
    "staff_outbox_drop_found",
    FOUND "outbox_drop(" AS_TOLD ", $7) r on true where i_am('{admin}') group by 1, 3",
    7,
    {DB_TEXTS, DB_TEXT, DB_FLOAT8, DB_TEXT, DB_TEXT, DB_INT8, DB_TEXT}};
/* clang-format on */

/* What both the list and a change are narrowed by; words empty or none: not at all. */
struct found {
    struct str states, channel, purpose, event;
    i64 hours; /* without a change */
};

static void put_found(struct db_params *p, const struct found *f)
{
    channels_put_words(p, f->states);
    db_put_text(p, f->channel);
    if (f->hours)
        db_put_f64(p, (double)f->hours * 3600);
    else
        db_put_null(p);
}

/* --- the list --- */

struct listing {
    struct staff_ask ask;
    int limit;
};

static const char *yes(bool is) { return is ? "true" : "false"; }

static void put_message(const struct staff_ask *a, const struct db_result *r, int i, struct text *t)
{
    const struct str state = db_get_text(r, i, OUTBOX_STATE), cause = db_get_text(r, i, OUTBOX_CAUSE);
    const bool decide = db_get_bool(r, i, OUTBOX_DECIDE), kept = db_get_bool(r, i, OUTBOX_KEPT);
    text_addf(t, "%s{\"id\":%lld", i ? "," : "", (long long)db_get_i64(r, i, OUTBOX_ID));
    json_put_text(t, "state", state);
    json_put_text(t, "channel", db_get_text(r, i, OUTBOX_CHANNEL));
    json_put_text(t, "first_channel", db_get_text(r, i, OUTBOX_FIRST_CHANNEL));
    json_put_text(t, "purpose", db_get_text(r, i, OUTBOX_PURPOSE));
    json_put_text(t, "event", db_get_text(r, i, OUTBOX_EVENT));
    text_addf(t, ",\"decide\":%s,\"kept\":%s,\"urgent\":%s,\"tries\":%lld,\"redriven\":%lld", yes(decide),
              yes(kept), yes(db_get_bool(r, i, OUTBOX_URGENT)), (long long)db_get_i64(r, i, OUTBOX_TRIES),
              (long long)db_get_i64(r, i, OUTBOX_REDRIVEN));
    json_put_instant(t, "created_at", db_get_instant(r, i, OUTBOX_CREATED));
    json_put_instant(t, "due_at", db_get_instant(r, i, OUTBOX_DUE));
    json_put_instant(t, "changed_at", db_get_instant(r, i, OUTBOX_CHANGED));
    json_put_text(t, "cause", cause);
    channels_put_sentence(a, "error", db_get_text(r, i, OUTBOX_ERROR), t);
    json_put_text(t, "code", db_get_text(r, i, OUTBOX_CODE));
    json_put_text(t, "provider_id", db_get_text(r, i, OUTBOX_PROVIDER_ID));
    json_put_text(t, "advice", str_of(outbox_advice(state, cause, decide, kept, a->lang != LANG_EN)));
    text_addc(t, '}');
}

static void put_counts(const struct db_result *r, struct text *t)
{
    text_addz(t, ",\"counts\":[");
    for (int i = 0; i < db_rows(r); i++) {
        text_addz(t, i ? ",{\"channel\":" : "{\"channel\":");
        json_put(t, db_get_text(r, i, 0));
        json_put_text(t, "state", db_get_text(r, i, 1));
        text_addf(t, ",\"n\":%lld,\"decide\":%lld", (long long)db_get_i64(r, i, 2),
                  (long long)db_get_i64(r, i, 4));
        json_put_instant(t, "oldest", db_get_instant(r, i, 3));
        text_addc(t, '}');
    }
    text_addc(t, ']');
}

static void have_list(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct listing *q = arg;
    struct text body;
    (void)n;
    if (channels_entered(&q->ask, end, results, error)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        const int shown = MIN(db_rows(r), q->limit);
        text_init(&body, ANSWER_MAX);
        text_addz(&body, "{\"messages\":[");
        for (int i = 0; i < shown; i++) put_message(&q->ask, r, i, &body);
        channels_put_next(r, q->limit, OUTBOX_ID, &body);
        put_counts(results[CASEWORK_FIRST + 1], &body);
        text_addf(&body, ",\"seq\":%llu}", (unsigned long long)q->ask.seq);
        staff_answer(&q->ask, &body);
    }
    free(q);
}

static void list_send(const struct staff_ask *a, const struct found *f, i64 before, i64 limit)
{
    struct listing *q = MEM_NEW(struct listing);
    *q = (struct listing){*a, (int)limit};
    struct db_call *c = staff_call(a, have_list, q);
    struct db_params *p = db_params_new(&stmt_staff_outbox);
    put_found(p, f);
    if (before)
        db_put_i64(p, before);
    else
        db_put_null(p);
    db_put_i32(p, (int)limit + 1); /* one more tells whether there is a next page */
    db_put_text(p, f->purpose);
    db_put_text(p, f->event);
    db_call_add(c, &stmt_staff_outbox, p);
    db_call_add(c, &stmt_staff_channel_counts, db_params_new(&stmt_staff_channel_counts));
    if (!staff_go(a, c)) free(q);
}

void staff_outbox(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct arena arena;
    const char *bad = NULL;
    (void)id;
    arena_init(&arena, 4096);
    const struct found f = {.states = channels_word(in, "state", true, &arena, &bad),
                            .channel = channels_word(in, "channel", false, &arena, &bad),
                            .purpose = channels_word(in, "purpose", false, &arena, &bad),
                            .event = channels_word(in, "event", false, &arena, &bad),
                            .hours = channels_number(in, "older_hours", HOURS_MAX, 0, &bad)};
    const i64 before = channels_number(in, "before", INT64_MAX, 0, &bad),
              limit = channels_number(in, "limit", LIMIT_MAX, LIMIT_DEFAULT, &bad);
    if (limit == 0) bad = "limit";
    if (bad)
        query_refuse(a, bad);
    else
        list_send(a, &f, before, limit);
    arena_free(&arena);
}

/* --- sending again, giving up --- */

struct change {
    struct staff_ask ask;
    bool drop, even_unknown;
    i64 told; /* by filter: how many the person was told of; -1: by ids */
};

/* What a body asks for; views into it. */
struct wanted {
    struct found found;
    const struct json *ids; /* NULL: by filter */
    struct str through, reason;
    bool even_unknown, preview;
    i64 told;
};

/* Those that a change can do anything about, in words of the answer. */
static bool changeable(struct str state, bool kept, const struct change *k)
{
    if (k->drop)
        return str_eq(state, STR("due")) || str_eq(state, STR("dead")) || str_eq(state, STR("failed")) ||
               str_eq(state, STR("unknown"));
    return kept && (str_eq(state, STR("dead")) || str_eq(state, STR("failed")) ||
                    (str_eq(state, STR("unknown")) && k->even_unknown));
}

static void have_preview(void *arg, enum db_end end, const struct db_result *const *results, int n,
                         const struct db_error *error)
{
    struct change *k = arg;
    (void)n;
    if (channels_entered(&k->ask, end, results, error)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        i64 matched = 0, unknown = 0, empty = 0, possible = 0;
        struct text body;
        for (int i = 0; i < db_rows(r); i++) {
            const struct str state = db_get_text(r, i, 0);
            const bool kept = db_get_bool(r, i, 1);
            const i64 count = db_get_i64(r, i, 2);
            matched += count;
            if (changeable(state, kept, k))
                possible += count;
            else if (!k->drop && str_eq(state, STR("unknown")) && !k->even_unknown)
                unknown += count;
            else if (!k->drop && !kept)
                empty += count;
        }
        text_init(&body, 500);
        text_addf(
            &body,
            "{\"preview\":true,\"matched\":%lld,\"done\":%lld,\"not\":{\"gone\":0,\"unknown\":%lld,\"empty\":%lld,\"state\":%lld},\"most\":%d}",
            (long long)matched, (long long)possible, (long long)unknown, (long long)empty,
            (long long)(matched - possible - unknown - empty), AT_ONCE);
        staff_answer(&k->ask, &body);
    }
    free(k);
}

static void have_change(void *arg, enum db_end end, const struct db_result *const *results, int n,
                        const struct db_error *error)
{
    static const char *const why_not[] = {"gone", "unknown", "empty", "state"};
    struct change *k = arg;
    i64 of[ARRAY_LEN(why_not)] = {0}, matched = 0, done = 0, now = 0;
    struct text body;
    (void)n;
    if (!channels_entered(&k->ask, end, results, error)) {
        free(k);
        return;
    }
    const struct db_result *r = results[CASEWORK_FIRST];
    for (int i = 0; i < db_rows(r); i++) {
        const struct str said = db_get_text(r, i, 0);
        now = db_get_i64(r, i, 2);
        matched += db_get_i64(r, i, 1);
        if (str_eq(said, STR("due")) || str_eq(said, STR("dropped"))) done += db_get_i64(r, i, 1);
        for (size_t w = 0; w < ARRAY_LEN(why_not); w++)
            if (str_eq(said, str_of(why_not[w]))) of[w] += db_get_i64(r, i, 1);
    }
    if (k->told >= 0 && k->told != now) {
        staff_refuse(&k->ask, REFUSE_OUTBOX_CHANGED, NULL, NULL);
    } else {
        if (!k->drop && done) outbox_wake(k->ask.g);
        text_init(&body, 500);
        text_addf(&body, "{\"preview\":false,\"matched\":%lld,\"done\":%lld,\"not\":{", (long long)matched,
                  (long long)done);
        for (size_t w = 0; w < ARRAY_LEN(why_not); w++)
            text_addf(&body, "%s\"%s\":%lld", w ? "," : "", why_not[w], (long long)of[w]);
        text_addf(&body, "},\"most\":%d}", AT_ONCE);
        staff_answer(&k->ask, &body);
    }
    free(k);
}

static struct str filter_word(const struct json *filter, const char *name, bool many, const char **bad)
{
    const struct json *v = json_get(filter, name);
    const struct str word = json_str(v);
    if (!v || json_kind(v) == JSON_NULL || (word.p && word.n == 0)) return STR_NONE;
    if (channels_word_good(word, many)) return word;
    *bad = name;
    return STR_NONE;
}

static void wanted_filter(const struct json *doc, struct wanted *w, const char **bad)
{
    const struct json *filter = json_get(doc, "filter"), *hours = json_get(filter, "older_hours");
    w->found = (struct found){.states = filter_word(filter, "state", true, bad),
                              .channel = filter_word(filter, "channel", false, bad),
                              .purpose = filter_word(filter, "purpose", false, bad),
                              .event = filter_word(filter, "event", false, bad)};
    if (hours && json_kind(hours) != JSON_NULL &&
        (!json_int(hours, &w->found.hours) || w->found.hours < 0 || w->found.hours > HOURS_MAX))
        *bad = "older_hours";
    if (!w->found.states.n) *bad = "state"; /* never simply all */
    if (!w->preview && (!json_int(json_get(doc, "expected"), &w->told) || w->told < 1 || w->told > AT_ONCE))
        *bad = "expected";
}

static void wanted_ids(struct wanted *w, const char **bad)
{
    const size_t n = json_count(w->ids);
    i64 id;
    if (json_kind(w->ids) != JSON_ARRAY || n == 0 || n > AT_ONCE) *bad = "ids";
    for (size_t i = 0; i < n; i++)
        if (!json_int(json_at(w->ids, i), &id) || id < 1) *bad = "ids";
    w->told = -1;
}

/* The channel that is to send it instead: one that can. */
static bool through_good(const struct gateway *g, struct str name)
{
    const struct channel_row *row = register_ready(g) ? register_channel(g, name) : NULL;
    return row && channel_sends(row->adapter, &row->ch);
}

static bool wanted_read(const struct staff_ask *a, struct body *b, bool drop, struct wanted *w)
{
    const char *bad = NULL;
    *w = (struct wanted){.ids = json_get(b->doc, "ids"),
                         .even_unknown = json_bool(json_get(b->doc, "even_unknown")),
                         .preview = json_bool(json_get(b->doc, "preview"))};
    w->through = body_text(b, "through", 0, 40);
    w->reason = body_text(b, "reason", 0, REASON_MAX);
    if (w->ids)
        wanted_ids(w, &bad);
    else
        wanted_filter(b->doc, w, &bad);
    if (w->ids && (w->preview || json_get(b->doc, "filter"))) bad = "ids";
    if (w->through.n && !through_good(a->g, w->through)) bad = "through";
    if (!b->wrong) b->wrong = bad;
    if (!body_good(a, b)) return false;
    if (w->preview || !(drop || w->even_unknown) || w->reason.n) return true;
    body_close(b);
    reply_problem(a->g, a->ticket, a->lang, REFUSE_ACT_NEEDS,
                  a->lang == LANG_EN
                      ? STR("Say in up to 200 characters why; it is logged.")
                      : STR("请用不超过 200 字写明理由，会记入审计日志；不要写电话号码或群众的话。"),
                  STR(",\"missing\":[\"reason\"]"), SPAN_US(0));
    return false;
}

static void put_ids(struct db_params *p, const struct json *ids)
{
    i64 id = 0;
    db_array_begin(p, DB_INT8, json_count(ids));
    for (size_t i = 0; i < json_count(ids); i++)
        if (json_int(json_at(ids, i), &id)) db_put_i64(p, id);
    db_array_end(p);
}

static void add_change(struct db_call *c, const struct wanted *w, bool drop)
{
    const struct db_stmt *s = w->preview ? &stmt_staff_outbox_preview
                              : w->ids   ? (drop ? &stmt_staff_outbox_drop : &stmt_staff_outbox_redrive)
                              : drop     ? &stmt_staff_outbox_drop_found
                                         : &stmt_staff_outbox_redrive_found;
    struct db_params *p = db_params_new(s);
    if (w->ids) {
        put_ids(p, w->ids);
    } else {
        put_found(p, &w->found);
        db_put_text(p, w->found.purpose);
        db_put_text(p, w->found.event);
        if (!w->preview) db_put_i64(p, w->told);
    }
    if (!drop && !w->preview) {
        db_put_bool(p, w->even_unknown);
        db_put_text(p, w->through.n ? w->through : STR_NONE);
    }
    if (!w->preview) db_put_text(p, w->reason.n ? w->reason : STR_NONE);
    db_call_add(c, s, p);
}

static void change_send(const struct staff_ask *a, const struct http_in *in, bool drop)
{
    static const char *const known[] = {"ids",     "filter", "expected", "even_unknown",
                                        "through", "reason", "preview",  NULL};
    struct body b;
    struct wanted w;
    if (!body_open(a, in, known, &b)) return;
    if (!wanted_read(a, &b, drop, &w)) return;
    struct change *k = MEM_NEW(struct change);
    *k = (struct change){*a, drop, w.even_unknown, w.told};
    struct db_call *c = staff_call(a, w.preview ? have_preview : have_change, k);
    add_change(c, &w, drop);
    if (!staff_go(a, c)) free(k);
    body_close(&b);
}

void staff_outbox_redrive(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    (void)id;
    change_send(a, in, false);
}
void staff_outbox_drop(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    (void)id;
    change_send(a, in, true);
}
