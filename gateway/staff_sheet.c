/* The weekly sheet (M46): every open item with its change since a week before, by unit, as JSON and printed. States come
 * from the acts, for both instants; the arithmetic is core/sheet's. Confidential cases are on no sheet. */
#include "staff_meetings_part.h"
#include "staff_query.h"
#include "staff_body.h"
#include "paper.h"
#include "register.h"
#include "base/code.h"
#include "base/log.h"
#include "core/sheet.h"
#include "core/workdays.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX  3000
#define ARENA_MAX ((size_t)32 << 20)

/* Cases that were open at one of the two instants, or came and went between them. A closed case tells by closed_at when it left,
 * the few declined and merged ones by their last act: no act but those of such cases is read. */
const struct db_stmt stmt_weekly = {
    "weekly",
    "select " CASEWORK_COLUMNS
    ", left(s.masked, 60), m.kind, m.held_at, f.ordinal, me.words, me.due_on::text, b.to_state, n.to_state, "
    "l.at > $1, m.theme from cases c "
    "left join lateral (select x.feedback_id, x.meeting_id, x.ordinal from findings x where x.case_id = c.id and x.meeting_id is not null "
    "  order by x.feedback_id limit 1) f on true left join meetings m on m.id = f.meeting_id "
    "left join lateral (select mm.words, mm.due_on from meeting_measures mm where mm.feedback_id = f.feedback_id "
    "  order by mm.id desc limit 1) me on true "
    "left join lateral (select a.to_state from acts a where a.case_id = c.id and a.at <= $1 order by a.version desc limit 1) n on true "
    "left join lateral (select a.to_state from acts a where a.case_id = c.id and a.at <= $2 order by a.version desc limit 1) b on true "
    "left join lateral (select a.at from acts a where a.case_id = c.id order by a.version desc limit 1) l on true "
    "left join lateral (select x.masked from feedback x where x.case_id = c.id order by x.received_at, x.id limit 1) s on true "
    "where not c.confidential and c.opened_at <= $1 and ($3 or f.feedback_id is not null) and ($4::integer is null or c.unit_id = $4) "
    "and (c.state in ('discovered', 'assigned', 'handling', 'replied', 'verifying') or c.closed_at > $2 "
    "  or c.state in ('declined', 'merged') and l.at > $2) order by c.unit_id, c.due_at nulls last, c.id limit $5",
    5,
    {DB_TIMESTAMPTZ, DB_TIMESTAMPTZ, DB_BOOL, DB_INT4, DB_INT4}};
enum {
    COL_WORDS = CASEWORK_COLUMNS_N,
    COL_KIND,
    COL_HELD,
    COL_ORDINAL,
    COL_MEASURE,
    COL_DUE_ON,
    COL_THEN,
    COL_NOW,
    COL_LATER,
    COL_THEME
};

struct line {
    struct sheet_item item;
    i64 number;
    int round;
    struct str words, source, measure, due_on, higher;
};
struct sheet {
    struct staff_ask ask;
    struct arena arena;
    struct sheet_week week;
    i64 day, unit;
    bool all, pdf;
    struct line *lines;
    struct sheet_item *items;
    struct sheet_sum *sums, total;
    size_t n, n_sums;
    /* for the thread pool */
    struct paper_table table;
    struct text print;
    struct paper_fault fault;
    bool printed;
};

static void sheet_free(struct sheet *w)
{
    text_free(&w->print);
    arena_free(&w->arena);
    free(w->lines);
    free(w->items);
    free(w->sums);
    free(w);
}

static struct str keep(struct sheet *w, struct str s) { return s.n ? arena_str(&w->arena, s) : STR(""); }

PRINTF_LIKE(2, 3) static struct str keepf(struct sheet *w, const char *fmt, ...)
{
    struct text t;
    va_list ap;
    text_init(&t, 2000);
    va_start(ap, fmt);
    text_addfv(&t, fmt, ap);
    va_end(ap);
    struct str kept = keep(w, text_str(&t));
    text_free(&t);
    return kept;
}

static enum case_state state_of(const struct db_result *r, int row, int col)
{
    enum case_state s = CASE_NEW;
    if (!db_is_null(r, row, col) && !case_state_parse(db_get_text(r, row, col), &s)) s = CASE_NEW;
    return s;
}

/* False: no row of the sheet. */
static bool line_read(struct sheet *w, const struct db_result *r, int row, struct line *l)
{
    struct case_row c;
    casework_row(r, row, &c);
    *l = (struct line){.item = {.unit = c.view.unit,
                                .then = state_of(r, row, COL_THEN),
                                .now = state_of(r, row, COL_NOW),
                                .higher = c.higher.n > 0},
                       .number = c.view.id,
                       .round = c.view.round};
    if (sheet_change(l->item.then, l->item.now) == SHEET_NONE) return false;
    /* What was owed on a day gone by is known only of a case that nothing has happened to since. */
    if (!w->week.past || !db_get_bool(r, row, COL_LATER)) l->item.due = c.clocks.due;
    l->words = keep(w, db_get_text(r, row, COL_WORDS));
    l->measure = keep(w, db_get_text(r, row, COL_MEASURE));
    l->due_on = keep(w, db_get_text(r, row, COL_DUE_ON));
    l->higher = keep(w, c.higher);
    if (!db_is_null(r, row, COL_KIND)) {
        char at[INSTANT_TEXT_MAX];
        l->source = keepf(w, "%s %.10s 第%lld项",
                          choice_chinese(meeting_kinds, MEETING_KINDS_N, db_get_text(r, row, COL_KIND)),
                          instant_text_china(db_get_instant(r, row, COL_HELD), at),
                          (long long)db_get_i64(r, row, COL_ORDINAL));
    } else {
        enum door d;
        static const char *const names[DOORS_N] = {
            [DOOR_PLAQUE] = "监督牌", [DOOR_LIVE] = "现场终端",    [DOOR_SMS] = "短信",
            [DOOR_WEB] = "网页",      [DOOR_PHONE] = "电话",       [DOOR_WINDOW] = "窗口",
            [DOOR_MEETING] = "会议",  [DOOR_MONITOR] = "监测督查", [DOOR_OPEN311] = "接口",
            [DOOR_EMAIL] = "邮件",    [DOOR_IMPORT] = "导入",      [DOOR_WECHAT] = "微信公众号"};
        l->source = door_parse(c.channel, &d) ? str_of(names[d]) : STR("");
    }
    return true;
}

/* --- JSON --- */

static void put_sum(const struct sheet_sum *s, struct text *t)
{
    text_addf(
        t,
        "{\"open_before\":%d,\"new\":%d,\"reopened\":%d,\"closed\":%d,\"left\":%d,\"open\":%d,\"due_this_week\":%d,"
        "\"overdue\":%d,\"higher\":%d}",
        s->open_before, s->fresh, s->reopened, s->closed, s->left, s->open, s->due_this_week, s->overdue,
        s->higher);
}

static void put_or_null(const char *name, struct str s, struct text *t)
{
    text_addf(t, ",\"%s\":", name);
    if (s.n)
        json_put(t, s);
    else
        text_addz(t, "null");
}

static void put_line(const struct sheet *w, const struct line *l, struct text *t)
{
    const struct sheet_item *it = &l->item;
    const enum sheet_change change = sheet_change(it->then, it->now);
    text_addf(t, "{\"case\":%lld,\"state\":\"%s\",\"state_before\":", (long long)l->number,
              case_state_word(it->now));
    if (it->then == CASE_NEW)
        text_addz(t, "null");
    else
        text_addf(t, "\"%s\"", case_state_word(it->then));
    text_addf(t, ",\"change\":\"%s\",\"change_label\":\"%s\",\"round\":%d", sheet_change_word(change),
              sheet_change_chinese(change), l->round);
    json_put_instant(t, "due_at", it->due);
    text_addf(t, ",\"overdue\":%s,\"due_this_week\":%s", sheet_overdue(&w->week, it) ? "true" : "false",
              sheet_due_this_week(&w->week, it) ? "true" : "false");
    text_addz(t, ",\"summary\":"), json_put(t, l->words);
    text_addz(t, ",\"source\":"), json_put(t, l->source);
    put_or_null("measure", l->measure, t);
    put_or_null("measure_due_on", l->due_on, t);
    put_or_null("higher", l->higher, t);
    text_addc(t, '}');
}

static void answer_json(struct sheet *w)
{
    struct text t;
    struct civil d = civil_from_days(w->day);
    text_init(&t, 4u << 20);
    text_addf(&t, "{\"date\":\"%04d-%02d-%02d\"", d.year, d.month, d.day);
    json_put_instant(&t, "as_of", w->week.as_of);
    json_put_instant(&t, "before", w->week.before);
    json_put_instant(&t, "week_ends", w->week.end);
    text_addf(&t, ",\"scope\":\"%s\",\"total\":", w->all ? "all" : "meetings");
    put_sum(&w->total, &t);
    text_addz(&t, ",\"units\":[");
    for (size_t u = 0, i = 0; u < w->n_sums; u++) { /* lines stand in the order of the units */
        text_addz(&t, u ? ",{\"unit\":" : "{\"unit\":");
        register_unit_json(w->ask.g, w->sums[u].unit, &t);
        text_addz(&t, ",\"sum\":");
        put_sum(&w->sums[u], &t);
        text_addz(&t, ",\"items\":[");
        for (bool more = false; i < w->n && w->lines[i].item.unit == w->sums[u].unit; i++, more = true) {
            if (more) text_addc(&t, ',');
            put_line(w, &w->lines[i], &t);
        }
        text_addz(&t, "]}");
    }
    text_addz(&t, "]}");
    staff_answer(&w->ask, &t);
    sheet_free(w);
}

/* --- print --- */

enum { P_NUMBER, P_WORDS, P_SOURCE, P_STATE, P_BEFORE, P_CHANGE, P_MEASURE, P_DUE, P_MARK, P_COLUMNS };
static const struct paper_column paper_columns[P_COLUMNS] = {
    {STR("办件编号"), 9, PAPER_CENTRE},    {STR("事项"), 25, PAPER_LEFT},
    {STR("来源"), 12, PAPER_LEFT},         {STR("现状态"), 7, PAPER_CENTRE},
    {STR("上周状态"), 7, PAPER_CENTRE},    {STR("变化"), 7, PAPER_CENTRE},
    {STR("措施及承诺日"), 20, PAPER_LEFT}, {STR("当前时限"), 11, PAPER_CENTRE},
    {STR("提示"), 7, PAPER_CENTRE},
};

static struct str sum_words(struct sheet *w, const char *name, const struct sheet_sum *s)
{
    return keepf(
        w,
        "%s：未结 %d 件（上周 %d，新增 %d，重新办理 %d，办结 %d，其他离开 %d）；本周到期 %d，超期 %d，上级办理由本单位跟踪 %d",
        name, s->open, s->open_before, s->fresh, s->reopened, s->closed, s->left, s->due_this_week,
        s->overdue, s->higher);
}

static void line_cells(struct sheet *w, const struct line *l, struct paper_cell *c)
{
    const struct sheet_item *it = &l->item;
    const enum sheet_change change = sheet_change(it->then, it->now);
    const bool over = sheet_overdue(&w->week, it), soon = sheet_due_this_week(&w->week, it);
    char due[INSTANT_TEXT_MAX];
    c[P_NUMBER].text = keepf(w, "%lld", (long long)l->number);
    c[P_WORDS].text = l->words;
    c[P_SOURCE].text = l->source;
    c[P_STATE].text = str_of(case_state_chinese(it->now));
    c[P_BEFORE].text = it->then == CASE_NEW ? STR("—") : str_of(case_state_chinese(it->then));
    c[P_CHANGE].text =
        str_of(change == SHEET_LEFT ? case_state_chinese(it->now) : sheet_change_chinese(change));
    if (l->measure.n || l->higher.n)
        c[P_MEASURE].text =
            keepf(w, "%.*s%s%.*s%s%s%.*s%s", STR_ARG(l->measure), l->due_on.n ? "（承诺 " : "",
                  STR_ARG(l->due_on), l->due_on.n ? "）" : "", l->higher.n ? "【上级办理：" : "",
                  STR_ARG(l->higher), l->higher.n ? "】" : "");
    else
        c[P_MEASURE].text = STR("尚无措施");
    c[P_DUE].text =
        it->due.us && case_state_open(it->now) ? keep(w, str_of(due_text(it->due, due))) : STR("—");
    c[P_MARK] = !case_state_open(it->now) ? (struct paper_cell){c[P_CHANGE].text, PAPER_GREY}
                : over                    ? (struct paper_cell){STR("超期"), PAPER_RED}
                : soon                    ? (struct paper_cell){STR("本周到期"), PAPER_YELLOW}
                : it->due.us              ? (struct paper_cell){STR("正常"), PAPER_GREEN}
                                          : (struct paper_cell){STR("—"), PAPER_BLACK};
}

/* False when the arena is full. */
static bool table_fill(struct sheet *w)
{
    const size_t n_rows = w->n + w->n_sums + 1;
    struct paper_row *rows = arena_alloc(&w->arena, n_rows * sizeof *rows);
    struct paper_cell *cells = arena_alloc(&w->arena, (w->n * P_COLUMNS + w->n_sums + 1) * sizeof *cells);
    size_t at = 0;
    if (!rows || !cells) return false;
    for (size_t u = 0, i = 0; u < w->n_sums; u++) {
        const struct unit *unit = register_unit(w->ask.g, (int)w->sums[u].unit);
        cells->text =
            sum_words(w, unit ? unit->short_name.p : "？", &w->sums[u]); /* register texts end in NUL */
        rows[at++] = (struct paper_row){PAPER_ROW_GROUP, cells++};
        for (; i < w->n && w->lines[i].item.unit == w->sums[u].unit; i++) {
            line_cells(w, &w->lines[i], cells);
            rows[at++] = (struct paper_row){PAPER_ROW, cells};
            cells += P_COLUMNS;
        }
    }
    cells->text = sum_words(w, "合计", &w->total);
    rows[at++] = (struct paper_row){PAPER_ROW_GROUP, cells};
    struct civil d = civil_from_days(w->day);
    w->table = (struct paper_table){
        .title =
            keepf(w, "%s%s每周督办清单", w->ask.g->cfg.district_name, w->all ? "未结办件" : "政企交流事项"),
        .subtitle = keepf(w, "%d 年 %d 月 %d 日", d.year, d.month, d.day),
        .landscape = true,
        .grid = {paper_columns, P_COLUMNS, rows, at},
        .note = w->week.past
                    ? STR("状态与变化按办理记录推算到该日 24:00；该日之后又有办理的事项，到期时间不再列出。")
                    : STR("状态与变化按办理记录推算；上周状态为七天前同一时刻的状态。保密件不列入本表。"),
        .printed = clock_now()};
    return w->table.title.p != NULL;
}

static void print(void *arg)
{
    struct sheet *w = arg;
    w->printed = paper_table_print(&w->table, &w->print, &w->fault);
}

static void printed(void *arg)
{
    struct sheet *w = arg;
    struct civil d = civil_from_days(w->day);
    char name[80];
    snprintf(name, sizeof name, "inline; filename=\"weekly-%04d-%02d-%02d.pdf\"", d.year, d.month, d.day);
    const struct http_header as[] = {{STR("content-disposition"), str_of(name)}};
    if (w->printed) {
        reply_file(w->ask.g, w->ask.ticket, 200, "application/pdf", text_str(&w->print), "no-store", as, 1);
    } else {
        log_line(LOG_ERROR, LOG_STAFF, "weekly sheet not printed", "why=\"%s\"",
                 w->fault.english ? w->fault.english : "");
        staff_refuse(&w->ask, REFUSE_INTERNAL, w->fault.chinese, w->fault.english);
    }
    sheet_free(w);
}

static void answer_pdf(struct sheet *w)
{
    text_init(&w->print, PAPER_BYTES_MAX);
    if (!table_fill(w)) {
        staff_refuse(&w->ask, REFUSE_TOO_BIG, NULL, NULL);
        sheet_free(w);
    } else if (!loop_offload(w->ask.g->loop, print, printed, w)) {
        staff_refuse(&w->ask, REFUSE_UNAVAILABLE, NULL, NULL);
        sheet_free(w);
    }
}

/* --- the door --- */

static void have_items(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct sheet *w = arg;
    struct staff_who who;
    (void)n;
    if (!staff_granted(&w->ask, end, results, error, &who)) {
        sheet_free(w);
        return;
    }
    const struct db_result *r = results[CASEWORK_FIRST];
    const size_t rows = (size_t)db_rows(r);
    if (rows > ROWS_MAX) {
        staff_refuse(&w->ask, REFUSE_TOO_BIG, "事项超过 3000 件，请按单位查看。",
                     "Over 3000 items: ask for one unit.");
        sheet_free(w);
        return;
    }
    w->lines = mem_alloc((rows + 1) * sizeof *w->lines); /* at most ROWS_MAX */
    w->items = mem_alloc((rows + 1) * sizeof *w->items);
    w->sums = mem_alloc((rows + 1) * sizeof *w->sums);
    for (size_t i = 0; i < rows; i++)
        if (line_read(w, r, (int)i, &w->lines[w->n])) {
            w->items[w->n] = w->lines[w->n].item;
            w->n++;
        }
    w->n_sums = sheet_sums(&w->week, w->items, w->n, w->sums, &w->total);
    if (w->pdf)
        answer_pdf(w);
    else
        answer_json(w);
}

static const struct choice scopes[] = {{"meetings", "会议"}, {"all", "全部"}};

static void weekly(const struct staff_ask *a, const struct http_in *in, bool pdf)
{
    struct sheet_week week;
    const instant now = clock_now();
    i64 day;
    int scope;
    i64 unit;
    if (!query_day(a, in, "date", china_day(now), &day) ||
        !query_choice(a, in, "scope", scopes, ARRAY_LEN(scopes), &scope) || !query_unit(a, in, &unit))
        return;
    if (day < civil_to_days((struct civil){2000, 1, 1}) || !sheet_week_of(day, now, &week)) {
        staff_refuse(a, REFUSE_UNKNOWN_FIELD, "日期不能晚于今天。", "The day has not come yet.");
        return;
    }
    struct sheet *w = MEM_NEW(struct sheet);
    *w = (struct sheet){.ask = *a, .week = week, .day = day, .unit = unit, .all = scope == 1, .pdf = pdf};
    arena_init(&w->arena, ARENA_MAX);
    struct db_call *c = staff_call(a, have_items, w);
    struct db_params *p = db_params_new(&stmt_weekly);
    db_put_instant(p, week.as_of);
    db_put_instant(p, week.before);
    db_put_bool(p, w->all);
    if (w->unit)
        db_put_i32(p, (int)w->unit);
    else
        db_put_null(p);
    db_put_i32(p, ROWS_MAX + 1);
    db_call_add(c, &stmt_weekly, p);
    if (!staff_go(a, c)) sheet_free(w);
}

void sheet_weekly(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    (void)id;
    weekly(a, in, false);
}
void sheet_weekly_pdf(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    (void)id;
    weekly(a, in, true);
}
