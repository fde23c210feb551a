/* What `mashangdu train` learns from: the office's confirmed examples, and labelled texts from a file. */
#include "cmd_train.h"
#include "cleaning.h"
#include "base/code.h"
#include "core/csv.h"
#include <stdio.h>
#include <string.h>

#define FILE_MAX ((size_t)32 << 20)
#define TEXT_MAX ((size_t)64 << 10)

/* One example for each case, its newest; a split that nobody has given out yet says its nature and nothing else. What a person said
 * counts twice, what went through as it was proposed once. */
static const char sql_cases[] =
    "select e.kind, coalesce(case when u.retired_on <= current_date then w.code end, u.code, ''), coalesce(e.category, ''), coalesce(e.nature, ''), "
    "case when e.auto and e.kind <> 'returned' then '' else coalesce(e.urgency, '') end, e.changed <> '{}' or e.kind = 'returned', "
    "coalesce(nullif($2, '')::timestamptz < e.at, true), coalesce(case_extract(e.case_id), f.masked), coalesce(f.nature_said, ''), "
    "coalesce(f.rating, 0), f.channel, coalesce(case when pu.kind <> 'enterprise' then pu.id end, 0), e.id "
    "from (select distinct on (x.case_id) x.* from (select * from route_examples order by id desc limit $1::bigint * 3) x "
    "  order by x.case_id, x.id desc) e join feedback f on f.id = e.feedback_id left join units u on u.id = e.unit_id "
    "left join units w on w.id = u.successor_id "
    "left join plaques p on p.number = f.plaque left join units pu on pu.id = p.unit_id order by e.id desc limit $1::bigint";
enum {
    C_KIND,
    C_UNIT,
    C_CATEGORY,
    C_NATURE,
    C_URGENCY,
    C_CHANGED,
    C_UNSEEN,
    C_WORDS,
    C_SAID,
    C_RATING,
    C_DOOR,
    C_PLAQUE,
    C_ID
};

struct cleaning {
    struct simplify *simplify;
    struct normalise_tools tools;
};
static bool cleaning_open(struct cleaning *c)
{
    const char *why = NULL;
    c->simplify = simplify_open(&why);
    if (!c->simplify) (void)cmd_fail(TRAIN_NAME, "%s", why);
    c->tools = cleaning_tools(c->simplify);
    return c->simplify != NULL;
}

/* The words as the router reads them, kept; .p NULL when they have no shape or the memory is full. */
static struct str clean_of(struct cleaning *c, struct str raw, struct arena *a)
{
    struct text t;
    text_init(&t, raw.n * NORMALISE_GROWTH + 64);
    struct str clean =
        raw.n <= TEXT_MAX && normalise_clean(&c->tools, raw, &t) ? arena_str(a, text_str(&t)) : STR_NONE;
    text_free(&t);
    return clean;
}

/* The same words belong to one matter, whoever sent them: FNV-1a, never 0. */
static u32 group_of(struct str words)
{
    u32 h = 2166136261u;
    for (size_t i = 0; i < words.n; i++) h = (h ^ (u8)words.p[i]) * 16777619u;
    return h ? h : 1;
}

static struct str keep(struct arena *a, const char *z) { return *z ? arena_str(a, str_of(z)) : STR(""); }

static struct str chinese_nature(struct str word)
{
    enum nature n;
    return word.n && nature_parse(word, &n) && n != NATURE_UNKNOWN ? str_of(nature_chinese(n)) : STR("");
}

static struct train_case *more(struct train_set *s, size_t n)
{
    struct train_case *grown = arena_alloc(&s->arena, (s->n + n + 1) * sizeof *grown);
    if (!grown) return NULL;
    if (s->n) memcpy(grown, s->all, s->n * sizeof *grown);
    return s->all = grown;
}

static void take_case(struct cleaning *c, struct db_rows *r, int i, struct train_set *s)
{
    const char *words = db_rows_text(r, i, C_WORDS);
    const struct str clean = words ? clean_of(c, str_of(words), &s->arena) : STR_NONE;
    if (clean.n == 0) return;
    struct train_case *t = &s->all[s->n++];
    const bool changed = db_rows_text(r, i, C_CHANGED)[0] == 't';
    *t = (struct train_case){.unseen = db_rows_text(r, i, C_UNSEEN)[0] == 't',
                             .e = {.text = clean,
                                   .category = keep(&s->arena, db_rows_text(r, i, C_CATEGORY)),
                                   .unit = keep(&s->arena, db_rows_text(r, i, C_UNIT)),
                                   .nature = chinese_nature(str_of(db_rows_text(r, i, C_NATURE))),
                                   .urgency = keep(&s->arena, db_rows_text(r, i, C_URGENCY)),
                                   .plaque = (int)cmd_number(r, i, C_PLAQUE),
                                   .group = group_of(clean),
                                   .own = true,
                                   .weight = changed ? 2 : 1},
                             .in = {.text = clean,
                                    .rating = (int)cmd_number(r, i, C_RATING),
                                    .unit_id = (int)cmd_number(r, i, C_PLAQUE)}};
    if (!nature_parse(str_of(db_rows_text(r, i, C_SAID)), &t->in.nature)) t->in.nature = NATURE_UNKNOWN;
    if (!door_parse(str_of(db_rows_text(r, i, C_DOOR)), &t->in.door)) t->in.door = DOOR_IMPORT;
    s->ids[s->from_cases++] = cmd_number(r, i, C_ID);
    s->corrected += changed;
    s->closed += !changed && strcmp(db_rows_text(r, i, C_KIND), "closed") == 0;
    s->confirmed += !changed && strcmp(db_rows_text(r, i, C_KIND), "closed") != 0;
}

bool train_read_cases(struct db_tool *db, const char *live_made, struct train_set *s)
{
    struct cleaning c;
    char most[24];
    snprintf(most, sizeof most, "%zu", TRAIN_CASES_MAX);
    const char *const params[] = {most, live_made};
    if (!cleaning_open(&c)) return false;
    struct db_rows *r = cmd_query(TRAIN_NAME, db, sql_cases, ARRAY_LEN(params), params);
    const size_t n = r ? (size_t)db_rows_count(r) : 0;
    bool good = r != NULL && more(s, n) != NULL &&
                (s->ids = arena_alloc(&s->arena, (n + 1) * sizeof *s->ids)) != NULL;
    if (r && !good) (void)cmd_fail(TRAIN_NAME, "there are too many examples");
    for (int i = 0; good && i < db_rows_count(r); i++) take_case(&c, r, i, s);
    if (r) db_rows_free(&r);
    simplify_close(&c.simplify);
    return good;
}

/* --- a file --- */

static const char *const columns[] = {"category", "unit", "nature", "urgency", "plaque", "text"};
enum { F_CATEGORY, F_UNIT, F_NATURE, F_URGENCY, F_PLAQUE, F_TEXT };

static bool category_known(const struct routing_rows *rows, struct str code)
{
    for (size_t i = 0; i < rows->n_categories; i++)
        if (str_eq(rows->categories[i].code, code)) return rows->categories[i].parent.n > 0;
    return false;
}

static bool urgency_known(struct str word)
{
    for (int u = 0; u < URGENCIES_N; u++)
        if (str_eq(word, str_of(urgency_chinese((enum urgency)u)))) return true;
    return false;
}

/* NULL, or what is wrong with the row. */
static const char *take_line(struct cleaning *c, const struct routing_rows *rows, const struct str *f,
                             const size_t *at, bool known, struct train_set *s)
{
    const struct str plaque = f[at[F_PLAQUE]];
    const int unit = plaque.n && !str_eq(plaque, STR("-")) ? routing_rows_unit(rows, plaque) : 0;
    const struct str nature = chinese_nature(f[at[F_NATURE]]);
    if (!category_known(rows, f[at[F_CATEGORY]])) return "the category is not known";
    if (f[at[F_UNIT]].n && !routing_rows_unit(rows, f[at[F_UNIT]])) return "the unit is not known";
    if (nature.n == 0) return "the nature is not known";
    if (!urgency_known(f[at[F_URGENCY]])) return "the urgency is not known";
    if (plaque.n && !str_eq(plaque, STR("-")) && !unit) return "plaque is the code of a unit, or - for none";
    const struct str clean = clean_of(c, f[at[F_TEXT]], &s->arena);
    if (clean.n == 0) return "the text cannot be read";
    s->all[s->n++] =
        (struct train_case){.unseen = !known,
                            .e = {.text = clean,
                                  .category = f[at[F_CATEGORY]],
                                  .unit = f[at[F_UNIT]],
                                  .nature = nature,
                                  .urgency = f[at[F_URGENCY]],
                                  .plaque = unit,
                                  .group = group_of(clean),
                                  .weight = 1},
                            .in = {.text = clean, .unit_id = unit, .door = unit ? DOOR_PLAQUE : DOOR_WEB}};
    s->from_file++;
    return NULL;
}

bool train_read_file(const char *path, const struct routing_rows *rows, bool known, struct train_set *s)
{
    struct cleaning c;
    struct text bytes;
    struct csv csv;
    struct str fields[CSV_FIELDS_MAX];
    size_t at[ARRAY_LEN(columns)], lines = 0;
    const char *why = NULL;
    enum csv_result got = CSV_END;
    if (!cleaning_open(&c)) return false;
    text_init(&bytes, FILE_MAX);
    bool good = cmd_read_file(TRAIN_NAME, path, &bytes);
    /* The rows outlive the file's bytes. */
    const struct str file = good ? arena_str(&s->arena, text_str(&bytes)) : STR_NONE;
    for (size_t i = 0; good && i < file.n; i++) lines += file.p[i] == '\n';
    csv.line = 1;
    good = good && file.p && more(s, lines) && csv_open(&csv, file, &s->arena, &why);
    for (size_t i = 0; good && i < ARRAY_LEN(columns); i++)
        if ((at[i] = csv_column(&csv, str_of(columns[i]))) == SIZE_MAX) {
            why = "columns are category,unit,nature,urgency,plaque,text";
            good = false;
        }
    while (good && (got = csv_next(&csv, fields, &why)) == CSV_ROW)
        good = (why = take_line(&c, rows, fields, at, known, s)) == NULL;
    good = good && got == CSV_END;
    if (!good && bytes.n)
        (void)cmd_fail(TRAIN_NAME, "%s line %zu: %s", path, csv.line, why ? why : "too large");
    text_free(&bytes);
    simplify_close(&c.simplify);
    return good;
}
