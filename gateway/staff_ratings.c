/* 评价: every rating with the four steps that it went through (生成、归集、分析、反馈, M02), and per window how many were counted, by
 * level, how many are marked and why, and of how many finished matters how many were rated (M05). Row-level security decides whose;
 * a rating that opened a held or confidential case is seen by nobody who may not see the case. */
#include "staff_ratings.h"
#include "casework.h"
#include "staff_query.h"
#include "register.h"
#include "base/code.h"
#include "core/rating.h"
#include <stdlib.h>
#include <string.h>

#define LIST_MAX 100

static const struct choice kinds[] = {
    {"once", "现场一次一评"}, {"matter", "网上一事一评"}, {"open", "扫码自愿评价"}};
static const struct choice yes[] = {{"1", "是"}};
static const struct choice levels[] = {
    {"1", "非常不满意"}, {"2", "不满意"}, {"3", "基本满意"}, {"4", "满意"}, {"5", "非常满意"}};

const struct db_stmt stmt_staff_ratings = {
    "staff_ratings",
    "select r.feedback_id, r.at, r.unit_id, r.plaque, coalesce(p.window_name, ''), r.kind, r.channel, r.level, "
    "array_to_string(array(select coalesce((select q.zh from rating_reasons q where q.code = x and q.valid_from <= r.at::date "
    "  order by q.valid_from desc limit 1), x) from unnest(r.reasons) as x), ','), "
    "r.consent, r.counted, array_to_string(r.marks, ','), case when r.spoken then rating_words(r.feedback_id) end, r.case_id, "
    "s.finished_at, s.prompted_at, c.id, c.state, c.replied_at, c.closed_at "
    "from ratings r left join plaques p on p.number = r.plaque left join services s on s.id = r.service_id "
    "left join cases c on c.id = r.case_id "
    "where r.at >= $1 and r.at < $2 and ($3::integer is null or r.unit_id = $3) and ($4::text is null or r.plaque = $4) "
    "and ($5::integer is null or r.level = $5) and (not $6 or r.level <= 2) and (not $7 or not r.counted) "
    "and ($8::text is null or r.kind = $8) and r.feedback_id < coalesce($9, 9223372036854775807) "
    "order by r.feedback_id desc limit $10",
    10,
    {DB_TIMESTAMPTZ, DB_TIMESTAMPTZ, DB_INT4, DB_TEXT, DB_INT4, DB_BOOL, DB_BOOL, DB_TEXT, DB_INT8, DB_INT4}};
/* A window that finished matters and has no rating stands there as well: that is what the rate is about. */
const struct db_stmt stmt_staff_rating_figures = {
    "staff_rating_figures",
    "with r as (select r.unit_id, r.plaque, count(*) filter (where r.counted) as counted, count(*) filter (where not r.counted) as marked, "
    "  count(*) filter (where r.counted and r.level = 1) as l1, count(*) filter (where r.counted and r.level = 2) as l2, "
    "  count(*) filter (where r.counted and r.level = 3) as l3, count(*) filter (where r.counted and r.level = 4) as l4, "
    "  count(*) filter (where r.counted and r.level = 5) as l5 from ratings r "
    "  where r.at >= $1 and r.at < $2 and r.plaque is not null and ($3::integer is null or r.unit_id = $3) group by 1, 2), "
    "s as (select s.unit_id, s.plaque, count(*) as finished, count(q.feedback_id) filter (where q.counted) as rated "
    "  from services s left join ratings q on q.service_id = s.id "
    "  where s.finished_at >= $1 and s.finished_at < $2 and ($3::integer is null or s.unit_id = $3) group by 1, 2) "
    "select coalesce(r.unit_id, s.unit_id), coalesce(r.plaque, s.plaque), coalesce(p.window_name, ''), coalesce(r.counted, 0), "
    "coalesce(r.l1, 0), coalesce(r.l2, 0), coalesce(r.l3, 0), coalesce(r.l4, 0), coalesce(r.l5, 0), coalesce(r.marked, 0), "
    "coalesce(s.finished, 0), coalesce(s.rated, 0) from r full join s on s.plaque = r.plaque and s.unit_id = r.unit_id "
    "left join plaques p on p.number = coalesce(r.plaque, s.plaque) order by 1, 2 limit 2000",
    3,
    {DB_TIMESTAMPTZ, DB_TIMESTAMPTZ, DB_INT4}};

static void put_list(const char *name, struct str joined, struct text *t)
{
    struct str one;
    text_addf(t, ",\"%s\":[", name);
    for (bool first = true; joined.n; first = false) {
        str_cut(joined, ',', &one, &joined);
        if (!first) text_addc(t, ',');
        json_put(t, one);
    }
    text_addc(t, ']');
}

static void put_marks(enum lang lang, struct str joined, struct text *t)
{
    struct str one;
    text_addz(t, ",\"marks\":[");
    for (bool first = true; joined.n; first = false) {
        str_cut(joined, ',', &one, &joined);
        const struct rating_mark *m = rating_mark(one);
        text_addz(t, first ? "{\"mark\":" : ",{\"mark\":");
        json_put(t, one);
        text_addz(t, ",\"why\":");
        json_put(t, m ? str_of(lang == LANG_EN ? m->en : m->zh) : one);
        text_addc(t, '}');
    }
    text_addc(t, ']');
}

/* 生成、归集、分析、反馈: when each left its trace; of a step that is still owed the time is null. */
static void put_steps(const struct db_result *r, int i, struct text *t)
{
    const instant at = db_get_instant(r, i, 1), finished = db_get_instant(r, i, 14),
                  prompted = db_get_instant(r, i, 15), replied = db_get_instant(r, i, 18),
                  closed = db_get_instant(r, i, 19);
    const bool opened = !db_is_null(r, i, 13);
    const struct {
        const char *step;
        instant at;
        const char *how;
    } steps[] = {
        {"generated", finished.us ? finished : at,
         prompted.us   ? "tablet"
         : finished.us ? "link"
                       : "form"},
        {"collected", at, "stored"},
        {"analysed", at, db_get_bool(r, i, 10) ? "counted" : "marked"},
        /* Without a case the unit sees it from the moment it is stored; a case goes back with its answer. */
        {"returned", opened ? (closed.us ? closed : replied) : at, opened ? "case" : "unit"},
    };
    text_addz(t, ",\"steps\":[");
    for (size_t s = 0; s < ARRAY_LEN(steps); s++) {
        text_addf(t, "%s{\"step\":\"%s\",\"how\":\"%s\"", s ? "," : "", steps[s].step, steps[s].how);
        json_put_instant(t, "at", steps[s].at);
        text_addc(t, '}');
    }
    text_addc(t, ']');
}

static void have_ratings(void *arg, enum db_end end, const struct db_result *const *results, int n,
                         const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    struct text t;
    (void)n;
    if (rating_entered(a, end, results, error, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        text_init(&t, 4u << 20);
        text_addz(&t, "{\"ratings\":[");
        for (int i = 0; i < MIN(db_rows(r), LIST_MAX); i++) {
            const struct str kind = db_get_text(r, i, 5);
            text_addf(&t, "%s{\"id\":\"%lld\"", i ? "," : "", (long long)db_get_i64(r, i, 0));
            json_put_instant(&t, "at", db_get_instant(r, i, 1));
            text_addz(&t, ",\"unit\":"),
                register_unit_json_at(a->g, db_get_i64(r, i, 2), db_get_instant(r, i, 1), &t);
            json_put_text(&t, "plaque", db_get_text(r, i, 3));
            json_put_text(&t, "window", db_get_text(r, i, 4));
            json_put_text(&t, "kind", kind);
            text_addf(&t, ",\"kind_label\":\"%s\"", choice_chinese(kinds, ARRAY_LEN(kinds), kind));
            json_put_text(&t, "channel", db_get_text(r, i, 6));
            text_addf(&t, ",\"level\":%lld,\"label\":\"%s\"", (long long)db_get_i64(r, i, 7),
                      levels[MAX(1, MIN(5, db_get_i64(r, i, 7))) - 1].zh);
            put_list("reasons", db_get_text(r, i, 8), &t);
            text_addf(&t, ",\"consent\":%s,\"counted\":%s", db_get_bool(r, i, 9) ? "true" : "false",
                      db_get_bool(r, i, 10) ? "true" : "false");
            put_marks(a->lang, db_get_text(r, i, 11), &t);
            json_put_text(&t, "words", db_get_text(r, i, 12));
            if (db_is_null(r, i, 16)) /* no case, or one that is not for this person's eyes */
                text_addz(&t, ",\"case\":null");
            else
                text_addf(&t, ",\"case\":%lld", (long long)db_get_i64(r, i, 16));
            json_put_text(&t, "state", db_get_text(r, i, 17));
            put_steps(r, i, &t);
            text_addc(&t, '}');
        }
        text_addf(&t, "],\"more\":%s}", db_rows(r) > LIST_MAX ? "true" : "false");
        staff_answer(a, &t);
    }
    free(a);
}

static void put_number(struct db_params *p, u64 v)
{
    if (v)
        db_put_i32(p, (int)v);
    else
        db_put_null(p);
}

void staff_ratings(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    instant from, to;
    u64 unit = 0, plaque = 0, before = 0;
    int level, low, marked, kind;
    (void)id;
    if (!query_range(a, in, &from, &to) || !query_number(a, in, "unit", INT32_MAX, &unit) ||
        !query_number(a, in, "plaque", 999999999, &plaque) ||
        !query_number(a, in, "before", INT64_MAX, &before) ||
        !query_choice(a, in, "level", levels, ARRAY_LEN(levels), &level) ||
        !query_choice(a, in, "low", yes, ARRAY_LEN(yes), &low) ||
        !query_choice(a, in, "marked", yes, ARRAY_LEN(yes), &marked) ||
        !query_choice(a, in, "kind", kinds, ARRAY_LEN(kinds), &kind))
        return;
    struct staff_ask *kept = staff_keep(a);
    struct text number;
    struct db_call *c = staff_call(a, have_ratings, kept);
    struct db_params *p = db_params_new(&stmt_staff_ratings);
    db_put_instant(p, from);
    db_put_instant(p, to);
    put_number(p, unit);
    text_init(&number, 24);
    text_addf(&number, "%llu", (unsigned long long)plaque);
    db_put_text(p, plaque ? text_str(&number) : STR_NONE);
    text_free(&number);
    put_number(p, level < 0 ? 0 : (u64)level + 1);
    db_put_bool(p, low >= 0);
    db_put_bool(p, marked >= 0);
    db_put_text(p, kind < 0 ? STR_NONE : str_of(kinds[kind].word));
    if (before)
        db_put_i64(p, (i64)before);
    else
        db_put_null(p);
    db_put_i32(p, LIST_MAX + 1);
    db_call_add(c, &stmt_staff_ratings, p);
    if (!staff_go(a, c)) free(kept);
}

/* --- figures --- */

static void put_rate(i64 part, i64 whole, struct text *t)
{
    if (whole)
        text_addf(t, ",\"rate\":%.4f", (double)part / (double)whole);
    else
        text_addz(t, ",\"rate\":null");
}

static void have_figures(void *arg, enum db_end end, const struct db_result *const *results, int n,
                         const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    struct text t;
    (void)n;
    if (rating_entered(a, end, results, error, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        i64 sum[9] = {0};
        text_init(&t, 2u << 20);
        text_addz(&t, "{\"windows\":[");
        for (int i = 0; i < db_rows(r); i++) {
            i64 v[9];
            for (int k = 0; k < 9; k++) sum[k] += v[k] = db_get_i64(r, i, 3 + k);
            const i64 low = v[1] + v[2];
            text_addz(&t, i ? ",{\"unit\":" : "{\"unit\":"),
                register_unit_json(a->g, db_get_i64(r, i, 0), &t);
            json_put_text(&t, "plaque", db_get_text(r, i, 1));
            json_put_text(&t, "window", db_get_text(r, i, 2));
            text_addf(&t,
                      ",\"counted\":%lld,\"levels\":[%lld,%lld,%lld,%lld,%lld],\"low\":%lld,\"marked\":%lld,"
                      "\"finished\":%lld,\"rated\":%lld",
                      (long long)v[0], (long long)v[1], (long long)v[2], (long long)v[3], (long long)v[4],
                      (long long)v[5], (long long)low, (long long)v[6], (long long)v[7], (long long)v[8]);
            put_rate(v[8], v[7], &t);
            text_addc(&t, '}');
        }
        const i64 all_low = sum[1] + sum[2];
        text_addf(
            &t,
            "],\"all\":{\"counted\":%lld,\"levels\":[%lld,%lld,%lld,%lld,%lld],\"low\":%lld,\"marked\":%lld,"
            "\"finished\":%lld,\"rated\":%lld",
            (long long)sum[0], (long long)sum[1], (long long)sum[2], (long long)sum[3], (long long)sum[4],
            (long long)sum[5], (long long)all_low, (long long)sum[6], (long long)sum[7], (long long)sum[8]);
        put_rate(sum[8], sum[7], &t);
        text_addz(&t, "},\"formula\":");
        json_put(&t,
                 a->lang == LANG_EN
                     ? STR("rate = finished matters that have a counted rating ÷ finished matters; marked "
                           "ratings are kept and shown, and left out")
                     : STR("主动评价率 = 已有计入评价的办结事项 ÷ 办结事项；有标记的评价保留、可查，不计入"));
        text_addc(&t, '}');
        staff_answer(a, &t);
    }
    free(a);
}

void staff_rating_figures(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    instant from, to;
    u64 unit = 0;
    (void)id;
    if (!query_range(a, in, &from, &to) || !query_number(a, in, "unit", INT32_MAX, &unit)) return;
    struct staff_ask *kept = staff_keep(a);
    struct db_call *c = staff_call(a, have_figures, kept);
    struct db_params *p = db_params_new(&stmt_staff_rating_figures);
    db_put_instant(p, from);
    db_put_instant(p, to);
    put_number(p, unit);
    db_call_add(c, &stmt_staff_rating_figures, p);
    if (!staff_go(a, c)) free(kept);
}
