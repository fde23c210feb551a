/* POST /imports: a list from elsewhere as CSV, judged row by row. With dry_run=1 nothing is stored and every row says what
 * would become of it; without, each good row goes through intake like any other feedback, once per source and external
 * number, and a bad one is named with its line and its reason. Sending the same file again adds nothing and makes up for what
 * a broken connection left undone. */
#include "staff_import_part.h"
#include "finders.h"
#include "staff_query.h"
#include "staff_body.h"
#include "intake.h"
#include "metrics.h"
#include "base/code.h"
#include "base/utf8.h"
#include <stdlib.h>

#define AT_ONCE   64 /* rows on their way; the rest waits its turn behind citizens and staff */
#define RUNS_MAX  2  /* imports at one time, of this process */
#define ARENA_MAX ((size_t)48 << 20)

const struct db_stmt stmt_import_link = {
    "import_link",
    "select import_link($1, $2, $3, $4, $5, $6, $7, $8)",
    8,
    {DB_INT4, DB_INT4, DB_INT4, DB_INT4, DB_INT8S, DB_INT8S, DB_INT4S, DB_TEXTS}};
/* Of these, what the person may see: a number that is hidden elsewhere is not told here either (P4). */
const struct db_stmt stmt_import_seen = {
    "import_seen", "select c.id from cases c where c.id = any ($1) order by c.id", 1, {DB_INT8S}};

static int runs;

static void run_free(struct import_run *w)
{
    runs--;
    arena_free(&w->arena);
    free(w->rows);
    free(w);
}

/* --- the answer --- */

static void put_row(const struct import_run *w, const struct import_row *r, struct text *t)
{
    static const char *const words[] = {"ok", "refused", "stored", "repeated"};
    text_addf(t, "{\"line\":%zu,\"number\":", r->line);
    json_put(t, utf8_valid(r->f[COLUMN_NUMBER]) && r->f[COLUMN_NUMBER].n ? r->f[COLUMN_NUMBER] : STR(""));
    text_addf(t, ",\"result\":\"%s\",\"reason\":", words[r->state]);
    if (r->why)
        json_put(t, str_of(r->why));
    else
        text_addz(t, "null");
    if (r->case_id && !w->dry)
        text_addf(t, ",\"case\":%llu}", (unsigned long long)r->case_id);
    else
        text_addz(t, ",\"case\":null}");
}

static size_t count_rows(const struct import_run *w, enum row_state state)
{
    size_t n = 0;
    for (size_t i = 0; i < w->n; i++) n += w->rows[i].state == state;
    return n;
}

static void run_answer(struct import_run *w, i64 import)
{
    struct text body;
    text_init(&body, 4u << 20);
    text_addf(&body, "{\"dry_run\":%s,\"import\":", w->dry ? "true" : "false");
    if (import)
        text_addf(&body, "%lld", (long long)import);
    else
        text_addz(&body, "null");
    text_addf(&body, ",\"rows\":%zu,\"good\":%zu,\"stored\":%zu,\"repeated\":%zu,\"refused\":%zu,\"lines\":[",
              w->n, count_rows(w, ROW_GOOD), count_rows(w, ROW_STORED), count_rows(w, ROW_REPEATED),
              count_rows(w, ROW_WRONG));
    for (size_t i = 0; i < w->n; i++) {
        if (i) text_addc(&body, ',');
        put_row(w, &w->rows[i], &body);
    }
    text_addz(&body, "]}");
    staff_answer(&w->ask, &body);
}

/* --- the dry run: which rows are there already --- */

static void have_repeats(void *arg, enum db_end end, const struct db_result *const *results, int n,
                         const struct db_error *error)
{
    struct import_run *w = arg;
    (void)n;
    if (end != DB_OK) {
        staff_db_refuse(&w->ask, end, error);
    } else {
        for (int i = 0; i < db_rows(results[0]); i++) {
            struct import_row *r = &w->rows[db_get_i64(results[0], i, 0)];
            r->state = ROW_REPEATED;
            r->why = "此前已导入，不会重复登记。";
        }
        run_answer(w, 0);
    }
    run_free(w);
}

static void ask_repeats(struct import_run *w)
{
    const size_t n = count_rows(w, ROW_GOOD);
    struct db_call *c = db_call_new(have_repeats, w);
    struct db_params *p = db_params_new(&stmt_intake_repeats);
#define GOOD_ROWS(type, put)                                                                                 \
    do {                                                                                                     \
        db_array_begin(p, type, n);                                                                          \
        for (size_t i = 0; i < w->n; i++)                                                                    \
            if (w->rows[i].state == ROW_GOOD) put;                                                           \
        db_array_end(p);                                                                                     \
    } while (0)
    GOOD_ROWS(DB_INT4, db_put_i32(p, (int)i));
    GOOD_ROWS(DB_TEXT, db_put_text(p, STR("import")));
    GOOD_ROWS(DB_TEXT, db_put_text(p, STR("import")));
    GOOD_ROWS(DB_TEXT, db_put_text(p, w->rows[i].key));
    db_call_add(c, &stmt_intake_repeats, p);
    if (db_call_send(w->ask.g->lane_public, c)) return;
    staff_refuse(&w->ask, REFUSE_UNAVAILABLE, NULL, NULL);
    run_free(w);
}

/* --- the real run --- */

static void pump(struct import_run *w);

static int by_id(const void *key, const void *one)
{
    const i64 a = *(const i64 *)key, b = *(const i64 *)one;
    return a < b ? -1 : a > b;
}

static void hide_unseen(struct import_run *w, const struct db_result *r)
{
    const size_t n = (size_t)db_rows(r);
    i64 *seen = mem_alloc((n + 1) * sizeof *seen); /* at most IMPORT_ROWS_MAX */
    for (size_t i = 0; i < n; i++) seen[i] = db_get_i64(r, (int)i, 0);
    for (size_t i = 0; i < w->n; i++) {
        struct import_row *row = &w->rows[i];
        const i64 id = (i64)row->case_id;
        if (!id || bsearch(&id, seen, n, sizeof *seen, by_id)) continue;
        row->case_id = 0;
        if (row->state == ROW_STORED) row->why = "已按保密件登记，由追责问责组受理。";
    }
    free(seen);
}

static void have_linked(void *arg, enum db_end end, const struct db_result *const *results, int n,
                        const struct db_error *error)
{
    struct import_run *w = arg;
    struct staff_who who;
    (void)n;
    if (staff_granted(&w->ask, end, results, error, &who)) {
        count_add(COUNT_IMPORT_ROWS, count_rows(w, ROW_STORED));
        hide_unseen(w, results[CASEWORK_FIRST + 1]);
        run_answer(w, db_get_i64(results[CASEWORK_FIRST], 0, 0));
    }
    run_free(w);
}

static bool has_case(const struct import_row *r)
{
    return r->case_id && (r->state == ROW_STORED || r->state == ROW_REPEATED);
}

static void link_rows(struct import_run *w)
{
    size_t n = 0;
    for (size_t i = 0; i < w->n; i++) n += has_case(&w->rows[i]);
    struct db_call *c = staff_call(&w->ask, have_linked, w);
    struct db_params *p = db_params_new(&stmt_import_link);
    db_put_i32(p, (int)w->n);
    db_put_i32(p, (int)count_rows(w, ROW_STORED));
    db_put_i32(p, (int)count_rows(w, ROW_REPEATED));
    db_put_i32(p, (int)count_rows(w, ROW_WRONG));
#define LINKED_ROWS(type, put)                                                                               \
    do {                                                                                                     \
        db_array_begin(p, type, n);                                                                          \
        for (size_t i = 0; i < w->n; i++)                                                                    \
            if (has_case(&w->rows[i])) put;                                                                  \
        db_array_end(p);                                                                                     \
    } while (0)
    LINKED_ROWS(DB_INT8, db_put_i64(p, (i64)w->rows[i].feedback_id));
    LINKED_ROWS(DB_INT8, db_put_i64(p, (i64)w->rows[i].case_id));
    LINKED_ROWS(DB_INT4, db_put_i32(p, (int)w->rows[i].line));
    LINKED_ROWS(DB_TEXT,
                db_put_text(p, w->rows[i].f[COLUMN_RAISED_BY].n ? w->rows[i].f[COLUMN_RAISED_BY] : STR("")));
    db_call_add(c, &stmt_import_link, p);
    p = db_params_new(&stmt_import_seen);
    LINKED_ROWS(DB_INT8, db_put_i64(p, (i64)w->rows[i].case_id));
    db_call_add(c, &stmt_import_seen, p);
    if (!staff_go(&w->ask, c)) run_free(w);
}

static void row_done(struct import_row *r)
{
    struct import_run *w = r->run;
    w->out--;
    pump(w);
}

static void row_assigned(void *arg, const struct casework_result *result)
{
    struct import_row *r = arg;
    /* A repeated row may long be on its way: then somebody has assigned it, and that stands. */
    if (result->refusal == REFUSE_UNAVAILABLE)
        r->run->cut_short = true;
    else if (result->refusal != REFUSE_NONE && r->state == ROW_STORED)
        r->why = "已登记；未能按所填单位交办，请到办件页办理。";
    row_done(r);
}

static void row_stored(void *arg, const struct intake_result *result)
{
    struct import_row *r = arg;
    struct import_run *w = r->run;
    if (result->refusal != REFUSE_NONE) {
        r->state = ROW_WRONG;
        r->why = result->refusal == REFUSE_KEY_REUSED ? "此前已用这个外部编号导入过不同的内容。"
                                                      : refusal_facts(result->refusal)->zh;
        w->cut_short |= result->refusal == REFUSE_UNAVAILABLE;
        row_done(r);
        return;
    }
    r->state = result->repeated ? ROW_REPEATED : ROW_STORED;
    r->feedback_id = result->feedback_id;
    r->case_id = result->case_id;
    if (r->unit && r->case_id) {
        const struct act_request req = {.act = ACT_ASSIGN,
                                        .now = clock_now(),
                                        .expected_version = 1, /* as intake opens it */
                                        .unit = r->unit,
                                        .reason = STR("按导入清单所列承办单位交办")};
        casework_act(w->ask.g, &w->ask.session, r->case_id, &req, r->f[COLUMN_CATEGORY], row_assigned, r);
    } else {
        row_done(r);
    }
}

static void row_submit(struct import_row *r)
{
    const struct submission s = {.door = DOOR_IMPORT,
                                 .provider = STR("import"),
                                 .external_id = r->f[COLUMN_NUMBER],
                                 .dedupe_key = r->key,
                                 .contact = r->f[COLUMN_CONTACT],
                                 .text = r->f[COLUMN_TEXT],
                                 .sent_at = r->sent,
                                 .found = true,
                                 .by_hand = r->unit != 0};
    r->run->out++;
    intake_submit(r->run->ask.g, &s, false, row_stored, r);
}

/* Keeps AT_ONCE rows on their way; intake may answer before submit returns, so this is entered again from below itself. */
static void pump(struct import_run *w)
{
    if (w->pumping) return;
    w->pumping = true;
    while (w->out < AT_ONCE && w->next < w->n && !w->cut_short) {
        struct import_row *r = &w->rows[w->next++];
        if (r->state != ROW_GOOD) continue;
        if (instant_before(clock_monotonic(), w->until)) {
            row_submit(r);
        } else {
            r->state = ROW_WRONG;
            r->why = "本次没有来得及处理，请再次导入同一文件；已保存的行不会重复。";
        }
    }
    w->pumping = false;
    if (w->out > 0) return;
    if (!w->cut_short) {
        link_rows(w);
        return;
    }
    /* Nothing is said to be stored that may not be: the same file again tells. */
    staff_refuse(&w->ask, REFUSE_UNAVAILABLE,
                 "导入中断，部分行可能已保存；请稍后重新导入同一文件，已保存的行不会重复。",
                 "The import was cut short; send the same file again, what is stored is not stored twice.");
    run_free(w);
}

/* --- the door --- */

static void may_import(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct import_run *w = arg;
    struct staff_who who;
    (void)n;
    if (!staff_granted(&w->ask, end, results, error, &who)) {
        run_free(w);
        return;
    }
    bool coordinator = who.actor.roles & ROLE_BIT(ROLE_COORDINATOR);
    if (!coordinator && (!(who.actor.roles & ROLE_BIT(ROLE_REGISTRY)) || w->assigns)) {
        staff_refuse(&w->ask, REFUSE_FORBIDDEN, w->assigns ? "指定承办单位的清单须由统筹协调组导入。" : NULL,
                     w->assigns ? "Only the coordinators import a list that names units." : NULL);
        run_free(w);
    } else if (w->dry) {
        ask_repeats(w);
    } else {
        pump(w);
    }
}

void import_rows(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct str type, rest;
    struct text dry;
    bool bad = false;
    (void)id;
    str_cut(http_header_get(in, STR("content-type")), ';', &type, &rest);
    if (!str_eq_case(str_trim(type), STR("text/csv"))) {
        staff_refuse(a, REFUSE_UNSUPPORTED_TYPE, "请以 text/csv 发送 CSV 文件。",
                     "Send a CSV file as text/csv.");
        return;
    }
    text_init(&dry, 8);
    bool asked = query_param(in, "dry_run", &dry, &bad), is_dry = str_eq(text_str(&dry), STR("1"));
    bool known = !asked || is_dry || str_eq(text_str(&dry), STR("0"));
    text_free(&dry);
    if (bad || !known) {
        body_refuse(a, "dry_run");
        return;
    }
    if (runs >= RUNS_MAX) {
        reply_problem(a->g, a->ticket, a->lang, REFUSE_TOO_MANY, STR_NONE, STR_NONE, SPAN_S(5));
        return;
    }
    struct import_run *w = MEM_NEW(struct import_run);
    *w = (struct import_run){.ask = *a, .dry = is_dry};
    /* Answered in time whatever the machine is doing: a list that names units takes milliseconds a row. */
    w->until = instant_add(clock_monotonic(), SPAN_US(a->g->cfg.answer_deadline.us / 2));
    arena_init(&w->arena, ARENA_MAX);
    runs++;
    if (!import_read(w, in->body)) {
        run_free(w);
        return;
    }
    struct db_call *c = staff_call(a, may_import, w);
    if (!staff_go(a, c)) run_free(w);
}
