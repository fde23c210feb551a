/* Years of the calendar as the desk shows them, and drafts of them. */
#include "staff_calendar.h"
#include "casework.h"
#include "staff_body.h"
#include "staff_query.h"
#include "metrics.h"
#include "register.h"
#include "staff_rules.h"
#include "base/code.h"
#include "base/utf8.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX   ((size_t)1 << 20)
#define YEARS_MAX    60
#define VERSIONS_MAX 100
#define DRAFTS_MAX   30
#define LATE_MONTH   10 /* next year's arrangement is published from late autumn on */
#define NAME_POINTS  40
#define YEAR_FIRST   2000
#define YEAR_LAST    2200

#define VERSION_COLUMNS                                                                                                       \
    "v.year, v.version, v.imported_at, v.imported_by, v.source, v.note, a.name, c.name, "                                     \
    "(select count(*) from calendar_version_days d where (d.year, d.version) = (v.year, v.version) and d.kind = 'holiday'), " \
    "(select count(*) from calendar_version_days d where (d.year, d.version) = (v.year, v.version) and d.kind = 'workday') "  \
    "from calendar_versions v left join staff a on a.id = v.author_id left join staff c on c.id = v.confirmer_id "
enum { C_YEAR, C_VERSION, C_AT, C_BY, C_SOURCE, C_NOTE, C_AUTHOR, C_CONFIRMER, C_OFF, C_MAKEUP };

static const struct db_stmt stmt_calendar_years = {
    "calendar_years",
    "select " VERSION_COLUMNS
    "join calendar_years y on (y.year, y.version) = (v.year, v.version) order by v.year desc limit $1",
    1,
    {DB_INT4}};
static const struct db_stmt stmt_calendar_versions = {"calendar_versions",
                                                      "select " VERSION_COLUMNS
                                                      "where v.year = $1 order by v.version desc limit $2",
                                                      2,
                                                      {DB_INT4, DB_INT4}};
/* $2 0: the newest. */
static const struct db_stmt stmt_calendar_days = {
    "calendar_days",
    "select to_char(d.day, 'YYYY-MM-DD'), d.kind, d.name, d.version from calendar_version_days d where d.year = $1 and d.version = "
    "case when $2 > 0 then $2 else (select max(v.version) from calendar_versions v where v.year = $1) end order by d.day",
    2,
    {DB_INT4, DB_INT4}};
static const struct db_stmt stmt_calendar_drafts = {
    "calendar_drafts",
    "select d.id, d.year, d.base, d.state, d.source, d.note, d.author_id, a.name, d.made_at, d.settled_at, s.name, d.why, d.version, "
    "d.days from calendar_drafts d join staff a on a.id = d.author_id left join staff s on s.id = d.settled_by where $1 = 0 or d.id = $1 "
    "order by d.state <> 'proposed', d.id desc limit $2",
    2,
    {DB_INT8, DB_INT4}};
enum {
    D_ID,
    D_YEAR,
    D_BASE,
    D_STATE,
    D_SOURCE,
    D_NOTE,
    D_AUTHOR,
    D_NAME,
    D_MADE,
    D_SETTLED,
    D_BY,
    D_WHY,
    D_VERSION,
    D_DAYS
};
const struct db_stmt stmt_calendar_draft_save = {
    "calendar_draft_save",
    "select id, state from calendar_draft_save($1, $2, $3, $4, $5)",
    5,
    {DB_INT4, DB_INT4, DB_JSONB, DB_TEXT, DB_TEXT}};
const struct db_stmt stmt_calendar_draft_step = {"calendar_draft_step",
                                                 "select id, state from calendar_draft_step($1, $2, $3)",
                                                 3,
                                                 {DB_INT8, DB_TEXT, DB_TEXT}};

const struct db_stmt *const calendar_statements[] = {
    &stmt_calendar_years,      &stmt_calendar_versions,   &stmt_calendar_days,    &stmt_calendar_drafts,
    &stmt_calendar_draft_save, &stmt_calendar_draft_step, &stmt_calendar_running, &stmt_calendar_acts,
};
const size_t n_calendar_statements = ARRAY_LEN(calendar_statements);

bool calendar_late(const struct gateway *g)
{
    const struct civil today = civil_from_days(china_day(clock_now()));
    return today.month >= LATE_MONTH && register_ready(g) &&
           !workdays_loaded(register_workdays(g), today.year + 1);
}

/* --- what is wished --- */

static bool refuse_day(const struct staff_ask *a, struct str day, const char *zh, const char *en)
{
    struct text z, e;
    text_init(&z, 400);
    text_init(&e, 400);
    text_addf(&z, "%.*s：%s", (int)MIN(day.n, (size_t)40), day.p, zh);
    text_addf(&e, "%.*s: %s", (int)MIN(day.n, (size_t)40), day.p, en);
    staff_refuse(a, REFUSE_CALENDAR_FAULT, text_z(&z), text_z(&e));
    text_free(&z);
    text_free(&e);
    return false;
}

static bool day_read(const struct staff_ask *a, const struct json *v, int year, struct arena *arena,
                     struct workday_row *row, struct str *name)
{
    const struct str day = json_str(json_get(v, "day")), kind = json_str(json_get(v, "kind"));
    const struct str said = str_trim(json_str(json_get(v, "name")));
    u64 y, m, d;
    if (day.n != 10 || day.p[4] != '-' || day.p[7] != '-' || !str_u64((struct str){day.p, 4}, 9999, &y) ||
        !str_u64((struct str){day.p + 5, 2}, 12, &m) || !str_u64((struct str){day.p + 8, 2}, 31, &d))
        return refuse_day(a, day, "日期应写成 2027-01-01 的样子。", "a day is written as 2027-01-01.");
    row->date = (struct civil){(int)y, (int)m, (int)d};
    row->works = str_eq(kind, STR("workday"));
    if ((int)y != year) return refuse_day(a, day, "不在这一年里。", "this day is not of that year.");
    if (!row->works && !str_eq(kind, STR("holiday")))
        return refuse_day(a, day, "类型应为放假（holiday）或调休上班（workday）。",
                          "kind is holiday or workday.");
    if (said.n == 0 || !utf8_valid(said) || utf8_count(said) > NAME_POINTS)
        return refuse_day(a, day, "请写明节日名称，最多 40 个字。",
                          "the name of the holiday is missing or too long.");
    *name = arena_str(arena, said);
    return name->p != NULL;
}

static int by_date(const void *a, const void *b)
{
    const i64 x = civil_to_days(((const struct workday_row *)a)->date),
              y = civil_to_days(((const struct workday_row *)b)->date);
    return (x > y) - (x < y);
}

/* Names beside sorted rows: by the place of the day in the year. */
static bool days_read(const struct staff_ask *a, const struct json *days, struct arena *arena,
                      struct calendar_wish *w)
{
    const i64 start = civil_to_days((struct civil){w->year, 1, 1});
    struct str of_day[366] = {{0}};
    size_t off = 0;
    for (size_t i = 0; i < w->n; i++) {
        struct str name;
        const struct json *v = json_at(days, i);
        if (!day_read(a, v, w->year, arena, &w->rows[i], &name)) return false;
        struct civil back = civil_from_days(civil_to_days(w->rows[i].date));
        const i64 at = civil_to_days(w->rows[i].date) - start;
        if (back.month != w->rows[i].date.month || back.day != w->rows[i].date.day || at < 0 || at > 365)
            return refuse_day(a, json_str(json_get(v, "day")), "没有这一天。", "there is no such day.");
        if (of_day[at].p)
            return refuse_day(a, json_str(json_get(v, "day")), "写了两次。", "it stands twice.");
        of_day[at] = name;
        off += !w->rows[i].works;
    }
    if (off < WORKDAYS_MIN_DAYS_OFF) {
        staff_refuse(a, REFUSE_CALENDAR_FAULT, "放假不满 11 天，不像一整年的安排，请核对是否录全。",
                     "Fewer than 11 days off: this is not a whole year's arrangement.");
        return false;
    }
    qsort(w->rows, w->n, sizeof *w->rows, by_date);
    for (size_t i = 0; i < w->n; i++) w->names[i] = of_day[civil_to_days(w->rows[i].date) - start];
    return true;
}

/* From the first to the last day that counts otherwise than before. A year that was not loaded differs as a whole. */
static void differing(struct calendar_wish *w)
{
    const i64 start = civil_to_days((struct civil){w->year, 1, 1}),
              end = civil_to_days((struct civil){w->year + 1, 1, 1});
    w->first = end;
    w->last = start - 1;
    for (i64 d = start; d < end; d++) {
        const enum day_kind x = workdays_kind(&w->before, d), y = workdays_kind(&w->after, d);
        const bool was = x == DAY_WORK || x == DAY_MAKEUP, is = y == DAY_WORK || y == DAY_MAKEUP;
        if (x != DAY_UNKNOWN && was == is) continue;
        w->first = MIN(w->first, d);
        w->last = d;
    }
}

bool calendar_wish_read(const struct staff_ask *a, const struct json *doc, struct arena *arena,
                        struct calendar_wish *w_r)
{
    const struct json *days = json_get(doc, "days");
    i64 year = 0;
    size_t bad = 0;
    *w_r = (struct calendar_wish){.n = json_count(days)};
    if (!json_int(json_get(doc, "year"), &year) || year < YEAR_FIRST || year > YEAR_LAST) {
        body_refuse(a, "year");
        return false;
    }
    if (json_kind(days) != JSON_ARRAY || w_r->n == 0 || w_r->n > 366) {
        body_refuse(a, "days");
        return false;
    }
    w_r->year = (int)year;
    w_r->rows = arena_alloc(arena, w_r->n * sizeof *w_r->rows);
    w_r->names = arena_alloc(arena, w_r->n * sizeof *w_r->names);
    if (!w_r->rows || !w_r->names) {
        staff_refuse(a, REFUSE_TOO_BIG, NULL, NULL);
        return false;
    }
    if (!days_read(a, days, arena, w_r)) return false;
    w_r->before = *register_workdays(a->g);
    if (!workdays_with_year(&w_r->before, w_r->year, w_r->rows, w_r->n, &w_r->after, &bad)) {
        char day[16];
        const struct civil c = w_r->rows[bad].date;
        (void)snprintf(day, sizeof day, "%04d-%02d-%02d", c.year, c.month, c.day);
        return refuse_day(a, str_of(day), "周一至周五本来就上班，不能再定为调休上班；或与其他年份相隔太远。",
                          "Monday to Friday are worked anyway; or the year is too far from the others.");
    }
    differing(w_r);
    return true;
}

void calendar_wish_json(const struct calendar_wish *w, struct text *t)
{
    text_addc(t, '[');
    for (size_t i = 0; i < w->n; i++) {
        const struct civil c = w->rows[i].date;
        text_addf(t, "%s{\"day\":\"%04d-%02d-%02d\",\"kind\":\"%s\"", i ? "," : "", c.year, c.month, c.day,
                  w->rows[i].works ? "workday" : "holiday");
        json_put_text(t, "name", w->names[i]);
        text_addc(t, '}');
    }
    text_addc(t, ']');
}

/* --- the desk --- */

static void put_null_text(struct text *t, const char *name, const struct db_result *r, int row, int col)
{
    json_put_text(t, name, db_is_null(r, row, col) ? STR_NONE : db_get_text(r, row, col));
}

static void put_version(const struct db_result *r, int row, struct text *t)
{
    text_addf(t, "{\"year\":%lld,\"version\":%lld", (long long)db_get_i64(r, row, C_YEAR),
              (long long)db_get_i64(r, row, C_VERSION));
    json_put_instant(t, "at", db_get_instant(r, row, C_AT));
    json_put_text(t, "by", db_get_text(r, row, C_BY));
    json_put_text(t, "source", db_get_text(r, row, C_SOURCE));
    json_put_text(t, "note", db_get_text(r, row, C_NOTE));
    put_null_text(t, "author", r, row, C_AUTHOR);
    put_null_text(t, "confirmer", r, row, C_CONFIRMER);
    text_addf(t, ",\"days_off\":%lld,\"makeup\":%lld", (long long)db_get_i64(r, row, C_OFF),
              (long long)db_get_i64(r, row, C_MAKEUP));
}

static void put_draft(const struct db_result *r, int row, const struct staff_who *who, struct text *t)
{
    const struct str state = db_get_text(r, row, D_STATE);
    const bool waits = str_eq(state, STR("proposed")),
               mine = db_get_i64(r, row, D_AUTHOR) == who->actor.staff,
               may = who->actor.roles & CALENDAR_CONFIRMERS;
    const struct staff_offer steps[] = {{"confirm", waits && !mine && may},
                                        {"refuse", waits && !mine && may},
                                        {"withdraw", waits && mine && may}};
    text_addf(t, "{\"id\":%lld,\"year\":%lld,\"base\":%lld", (long long)db_get_i64(r, row, D_ID),
              (long long)db_get_i64(r, row, D_YEAR), (long long)db_get_i64(r, row, D_BASE));
    json_put_text(t, "state", state);
    json_put_text(t, "source", db_get_text(r, row, D_SOURCE));
    json_put_text(t, "note", db_get_text(r, row, D_NOTE));
    text_addf(t, ",\"author\":{\"id\":%lld", (long long)db_get_i64(r, row, D_AUTHOR));
    json_put_text(t, "name", db_get_text(r, row, D_NAME));
    text_addc(t, '}');
    json_put_instant(t, "made_at", db_get_instant(r, row, D_MADE));
    json_put_instant(t, "settled_at", db_get_instant(r, row, D_SETTLED));
    put_null_text(t, "settled_by", r, row, D_BY);
    put_null_text(t, "why", r, row, D_WHY);
    if (db_is_null(r, row, D_VERSION))
        text_addz(t, ",\"version\":null");
    else
        text_addf(t, ",\"version\":%lld", (long long)db_get_i64(r, row, D_VERSION));
    text_addz(t, ",\"days\":");
    text_add(t, db_get_text(r, row, D_DAYS));
    staff_put_steps(steps, ARRAY_LEN(steps), t);
    text_addc(t, '}');
}

static void put_time(const char *name, int minutes, struct text *t)
{
    text_addf(t, ",\"%s\":\"%02d:%02d\"", name, minutes / 60, minutes % 60);
}

static void have_desk(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    (void)n;
    if (draft_entered(a, end, results, error, CALENDAR_READERS, &who)) {
        const struct db_result *years = results[CASEWORK_FIRST], *drafts = results[CASEWORK_FIRST + 1];
        const struct civil today = civil_from_days(china_day(clock_now()));
        struct text t;
        text_init(&t, ANSWER_MAX);
        text_addf(&t, "{\"today\":\"%04d-%02d-%02d\",\"late\":%s,\"may_write\":%s", today.year, today.month,
                  today.day, calendar_late(a->g) ? "true" : "false",
                  who.actor.roles & CALENDAR_WRITERS ? "true" : "false");
        put_time("noon", a->g->cfg.noon, &t);
        put_time("close", a->g->cfg.office_close, &t);
        put_time("day_end", a->g->cfg.day_end, &t);
        text_addz(&t, ",\"years\":[");
        for (int i = 0; i < db_rows(years); i++) {
            if (i) text_addc(&t, ',');
            put_version(years, i, &t);
            text_addf(&t, ",\"working_days\":%d}",
                      register_ready(a->g)
                          ? workdays_in_year(register_workdays(a->g), (int)db_get_i64(years, i, C_YEAR))
                          : -1);
        }
        text_addz(&t, "],\"drafts\":[");
        for (int i = 0; i < db_rows(drafts); i++) {
            if (i) text_addc(&t, ',');
            put_draft(drafts, i, &who, &t);
        }
        text_addz(&t, "]}");
        staff_answer(a, &t);
    }
    free(a);
}

void calendar_desk(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct staff_ask *kept = staff_keep(a);
    (void)in, (void)id;
    struct db_call *c = staff_call(a, have_desk, kept);
    struct db_params *p = db_params_new(&stmt_calendar_years), *d = db_params_new(&stmt_calendar_drafts);
    db_put_i32(p, YEARS_MAX);
    db_call_add(c, &stmt_calendar_years, p);
    db_put_i64(d, 0);
    db_put_i32(d, DRAFTS_MAX);
    db_call_add(c, &stmt_calendar_drafts, d);
    if (!staff_go(a, c)) free(kept);
}

/* --- one year, in one of its versions --- */

static void have_year(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    (void)n;
    if (draft_entered(a, end, results, error, CALENDAR_READERS, &who)) {
        const struct db_result *versions = results[CASEWORK_FIRST], *days = results[CASEWORK_FIRST + 1];
        struct text t;
        text_init(&t, ANSWER_MAX); /* a year that is not loaded has neither */
        text_addf(&t, "{\"version\":%lld,\"versions\":[",
                  db_rows(days) ? (long long)db_get_i64(days, 0, 3) : 0LL);
        for (int i = 0; i < db_rows(versions); i++) {
            if (i) text_addc(&t, ',');
            put_version(versions, i, &t);
            text_addc(&t, '}');
        }
        text_addz(&t, "],\"days\":[");
        for (int i = 0; i < db_rows(days); i++) {
            text_addz(&t, i ? ",{\"day\":" : "{\"day\":");
            json_put(&t, db_get_text(days, i, 0));
            json_put_text(&t, "kind", db_get_text(days, i, 1));
            json_put_text(&t, "name", db_get_text(days, i, 2));
            text_addc(&t, '}');
        }
        text_addz(&t, "]}");
        staff_answer(a, &t);
    }
    free(a);
}

void calendar_year(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    const int year = id <= YEAR_LAST ? (int)id : 0; /* 0: never loaded */
    u64 version = 0;
    if (!query_number(a, in, "version", VERSIONS_MAX * 100, &version)) return;
    struct staff_ask *kept = staff_keep(a);
    struct db_call *c = staff_call(a, have_year, kept);
    struct db_params *p = db_params_new(&stmt_calendar_versions), *d = db_params_new(&stmt_calendar_days);
    db_put_i32(p, year);
    db_put_i32(p, VERSIONS_MAX);
    db_call_add(c, &stmt_calendar_versions, p);
    db_put_i32(d, year);
    db_put_i32(d, (int)version);
    db_call_add(c, &stmt_calendar_days, d);
    if (!staff_go(a, c)) free(kept);
}

/* --- drafts --- */

static void have_draft(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    (void)n;
    if (draft_entered(a, end, results, error, CALENDAR_READERS, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        struct text t;
        if (db_rows(r) == 0) {
            staff_refuse(a, REFUSE_NOT_FOUND, "没有这份草案。", "There is no such draft.");
        } else {
            text_init(&t, ANSWER_MAX);
            put_draft(r, 0, &who, &t);
            staff_answer(a, &t);
        }
    }
    free(a);
}

void calendar_draft_read(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct staff_ask *kept = staff_keep(a);
    (void)in;
    struct db_call *c = staff_call(a, have_draft, kept);
    struct db_params *p = db_params_new(&stmt_calendar_drafts);
    db_put_i64(p, id ? (i64)id : -1);
    db_put_i32(p, 1);
    db_call_add(c, &stmt_calendar_drafts, p);
    if (!staff_go(a, c)) free(kept);
}

static void have_step(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    (void)n;
    if (draft_entered(a, end, results, error, CALENDAR_CONFIRMERS, &who)) {
        COUNT(CALENDAR_STEPS);
        draft_answer(a, results[CASEWORK_FIRST]);
    }
    free(a);
}

void calendar_draft_new(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const known[] = {"year", "days", "source", "note", NULL};
    struct body b;
    (void)id;
    if (!body_open(a, in, known, &b)) return;
    const struct str source = body_text(&b, "source", 2, 200), note = body_text(&b, "note", 0, 400);
    struct calendar_wish *w = MEM_NEW(struct calendar_wish);
    if (!body_good(a, &b)) {
        free(w);
        return;
    }
    if (!register_ready(a->g)) {
        rules_refuse_busy(a);
    } else if (calendar_wish_read(a, b.doc, &b.arena, w)) {
        struct staff_ask *kept = staff_keep(a);
        struct text days;
        text_init(&days, ANSWER_MAX);
        calendar_wish_json(w, &days);
        struct db_call *c = staff_call(a, have_step, kept);
        struct db_params *p = db_params_new(&stmt_calendar_draft_save);
        db_put_i32(p, w->year);
        db_put_i32(p, workdays_version(&w->before, w->year));
        db_put_json(p, text_str(&days));
        db_put_text(p, source);
        db_put_text(p, note.n ? note : STR(""));
        db_call_add(c, &stmt_calendar_draft_save, p);
        text_free(&days);
        if (!staff_go(a, c)) free(kept);
    }
    free(w);
    body_close(&b);
}

void calendar_draft_step(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const known[] = {"step", "why", NULL};
    static const struct choice steps[] = {{"confirm", "生效"}, {"refuse", "不同意"}, {"withdraw", "撤回"}};
    struct body b;
    if (!body_open(a, in, known, &b)) return;
    const int step = body_choice(&b, "step", steps, ARRAY_LEN(steps));
    const struct str why = body_text(&b, "why", !b.wrong && step == 1 ? 2 : 0, 400);
    if (!body_good(a, &b)) return;
    struct staff_ask *kept = staff_keep(a);
    struct db_call *c = staff_call(a, have_step, kept);
    struct db_params *p = db_params_new(&stmt_calendar_draft_step);
    db_put_i64(p, (i64)id);
    db_put_text(p, str_of(steps[step].word));
    db_put_text(p, why.n ? why : STR_NONE);
    db_call_add(c, &stmt_calendar_draft_step, p);
    body_close(&b);
    if (!staff_go(a, c)) free(kept);
}
