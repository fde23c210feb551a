/* 两员监督 (M53): two rosters, two forms, two tracks. A monitor files one return a month, with findings or with 无; each
 * finding is an ordinary case. What an integrity monitor finds is a pressed 举报: confidential from the first moment, seen by
 * 追责问责组 alone, and so is who of that roster has filed. */
#include "finders.h"
#include "staff_query.h"
#include "staff_body.h"
#include "base/code.h"
#include "core/workdays.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST_MAX 2000

static const struct choice tracks[] = {{"business", "营商环境监测员"}, {"integrity", "清廉监测员"}};
enum { TRACK_BUSINESS, TRACK_INTEGRITY };

const struct db_stmt stmt_monitor_add = {"monitor_add",
                                         "select monitor_add($1, $2, $3, $4::text::date, $5::text::date)",
                                         5,
                                         {DB_TEXT, DB_TEXT, DB_TEXT, DB_TEXT, DB_TEXT}};
const struct db_stmt stmt_monitors = {
    "monitors",
    "select m.id, m.track, s.login, m.enterprise, m.term_from::text, m.term_to::text, m.term_from <= $2::text::date and "
    "m.term_to >= $2::text::date from monitors m join staff s on s.id = m.staff_id "
    "where $1::text is null or m.track = $1 order by m.track, m.id limit $3",
    3,
    {DB_TEXT, DB_TEXT, DB_INT4}};
/* The own place on the roster of that track for that month. */
const struct db_stmt stmt_monitor_mine = {
    "monitor_mine",
    "select m.id from monitors m where m.track = $1 and m.staff_id = staff_now() and m.term_from < $2::text::date + interval '1 month' "
    "and m.term_to >= $2::text::date order by m.id desc limit 1",
    2,
    {DB_TEXT, DB_TEXT}};
const struct db_stmt stmt_monitor_file = {
    "monitor_file",
    "insert into monitor_returns (monitor_id, period, staff_id) values ($1, $2, staff_now()) on conflict on constraint "
    "monitor_returns_once do nothing",
    2,
    {DB_INT8, DB_TEXT}};
const struct db_stmt stmt_monitor_returns = {
    "monitor_returns",
    "select m.id, m.track, m.enterprise, s.login, r.filed_at, (select count(*) from findings f where f.return_id = r.id) "
    "from monitors m join staff s on s.id = m.staff_id left join monitor_returns r on r.monitor_id = m.id and r.period = $2 "
    "where ($1::text is null or m.track = $1) and m.term_from < $3::text::date + interval '1 month' and m.term_to >= $3::text::date "
    "order by m.track, m.id limit $4",
    4,
    {DB_TEXT, DB_TEXT, DB_TEXT, DB_INT4}};

/* --- rosters --- */

static void monitor_added(void *arg, enum db_end end, const struct db_result *const *results, int n,
                          const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    struct text body;
    (void)n;
    if (staff_granted(a, end, results, error, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        if (db_is_null(r, 0, 0)) {
            staff_refuse(a, REFUSE_UNKNOWN_FIELD, "此人在该名册上已有重叠的任期。",
                         "This person is on that roster already in a part of the term.");
        } else {
            text_init(&body, 100);
            text_addf(&body, "{\"id\":%lld}", (long long)db_get_i64(r, 0, 0));
            staff_answer(a, &body);
        }
    }
    free(a);
}

void monitor_add(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const known[] = {"track", "login", "enterprise", "from", "to", NULL};
    struct body b;
    (void)id;
    if (!body_open(a, in, known, &b)) return;
    int track = body_choice(&b, "track", tracks, ARRAY_LEN(tracks));
    struct str login = body_text(&b, "login", 1, 40), enterprise = body_text(&b, "enterprise", 1, 100),
               from = body_date(&b, "from", true), to = body_date(&b, "to", true);
    if (!b.wrong && str_cmp(to, from) < 0) b.wrong = "to";
    if (!body_good(a, &b)) return;
    struct db_params *p = db_params_new(&stmt_monitor_add);
    db_put_text(p, str_of(tracks[track].word));
    db_put_text(p, login);
    db_put_text(p, enterprise);
    db_put_text(p, from);
    db_put_text(p, to);
    staff_send(a, &stmt_monitor_add, p, monitor_added);
    body_close(&b);
}

static void have_monitors(void *arg, enum db_end end, const struct db_result *const *results, int n,
                          const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    struct text body;
    (void)n;
    if (staff_granted(a, end, results, error, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        int of[2] = {0, 0};
        text_init(&body, 2u << 20);
        text_addz(&body, "{\"monitors\":[");
        for (int i = 0; i < MIN(db_rows(r), LIST_MAX); i++) {
            struct str track = db_get_text(r, i, 1);
            int t = choice_find(tracks, ARRAY_LEN(tracks), track) == TRACK_INTEGRITY;
            if (db_get_bool(r, i, 6)) of[t]++;
            text_addf(&body, "%s{\"id\":%lld,\"track\":\"%s\",\"label\":\"%s\",\"login\":", i ? "," : "",
                      (long long)db_get_i64(r, i, 0), tracks[t].word, tracks[t].zh);
            json_put(&body, db_get_text(r, i, 2));
            text_addz(&body, ",\"enterprise\":"), json_put(&body, db_get_text(r, i, 3));
            text_addz(&body, ",\"from\":"), json_put(&body, db_get_text(r, i, 4));
            text_addz(&body, ",\"to\":"), json_put(&body, db_get_text(r, i, 5));
            text_addf(&body, ",\"in_term\":%s}", db_get_bool(r, i, 6) ? "true" : "false");
        }
        text_addf(&body, "],\"in_term\":{\"business\":%d,\"integrity\":%d},\"more\":%s}", of[0], of[1],
                  db_rows(r) > LIST_MAX ? "true" : "false");
        staff_answer(a, &body);
    }
    free(a);
}

static void put_day(struct db_params *p, i64 day)
{
    char date[40];
    struct civil c = civil_from_days(day);
    snprintf(date, sizeof date, "%04d-%02d-%02d", c.year, c.month, c.day);
    db_put_text(p, str_of(date));
}

void monitor_list(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    int track;
    (void)id;
    if (!query_choice(a, in, "track", tracks, ARRAY_LEN(tracks), &track)) return;
    struct staff_ask *kept = staff_keep(a);
    struct db_call *c = staff_call(a, have_monitors, kept);
    struct db_params *p = db_params_new(&stmt_monitors);
    db_put_text(p, track < 0 ? STR_NONE : str_of(tracks[track].word));
    put_day(p, china_day(clock_now()));
    db_put_i32(p, LIST_MAX + 1);
    db_call_add(c, &stmt_monitors, p);
    if (!staff_go(a, c)) free(kept);
}

/* --- months --- */

/* "2026-03" -> months since year 0; false when it is none. */
static bool month_of(struct str s, i64 *month_r)
{
    u64 y, m;
    if (s.n != 7 || s.p[4] != '-' || !str_u64((struct str){s.p, 4}, 2099, &y) ||
        !str_u64((struct str){s.p + 5, 2}, 12, &m) || y < 2000 || m < 1)
        return false;
    *month_r = (i64)(y * 12 + m - 1);
    return true;
}

static i64 this_month(void)
{
    struct civil c = civil_from_days(china_day(clock_now()));
    return (i64)c.year * 12 + c.month - 1;
}

static void put_first_day(struct db_params *p, i64 month)
{
    put_day(p, civil_to_days((struct civil){(int)(month / 12), (int)(month % 12) + 1, 1}));
}

/* --- a return --- */

struct filing {
    struct staff_ask ask;
    char key[129], period[8];
    int track;
    struct body body;
    struct finding f; /* text: .p NULL is 无 */
};

static void filing_free(struct filing *w)
{
    body_close(&w->body);
    free(w);
}

static void filed_finding(void *arg, const struct finding_result *r)
{
    struct filing *w = arg;
    struct text body;
    if (!r->answered) {
        text_init(&body, 64 * 1024);
        text_addf(&body, "{\"track\":\"%s\",\"period\":\"%s\",", tracks[w->track].word, w->period);
        finding_answer(&w->ask, r, &body);
    }
    filing_free(w);
}

static void filed_nothing(void *arg, enum db_end end, const struct db_result *const *results, int n,
                          const struct db_error *error)
{
    struct filing *w = arg;
    struct staff_who who;
    struct text body;
    (void)n;
    if (staff_granted(&w->ask, end, results, error, &who)) {
        bool fresh = db_affected(results[CASEWORK_FIRST]) == 1;
        text_init(&body, 200);
        text_addf(&body, "{\"track\":\"%s\",\"period\":\"%s\",\"number\":null,\"repeated\":%s}",
                  tracks[w->track].word, w->period, fresh ? "false" : "true");
        staff_answer_status(&w->ask, fresh ? 201 : 200, &body);
    }
    filing_free(w);
}

static void have_mine(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct filing *w = arg;
    struct staff_who who;
    (void)n;
    if (!staff_granted(&w->ask, end, results, error, &who)) {
        filing_free(w);
        return;
    }
    if (!(who.actor.roles & ROLE_BIT(ROLE_MONITOR)) || db_rows(results[CASEWORK_FIRST]) == 0) {
        staff_refuse(&w->ask, REFUSE_FORBIDDEN, "您不在该名册上，或该月不在任期内。",
                     "You are not on that roster in that month.");
        filing_free(w);
        return;
    }
    w->f.source_id = db_get_i64(results[CASEWORK_FIRST], 0, 0);
    if (w->f.text.p) {
        finding_bring(&w->ask, &w->f, filed_finding, w);
        return;
    }
    struct db_call *c = staff_call(&w->ask, filed_nothing, w);
    struct db_params *p = db_params_new(&stmt_monitor_file);
    db_put_i64(p, w->f.source_id);
    db_put_text(p, str_of(w->period));
    db_call_add(c, &stmt_monitor_file, p);
    if (!staff_go(&w->ask, c)) filing_free(w);
}

void monitor_return(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const known[] = {"track", "period", "text", NULL};
    struct body b;
    i64 month = 0;
    (void)id;
    if (!body_open(a, in, known, &b)) return;
    int track = body_choice(&b, "track", tracks, ARRAY_LEN(tracks));
    struct str period = body_text(&b, "period", 7, 7),
               text = body_text(&b, "text", 1, SUBMISSION_TEXT_POINTS);
    if (!b.wrong && (!month_of(period, &month) || month > this_month())) b.wrong = "period";
    if (!body_good(a, &b)) return;
    struct filing *w = MEM_NEW(struct filing);
    *w = (struct filing){.ask = *a, .track = track, .body = b};
    memcpy(w->period, period.p, 7);
    w->f = (struct finding){.source = "monitor",
                            .door = DOOR_MONITOR,
                            .nature = track == TRACK_INTEGRITY ? NATURE_REPORT : NATURE_SUPERVISE,
                            .period = str_of(w->period),
                            .text = str_eq(text, STR("无")) ? STR_NONE : text};
    if (!body_key(a, in, w->key)) {
        filing_free(w);
        return;
    }
    w->f.key = str_of(w->key);
    struct db_call *c = staff_call(a, have_mine, w);
    struct db_params *p = db_params_new(&stmt_monitor_mine);
    db_put_text(p, str_of(tracks[track].word));
    put_first_day(p, month);
    db_call_add(c, &stmt_monitor_mine, p);
    if (!staff_go(a, c)) filing_free(w);
}

/* --- who has filed, and who has not --- */

static void put_monitor(const struct db_result *r, int row, struct text *t)
{
    text_addf(t, "{\"monitor\":%lld,\"track\":", (long long)db_get_i64(r, row, 0));
    json_put(t, db_get_text(r, row, 1));
    text_addz(t, ",\"enterprise\":"), json_put(t, db_get_text(r, row, 2));
    text_addz(t, ",\"login\":"), json_put(t, db_get_text(r, row, 3));
}

static void have_returns(void *arg, enum db_end end, const struct db_result *const *results, int n,
                         const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    struct text body;
    (void)n;
    if (staff_granted(a, end, results, error, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        int rows = MIN(db_rows(r), LIST_MAX), filed = 0;
        text_init(&body, 2u << 20);
        text_addz(&body, "{\"filed\":[");
        for (int i = 0; i < rows; i++) {
            if (db_is_null(r, i, 4)) continue;
            if (filed++) text_addc(&body, ',');
            put_monitor(r, i, &body);
            json_put_instant(&body, "filed_at", db_get_instant(r, i, 4));
            text_addf(&body, ",\"findings\":%lld}", (long long)db_get_i64(r, i, 5));
        }
        text_addz(&body, "],\"missing\":[");
        for (int i = 0, missing = 0; i < rows; i++) {
            if (!db_is_null(r, i, 4)) continue;
            if (missing++) text_addc(&body, ',');
            put_monitor(r, i, &body);
            text_addc(&body, '}');
        }
        text_addf(&body, "],\"monitors\":%d,\"returns\":%d,\"more\":%s}", rows, filed,
                  db_rows(r) > LIST_MAX ? "true" : "false");
        staff_answer(a, &body);
    }
    free(a);
}

void monitor_returns(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct text t;
    bool bad = false;
    int track;
    i64 month = this_month();
    (void)id;
    if (!query_choice(a, in, "track", tracks, ARRAY_LEN(tracks), &track)) return;
    text_init(&t, 20);
    if ((query_param(in, "period", &t, &bad) && !bad && !month_of(text_str(&t), &month)) || bad) {
        body_refuse(a, "period");
        text_free(&t);
        return;
    }
    text_free(&t);
    char period[24];
    snprintf(period, sizeof period, "%04d-%02d", (int)(month / 12), (int)(month % 12) + 1);
    struct staff_ask *kept = staff_keep(a);
    struct db_call *c = staff_call(a, have_returns, kept);
    struct db_params *p = db_params_new(&stmt_monitor_returns);
    db_put_text(p, track < 0 ? STR_NONE : str_of(tracks[track].word));
    db_put_text(p, str_of(period));
    put_first_day(p, month);
    db_put_i32(p, LIST_MAX + 1);
    db_call_add(c, &stmt_monitor_returns, p);
    if (!staff_go(a, c)) free(kept);
}
