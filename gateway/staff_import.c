/* POST /imports: a list from elsewhere as CSV, judged row by row. With dry_run=1 nothing is stored and every row says what
 * would become of it; without, each good row goes through intake like any other feedback, once per source and external
 * number, and a bad one is named with its line and its reason. Sending the same file again adds nothing and makes up for what
 * a broken connection left undone. */
#include "finders.h"
#include "intake.h"
#include "metrics.h"
#include "register.h"
#include "base/code.h"
#include "base/utf8.h"
#include "core/csv.h"
#include "core/workdays.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX  2000
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

/* clang-format off */
#define COLUMNS(X) \
    X(NUMBER, "number", "外部编号", true) X(SOURCE, "source", "来源", true) X(TEXT, "text", "内容", true) \
    X(UNIT, "unit", "单位代码", false) X(CATEGORY, "category", "事项分类", false) X(RAISED_BY, "raised_by", "反映主体", false) \
    X(DATE, "date", "日期", false) X(CONTACT, "contact", "联系电话", false)
/* clang-format on */
enum column {
#define X(id, word, zh, needed) COLUMN_##id,
    COLUMNS(X)
#undef X
        COLUMNS_N
};
static const struct {
    const char *word, *zh;
    bool needed;
} columns[COLUMNS_N] = {
#define X(id, word, zh, needed) {word, zh, needed},
    COLUMNS(X)
#undef X
};

enum row_state { ROW_GOOD, ROW_WRONG, ROW_STORED, ROW_REPEATED };
struct import_run;
struct import_row {
    struct import_run *run;
    size_t line;
    struct str f[COLUMNS_N];
    struct str key;  /* source and number */
    const char *why; /* Chinese: why it is wrong, or what is amiss although it was stored */
    i64 unit;
    instant sent;
    enum row_state state;
    u64 feedback_id, case_id;
};
struct import_run {
    struct staff_ask ask;
    struct arena arena;
    struct import_row *rows;
    size_t n, next, out;
    bool dry, assigns, cut_short, pumping;
    instant until; /* by the monotonic clock: what has not begun by then is left for the next time */
};
static int runs;

static void run_free(struct import_run *w)
{
    runs--;
    arena_free(&w->arena);
    free(w->rows);
    free(w);
}

/* --- reading --- */

/* Where each of our columns stands; NULL, or the Chinese name of the one that is missing or not known. */
static const char *columns_read(const struct csv *c, size_t at[COLUMNS_N])
{
    size_t known = 0;
    for (int i = 0; i < COLUMNS_N; i++) {
        at[i] = csv_column(c, str_of(columns[i].word));
        if (at[i] == SIZE_MAX) at[i] = csv_column(c, str_of(columns[i].zh));
        if (at[i] == SIZE_MAX && columns[i].needed) return columns[i].zh;
        known += at[i] != SIZE_MAX;
    }
    return known == c->n_columns ? NULL : "?";
}

static bool plain_key(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '!' || s.p[i] > '~') return false;
    return s.n >= 1 && s.n <= 60;
}

/* Why a row cannot be taken, in Chinese; NULL when it can. */
static const char *row_judge(struct gateway *g, struct import_row *r)
{
    char phone[PHONE_MAX];
    if (!plain_key(r->f[COLUMN_NUMBER])) return "外部编号应为 1 到 60 个字母、数字或符号。";
    if (r->f[COLUMN_SOURCE].n == 0 || utf8_count(r->f[COLUMN_SOURCE]) > 30) return "来源应为 1 到 30 个字。";
    if (r->f[COLUMN_TEXT].n == 0) return "内容为空。";
    if (utf8_count(r->f[COLUMN_TEXT]) > SUBMISSION_TEXT_POINTS) return "内容超过 5000 字。";
    if (utf8_count(r->f[COLUMN_RAISED_BY]) > SUBMISSION_NAME_MAX) return "反映主体超过 100 字。";
    if (r->f[COLUMN_CONTACT].n && !phone_normalise(r->f[COLUMN_CONTACT], phone)) return "联系电话格式有误。";
    if (r->f[COLUMN_DATE].n) {
        if (!staff_instant_parse(r->f[COLUMN_DATE], &r->sent)) return "日期应写作 2026-03-18。";
        if (r->f[COLUMN_DATE].n == 10) r->sent.us -= SPAN_H(24).us; /* that day, from its 00:00 */
        if (instant_before(clock_now(), r->sent)) return "日期在今天之后。";
    }
    if (r->f[COLUMN_UNIT].n) {
        const struct unit *u = register_unit_code(g, r->f[COLUMN_UNIT]);
        if (u && str_eq(u->kind, STR("station"))) u = register_unit(g, u->parent_id);
        if (!u || u->retired) return "没有这个单位代码，或该单位已撤并。";
        r->unit = u->id;
    }
    if (r->f[COLUMN_CATEGORY].n) {
        const struct category *cat = register_category(g, r->f[COLUMN_CATEGORY]);
        if (!cat || r->f[COLUMN_CATEGORY].n != 4) return "没有这个事项分类。";
        if (!r->unit) return "填写事项分类时须同时填写单位代码。";
    }
    return NULL;
}

static bool row_key(struct import_run *w, struct import_row *r)
{
    struct text t;
    text_init(&t, SUBMISSION_KEY_MAX);
    text_addz(&t, "import:");
    text_add(&t, r->f[COLUMN_SOURCE]);
    text_addc(&t, ':');
    text_add(&t, r->f[COLUMN_NUMBER]);
    bool good = !t.overflow;
    r->key = arena_str(&w->arena, text_str(&t));
    text_free(&t);
    return good && r->key.p;
}

struct key_of {
    struct str key;
    struct import_row *row;
};

static int by_key(const void *a, const void *b)
{
    const struct key_of *x = a, *y = b;
    int c = str_cmp(x->key, y->key);
    return c ? c : x->row->line < y->row->line ? -1 : x->row->line > y->row->line;
}

/* A number that stands twice: the first row counts. */
static void mark_doubles(struct import_run *w)
{
    struct key_of *sorted = mem_alloc((w->n + 1) * sizeof *sorted); /* at most ROWS_MAX */
    size_t n = 0;
    for (size_t i = 0; i < w->n; i++)
        if (w->rows[i].state == ROW_GOOD) sorted[n++] = (struct key_of){w->rows[i].key, &w->rows[i]};
    qsort(sorted, n, sizeof *sorted, by_key);
    for (size_t i = 1; i < n; i++) {
        if (!str_eq(sorted[i].key, sorted[i - 1].key)) continue;
        sorted[i].row->state = ROW_WRONG;
        sorted[i].row->why = "同一来源的外部编号在文件中重复出现。";
    }
    free(sorted);
}

static void refuse_file(const struct staff_ask *a, size_t line, const char *zh, const char *en)
{
    struct text z, e;
    text_init(&z, 400);
    text_init(&e, 400);
    text_addf(&z, "第 %zu 行：%s", line, zh);
    text_addf(&e, "line %zu: %s", line, en);
    staff_refuse(a, REFUSE_IMPORT_UNREADABLE, text_z(&z), text_z(&e));
    text_free(&z);
    text_free(&e);
}

/* The file into rows; false when it was refused as a whole. */
static bool run_read(struct import_run *w, struct str file)
{
    struct csv c;
    struct str fields[CSV_FIELDS_MAX];
    size_t at[COLUMNS_N] = {0};
    const char *why = "";
    struct str kept = arena_str(&w->arena, file);
    if (!kept.p || !csv_open(&c, kept, &w->arena, &why)) {
        refuse_file(&w->ask, 1, "不是有效的 CSV 表头（UTF-8，逗号分隔）。", why);
        return false;
    }
    const char *column = columns_read(&c, at);
    if (column) {
        struct text zh;
        text_init(&zh, 200);
        if (column[0] == '?')
            text_addz(
                &zh,
                "表头含有无法识别的列；可用的列：外部编号、来源、内容、单位代码、事项分类、反映主体、日期、联系电话。");
        else
            text_addf(&zh, "表头缺少列“%s”。", column);
        refuse_file(&w->ask, 1, text_z(&zh), "a column is missing or not known");
        text_free(&zh);
        return false;
    }
    w->rows = mem_alloc(ROWS_MAX * sizeof *w->rows);
    enum csv_result got;
    while ((got = csv_next(&c, fields, &why)) == CSV_ROW) {
        if (w->n == ROWS_MAX) {
            refuse_file(&w->ask, c.line, "一次最多导入 2000 行，请拆分文件。", "at most 2000 rows at once");
            return false;
        }
        struct import_row *r = &w->rows[w->n++];
        *r = (struct import_row){.run = w, .line = c.line};
        for (int i = 0; i < COLUMNS_N; i++)
            if (at[i] != SIZE_MAX) r->f[i] = str_trim(fields[at[i]]);
        r->why = row_judge(w->ask.g, r);
        if (!r->why && !row_key(w, r)) r->why = "来源和外部编号太长。";
        r->state = r->why ? ROW_WRONG : ROW_GOOD;
        w->assigns |= r->unit != 0;
    }
    if (got == CSV_BAD) {
        refuse_file(&w->ask, c.line, "这一行的列数或引号有误，文件没有导入。", why);
        return false;
    }
    if (w->n == 0) {
        refuse_file(&w->ask, 1, "文件没有数据行。", "no rows");
        return false;
    }
    mark_doubles(w);
    return true;
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
    i64 *seen = mem_alloc((n + 1) * sizeof *seen); /* at most ROWS_MAX */
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
    if (finder_entered(&w->ask, end, results, error, &who)) {
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
        casework_act(w->ask.g, w->ask.session, r->case_id, &req, r->f[COLUMN_CATEGORY], row_assigned, r);
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
    if (!finder_entered(&w->ask, end, results, error, &who)) {
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
    bool asked = staff_param(in, "dry_run", &dry, &bad), is_dry = str_eq(text_str(&dry), STR("1"));
    bool known = !asked || is_dry || str_eq(text_str(&dry), STR("0"));
    text_free(&dry);
    if (bad || !known) {
        finder_refuse_member(a, "dry_run");
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
    if (!run_read(w, in->body)) {
        run_free(w);
        return;
    }
    struct db_call *c = staff_call(a, may_import, w);
    if (!staff_go(a, c)) run_free(w);
}
