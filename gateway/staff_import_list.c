/* A list from elsewhere as CSV: its columns by either name, each row judged by itself, a number that stands twice taken once. What is wrong
 * with a row is said in Chinese, for whoever made the list. */
#include "staff_import_part.h"
#include "register.h"
#include "base/utf8.h"
#include "core/csv.h"
#include <stdlib.h>

static const struct {
    const char *word, *zh;
    bool needed;
} columns[COLUMNS_N] = {
#define X(id, word, zh, needed) {word, zh, needed},
    IMPORT_COLUMNS(X)
#undef X
};

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
    struct key_of *sorted = mem_alloc((w->n + 1) * sizeof *sorted); /* at most IMPORT_ROWS_MAX */
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

bool import_read(struct import_run *w, struct str file)
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
    w->rows = mem_alloc(IMPORT_ROWS_MAX * sizeof *w->rows);
    enum csv_result got;
    while ((got = csv_next(&c, fields, &why)) == CSV_ROW) {
        if (w->n == IMPORT_ROWS_MAX) {
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
