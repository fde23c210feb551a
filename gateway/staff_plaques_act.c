/* What the desk does to plaques: issue, one step on one of them, settle an alarm. */
#include "staff_plaques.h"
#include "casework.h"
#include "staff_body.h"
#include "register.h"
#include "base/code.h"
#include "qr/plaque.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WINDOWS_MAX 50
#define ISSUED_MAX  500
#define WHY_MAX     500

const struct db_stmt stmt_plaque_issue = {"plaque_issue",
                                          "select i.number, i.unit_id from plaques_issue($1, $2, $3, $4) i",
                                          4,
                                          {DB_INT4S, DB_TEXTS, DB_TEXT, DB_TEXT}};
const struct db_stmt stmt_plaque_step = {
    "plaque_step",
    "select plaque_step($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    9,
    {DB_TEXT, DB_TEXT, DB_TEXT, DB_TEXT, DB_TEXT, DB_FLOAT8, DB_FLOAT8, DB_INT8, DB_TEXT}};
const struct db_stmt stmt_plaque_settle = {
    "plaque_settle", "select plaque_alarm_settle($1, $2)", 2, {DB_INT8, DB_TEXT}};

struct plaque_ask {
    struct staff_ask ask;
    char number[24];
};
static struct plaque_ask *keep(const struct staff_ask *a, u64 number)
{
    struct plaque_ask *q = MEM_NEW(struct plaque_ask);
    q->ask = *a;
    snprintf(q->number, sizeof q->number, "%llu", (unsigned long long)number);
    return q;
}

/* --- issue --- */

static void issued(void *arg, enum db_end end, const struct db_result *const *results, int n,
                   const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    struct text body;
    (void)n;
    if (plaque_entered(a, end, results, error, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        text_init(&body, 1u << 20);
        text_addz(&body, "{\"issued\":[");
        for (int i = 0; i < db_rows(r); i++) {
            text_addz(&body, i ? ",{\"number\":" : "{\"number\":");
            json_put(&body, db_get_text(r, i, 0));
            text_addz(&body, ",\"unit\":");
            register_unit_json(a->g, db_get_i64(r, i, 1), &body);
            text_addc(&body, '}');
        }
        text_addz(&body, "]}");
        staff_answer_status(a, 201, &body);
    }
    free(a);
}

/* One line, one window; none: one plaque for the unit itself. */
static size_t windows_of(struct body *b, struct str windows[WINDOWS_MAX])
{
    size_t n = 0;
    struct str rest = body_text(b, "windows", 0, 2000), line;
    while (rest.n) {
        str_cut(rest, '\n', &line, &rest);
        line = str_trim(line);
        if (line.n == 0) continue;
        if (n == WINDOWS_MAX) {
            b->wrong = "windows";
            break;
        }
        windows[n++] = line;
    }
    if (n == 0) windows[n++] = STR("");
    return n;
}

void plaque_issue(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const known[] = {"unit", "windows", "all", "state", "why", NULL};
    static const struct choice states[] = {{"issued", "制发"}, {"active", "在用"}};
    struct body b;
    struct str windows[WINDOWS_MAX];
    (void)id;
    if (!body_open(a, in, known, &b)) return;
    const bool all = json_bool(json_get(b.doc, "all"));
    const i64 unit = body_number(&b, "unit", !all, INT32_MAX);
    const struct unit *u = unit ? register_unit(a->g, (int)unit) : NULL;
    if (unit && (!u || u->retired)) b.wrong = "unit";
    const size_t n = windows_of(&b, windows);
    const int state = json_get(b.doc, "state") ? body_choice(&b, "state", states, ARRAY_LEN(states)) : 0;
    struct str why = body_text(&b, "why", 0, WHY_MAX);
    if (!body_good(a, &b)) return;
    struct staff_ask *kept = staff_keep(a);
    struct db_call *c = staff_call(a, issued, kept);
    struct db_params *p = db_params_new(&stmt_plaque_issue);
    if (all) {
        db_put_null(p);
        db_put_null(p);
    } else {
        db_array_begin(p, DB_INT4, n);
        for (size_t i = 0; i < n; i++) db_put_i32(p, (int)unit);
        db_array_end(p);
        db_array_begin(p, DB_TEXT, n);
        for (size_t i = 0; i < n; i++) db_put_text(p, windows[i]);
        db_array_end(p);
    }
    db_put_text(p, str_of(states[state].word));
    db_put_text(p, why);
    db_call_add(c, &stmt_plaque_issue, p);
    if (!staff_go(a, c)) free(kept);
    body_close(&b);
}

/* --- one step --- */

static void stepped(void *arg, enum db_end end, const struct db_result *const *results, int n,
                    const struct db_error *error)
{
    struct plaque_ask *q = arg;
    struct staff_who who;
    (void)n;
    if (plaque_entered(&q->ask, end, results, error, &who)) plaque_send(&q->ask, str_of(q->number));
    free(q);
}

static bool degrees(struct body *b, const char *name, double max, double *v_r)
{
    const struct json *v = json_get(b->doc, name);
    *v_r = 0;
    if (!v || json_kind(v) == JSON_NULL) return false;
    if (!json_double(v, v_r) || !(*v_r >= -max && *v_r <= max)) b->wrong = name;
    return true;
}

void plaque_step(const struct staff_ask *a, const struct http_in *in, u64 number)
{
    static const char *const known[] = {"act", "why",   "result",    "place", "lat",
                                        "lon", "photo", "successor", NULL};
    static const struct choice acts[] = {{"activate", "启用"}, {"place", "上墙"},     {"inspect", "巡检"},
                                         {"report", "报损"},   {"replace", "换牌"},   {"retire", "停用"},
                                         {"void", "作废"},     {"revoke", "旧码作废"}};
    enum { ACTIVATE, PLACE, INSPECT, REPORT, REPLACE, RETIRE, VOID, REVOKE };
    static const struct choice results[] = {{"present", "完好"},
                                            {"damaged", "损坏"},
                                            {"missing", "缺失"},
                                            {"covered", "被其他码遮盖"},
                                            {"wrong_place", "位置不对"}};
    struct body b;
    struct str result = STR_NONE;
    double lat, lon;
    if (!body_open(a, in, known, &b)) return;
    const int act = body_choice(&b, "act", acts, ARRAY_LEN(acts));
    const bool reasoned = act == RETIRE || act == VOID || act == REVOKE || act == REPLACE;
    struct str why = body_text(&b, "why", reasoned ? 2 : 0, WHY_MAX);
    if (act == INSPECT || act == REPORT) {
        const int at = body_choice(&b, "result", results, ARRAY_LEN(results));
        if (act == REPORT && at != 1 && at != 2) b.wrong = "result";
        result = str_of(results[at].word);
    }
    struct str place = body_text(&b, "place", act == PLACE ? 2 : 0, 200);
    const bool has_lat = degrees(&b, "lat", 90, &lat), has_lon = degrees(&b, "lon", 180, &lon);
    if (has_lat != has_lon) b.wrong = "lat";
    const i64 photo = body_number(&b, "photo", false, INT64_MAX);
    struct str successor = body_text(&b, "successor", 0, 20);
    if (!body_good(a, &b)) return;
    struct plaque_ask *q = keep(a, number);
    struct db_call *c = staff_call(a, stepped, q);
    struct db_params *p = db_params_new(&stmt_plaque_step);
    db_put_text(p, str_of(q->number));
    db_put_text(p, str_of(acts[act].word));
    db_put_text(p, why);
    db_put_text(p, result);
    db_put_text(p, place);
    if (has_lat) {
        db_put_f64(p, lat);
        db_put_f64(p, lon);
    } else {
        db_put_null(p);
        db_put_null(p);
    }
    if (photo)
        db_put_i64(p, photo);
    else
        db_put_null(p);
    db_put_text(p, successor);
    db_call_add(c, &stmt_plaque_step, p);
    if (!staff_go(a, c)) free(q);
    body_close(&b);
}

/* --- an alarm --- */

static void settled(void *arg, enum db_end end, const struct db_result *const *results, int n,
                    const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    (void)n;
    if (plaque_entered(a, end, results, error, &who)) {
        if (!db_get_bool(results[CASEWORK_FIRST], 0, 0)) {
            staff_refuse(a, REFUSE_NOT_FOUND, "没有这条告警，或已经办结。",
                         "There is no such alarm, or it is settled.");
        } else {
            struct text body;
            text_init(&body, 64);
            text_addz(&body, "{\"settled\":true}");
            staff_answer(a, &body);
        }
    }
    free(a);
}

void plaque_settle(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const known[] = {"note", NULL};
    struct body b;
    if (!body_open(a, in, known, &b)) return;
    struct str note = body_text(&b, "note", 2, 300);
    if (!body_good(a, &b)) return;
    struct db_params *p = db_params_new(&stmt_plaque_settle);
    db_put_i64(p, (i64)id);
    db_put_text(p, note);
    staff_send(a, &stmt_plaque_settle, p, settled);
    body_close(&b);
}
