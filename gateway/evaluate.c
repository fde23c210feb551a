#include "evaluate.h"
#include "base/clock.h"
#include "core/csv.h"
#include "core/normalise.h"
#include "core/redact.h"
#include "base/json.h"
#include "io/nfkc.h"
#include "io/simplify.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FILE_MAX       ((size_t)64 << 20)
#define TABLE_ROWS_MAX 50000
#define TEXT_ARENA_MAX ((size_t)4 << 20)
#define LINE_MAX_BYTES ((size_t)256 << 10)
#define SPANS_MAX      256

struct labels {
    struct str id, channel, plaque, text, category, unit, about, nature, urgency;
    const struct json *pii;
};
struct bench {
    struct routing_rows rows;
    struct routing *routing;
    struct simplify *simplify;
    struct evaluation *e;
    struct text *misses;
    i64 ns;
};

static bool read_file(const char *path, struct arena *a, struct str *file_r, struct text *error);
static bool read_units(const char *path, struct arena *a, struct routing_rows *rows, struct text *error);
static bool read_categories(const char *path, struct arena *a, struct routing_rows *rows, struct text *error);
static bool read_words(const char *path, struct arena *a, struct routing_rows *rows, struct text *error);
static int unit_id(const struct routing_rows *rows, struct str code);
static struct str unit_code(const struct routing_rows *rows, int id);
static bool score_line(struct bench *b, struct str line, unsigned parts, unsigned part, struct text *error);
static void score_text(struct bench *b, const struct labels *l, const struct decision *d);
static void score_masks(struct bench *b, const struct labels *l);

double evaluate_rate(struct evaluate_share s) { return s.all == 0 ? 0 : (double)s.right / (double)s.all; }

static bool run_nfkc(void *arg, struct str in, struct text *out)
{
    (void)arg;
    return nfkc_put(in, out);
}
static bool run_simplify(void *arg, struct str in, struct text *out) { return simplify_run(arg, in, out); }

bool evaluate_run(const struct evaluate_paths *paths, unsigned parts, unsigned part, struct text *misses,
                  struct evaluation *e, struct text *error)
{
    struct bench b = {.e = e, .misses = misses};
    struct arena a;
    struct str file, line;
    const char *why = NULL;
    bool ok = false;
    memset(e, 0, sizeof *e);
    arena_init(&a, 4 * FILE_MAX);
    if (!evaluate_rows(paths, &a, &b.rows, error) || !read_file(paths->texts, &a, &file, error)) goto out;
    b.routing = routing_build(&b.rows, error);
    if (b.routing == NULL) goto out;
    b.simplify = simplify_open(&why);
    if (b.simplify == NULL) {
        text_addz(error, why);
        goto out;
    }
    while (file.n > 0) {
        (void)str_cut(file, '\n', &line, &file);
        if (str_trim(line).n > 0 && !score_line(&b, line, parts, part, error)) goto out;
    }
    e->us_per_text = e->texts == 0 ? 0 : (double)b.ns / 1000.0 / (double)e->texts;
    e->automaton_bytes = routing_bytes(b.routing);
    e->automaton_states = routing_states(b.routing);
    ok = e->texts > 0;
    if (!ok) text_addz(error, "the file holds no texts");
out:
    routing_free(&b.routing);
    simplify_close(&b.simplify);
    arena_free(&a);
    return ok;
}

bool evaluate_rows(const struct evaluate_paths *paths, struct arena *a, struct routing_rows *rows_r,
                   struct text *error)
{
    memset(rows_r, 0, sizeof *rows_r);
    return read_units(paths->units, a, rows_r, error) &&
           read_categories(paths->categories, a, rows_r, error) && read_words(paths->words, a, rows_r, error);
}

static bool read_file(const char *path, struct arena *a, struct str *file_r, struct text *error)
{
    FILE *f = fopen(path, "rb");
    char *bytes = NULL;
    long n = -1;
    if (f != NULL && fseek(f, 0, SEEK_END) == 0 && (n = ftell(f)) >= 0 && (size_t)n <= FILE_MAX) {
        rewind(f);
        bytes = arena_alloc(a, (size_t)n + 1);
        if (bytes != NULL && fread(bytes, 1, (size_t)n, f) != (size_t)n) bytes = NULL;
    }
    if (f != NULL) (void)fclose(f);
    if (bytes == NULL)
        text_addf(error, "%s: cannot be read or is over %zu bytes", path, FILE_MAX);
    else
        *file_r = (struct str){bytes, (size_t)n};
    return bytes != NULL;
}

/* Opens a table that must have the named columns; at[] gets their numbers. */
static bool open_table(struct csv *c, const char *path, struct arena *a, const char *const *names, size_t n,
                       size_t *at, struct text *error)
{
    struct str file;
    const char *why = NULL;
    if (!read_file(path, a, &file, error)) return false;
    if (!csv_open(c, file, a, &why)) {
        text_addf(error, "%s: %s", path, why);
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        at[i] = csv_column(c, str_of(names[i]));
        if (at[i] == SIZE_MAX) {
            text_addf(error, "%s: the column %s is missing", path, names[i]);
            return false;
        }
    }
    return true;
}

static bool table_fault(const char *path, const struct csv *c, const char *why, struct text *error)
{
    text_addf(error, "%s:%zu: %s", path, c->line, why);
    return false;
}

static bool read_units(const char *path, struct arena *a, struct routing_rows *rows, struct text *error)
{
    static const char *const names[] = {"kind",    "code",     "name",  "short_name",
                                        "aliases", "category", "parent"};
    enum { KIND, CODE, NAME, SHORT, ALIASES, CLASS, PARENT };
    struct csv c;
    size_t at[ARRAY_LEN(names)], n = 0;
    struct str f[CSV_FIELDS_MAX];
    const char *why = NULL;
    if (!open_table(&c, path, a, names, ARRAY_LEN(names), at, error)) return false;
    struct routing_unit *units = arena_alloc(a, ROUTING_UNITS_MAX * sizeof *units);
    struct str *parents = arena_alloc(a, ROUTING_UNITS_MAX * sizeof *parents);
    if (units == NULL || parents == NULL) return table_fault(path, &c, "too large", error);
    enum csv_result got;
    while ((got = csv_next(&c, f, &why)) == CSV_ROW) {
        if (n == ROUTING_UNITS_MAX) return table_fault(path, &c, "too many units", error);
        units[n] = (struct routing_unit){.id = (int)n + 1,
                                         .code = f[at[CODE]],
                                         .kind = f[at[KIND]],
                                         .class = f[at[CLASS]],
                                         .name = f[at[NAME]],
                                         .short_name = f[at[SHORT]],
                                         .aliases = f[at[ALIASES]]};
        parents[n++] = f[at[PARENT]];
    }
    if (got == CSV_BAD) return table_fault(path, &c, why, error);
    rows->units = units;
    rows->n_units = n;
    for (size_t i = 0; i < n; i++) {
        if (parents[i].n > 0 && (units[i].parent_id = unit_id(rows, parents[i])) == 0) {
            text_addf(error, "%s: unit %.*s has the unknown parent %.*s", path, STR_ARG(units[i].code),
                      STR_ARG(parents[i]));
            return false;
        }
    }
    return true;
}

static bool read_categories(const char *path, struct arena *a, struct routing_rows *rows, struct text *error)
{
    static const char *const names[] = {"code",         "parent", "name",  "default_nature",
                                        "default_unit", "level",  "access"};
    enum { CODE, PARENT, NAME, NATURE, UNIT, LEVEL, ACCESS };
    struct csv c;
    size_t at[ARRAY_LEN(names)], n = 0;
    struct str f[CSV_FIELDS_MAX];
    const char *why = NULL;
    if (!open_table(&c, path, a, names, ARRAY_LEN(names), at, error)) return false;
    struct routing_category *rs = arena_alloc(a, ROUTING_CATEGORIES_MAX * sizeof *rs);
    if (rs == NULL) return table_fault(path, &c, "too large", error);
    enum csv_result got;
    while ((got = csv_next(&c, f, &why)) == CSV_ROW) {
        if (n == ROUTING_CATEGORIES_MAX) return table_fault(path, &c, "too many categories", error);
        struct routing_category *r = &rs[n++];
        *r = (struct routing_category){.code = f[at[CODE]],
                                       .parent = f[at[PARENT]],
                                       .name = f[at[NAME]],
                                       .confidential = str_eq(f[at[ACCESS]], STR("confidential"))};
        r->unit_id = unit_id(rows, f[at[UNIT]]);
        if (r->unit_id == 0) {
            text_addf(error, "%s: category %.*s has the unknown unit %.*s", path, STR_ARG(r->code),
                      STR_ARG(f[at[UNIT]]));
            return false;
        }
        if (r->parent.n == 0) continue;
        struct str level = f[at[LEVEL]];
        if (level.n != 2 || level.p[0] != 'L' || level.p[1] < '0' || level.p[1] > '4')
            return table_fault(path, &c, "the level is none of L0 to L4", error);
        r->level = level.p[1] - '0';
        if (!nature_parse(f[at[NATURE]], &r->nature))
            return table_fault(path, &c, "the nature is not known", error);
    }
    if (got == CSV_BAD) return table_fault(path, &c, why, error);
    rows->categories = rs;
    rows->n_categories = n;
    return true;
}

static bool read_words(const char *path, struct arena *a, struct routing_rows *rows, struct text *error)
{
    static const char *const names[] = {"kind", "word", "value", "weight"};
    enum { KIND, WORD, VALUE, WEIGHT };
    struct csv c;
    size_t at[ARRAY_LEN(names)], n = 0;
    struct str f[CSV_FIELDS_MAX];
    const char *why = NULL;
    if (!open_table(&c, path, a, names, ARRAY_LEN(names), at, error)) return false;
    struct routing_word *words = arena_alloc(a, ROUTING_WORDS_MAX * sizeof *words);
    if (words == NULL) return table_fault(path, &c, "too large", error);
    enum csv_result got;
    while ((got = csv_next(&c, f, &why)) == CSV_ROW) {
        if (n == ROUTING_WORDS_MAX) return table_fault(path, &c, "too many words", error);
        struct str weight = f[at[WEIGHT]];
        char digits[32], *end = digits;
        if (weight.n == 0 || weight.n >= sizeof digits)
            return table_fault(path, &c, "the weight is no number", error);
        memcpy(digits, weight.p, weight.n);
        digits[weight.n] = '\0';
        double value = strtod(digits, &end);
        if (*end != '\0') return table_fault(path, &c, "the weight is no number", error);
        words[n++] = (struct routing_word){f[at[KIND]], f[at[WORD]], f[at[VALUE]], value};
    }
    if (got == CSV_BAD) return table_fault(path, &c, why, error);
    rows->words = words;
    rows->n_words = n;
    return true;
}

static int unit_id(const struct routing_rows *rows, struct str code)
{
    for (size_t i = 0; i < rows->n_units; i++)
        if (str_eq(rows->units[i].code, code)) return rows->units[i].id;
    return 0;
}

static struct str unit_code(const struct routing_rows *rows, int id)
{
    return id > 0 && (size_t)id <= rows->n_units ? rows->units[id - 1].code : STR_NONE;
}

/* The channel names of the labelled texts; what the tables do not know is an import. */
static enum door door_of(struct str channel)
{
    static const struct {
        const char *word;
        enum door door;
    } doors[] = {{"qr", DOOR_PLAQUE},       {"sms", DOOR_SMS},        {"web", DOOR_WEB},
                 {"chat", DOOR_LIVE},       {"hotline", DOOR_PHONE},  {"window", DOOR_WINDOW},
                 {"monitor", DOOR_MONITOR}, {"meeting", DOOR_MEETING}};
    for (size_t i = 0; i < ARRAY_LEN(doors); i++)
        if (str_eq(channel, str_of(doors[i].word))) return doors[i].door;
    return DOOR_IMPORT;
}

/* A text and the same text told again must fall into the same part: parts go by the group, else by the id. */
static unsigned part_of(struct str key, unsigned parts)
{
    u32 crc = UINT32_MAX; /* CRC-32 of zlib, so that a script can make the same parts */
    for (size_t i = 0; i < key.n; i++) {
        crc ^= (u8)key.p[i];
        for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0xEDB88320u & (0u - (crc & 1u)));
    }
    return ~crc % parts;
}

static bool score_line(struct bench *b, struct str line, unsigned parts, unsigned part, struct text *error)
{
    const char *why = NULL;
    struct json *doc = json_parse(line, LINE_MAX_BYTES, &why);
    if (doc == NULL) {
        text_addf(error, "text %zu: %s", b->e->texts + 1, why);
        return false;
    }
    struct labels l = {.id = json_str(json_get(doc, "id")),
                       .channel = json_str(json_get(doc, "channel")),
                       .plaque = json_str(json_get(doc, "plaque")),
                       .text = json_str(json_get(doc, "text")),
                       .category = json_str(json_get(doc, "category")),
                       .unit = json_str(json_get(doc, "unit")),
                       .about = json_str(json_get(doc, "about_unit")),
                       .nature = json_str(json_get(doc, "nature")),
                       .urgency = json_str(json_get(doc, "urgency")),
                       .pii = json_get(doc, "pii")};
    struct str group = json_str(json_get(doc, "dup_group"));
    if (part_of(group.n > 0 ? group : l.id, parts) != part) {
        json_free(&doc);
        return true;
    }
    struct normalise_tools tools = {run_nfkc, run_simplify, b->simplify};
    struct text clean;
    struct arena a;
    arena_init(&a, TEXT_ARENA_MAX);
    text_init(&clean, (l.text.n + 1) * NORMALISE_GROWTH);
    bool ok = normalise_clean(&tools, l.text, &clean);
    if (ok) {
        struct route_input in = {
            .text = text_str(&clean), .unit_id = unit_id(&b->rows, l.plaque), .door = door_of(l.channel)};
        struct decision d;
        struct timespec from, to;
        (void)clock_gettime(CLOCK_MONOTONIC, &from);
        route_decide(b->routing, &in, &a, &d);
        (void)clock_gettime(CLOCK_MONOTONIC, &to);
        b->ns += (to.tv_sec - from.tv_sec) * 1000000000 + (to.tv_nsec - from.tv_nsec);
        score_text(b, &l, &d);
        score_masks(b, &l);
    } else
        text_addf(error, "text %.*s cannot be cleaned", STR_ARG(l.id));
    text_free(&clean);
    arena_free(&a);
    json_free(&doc);
    return ok;
}

static bool tick(struct evaluate_share *s, bool right)
{
    s->all++;
    s->right += right;
    return right;
}

static void score_text(struct bench *b, const struct labels *l, const struct decision *d)
{
    struct evaluation *e = b->e;
    bool in_guesses = false, in_units = false;
    for (size_t i = 0; i < d->n_guesses; i++) in_guesses |= str_eq(d->guesses[i].category, l->category);
    for (size_t i = 0; i < d->n_units; i++) in_units |= str_eq(unit_code(&b->rows, d->units[i]), l->unit);
    struct str unit = unit_code(&b->rows, d->n_units > 0 ? d->units[0] : d->unit_id);
    struct str nature = str_of(nature_chinese(d->nature)), urgency = str_of(urgency_chinese(d->urgency));
    e->texts++;
    bool right = tick(&e->category_top1, str_eq(d->category, l->category));
    (void)tick(&e->category_top3, in_guesses);
    (void)tick(&e->category1_top1,
               d->category.n >= 2 && l->category.n >= 2 && memcmp(d->category.p, l->category.p, 2) == 0);
    right &= tick(&e->unit_top1, str_eq(unit, l->unit));
    (void)tick(&e->unit_top3, in_units);
    right &= tick(&e->nature_top1, str_eq(nature, l->nature));
    right &= tick(&e->urgency_top1, str_eq(urgency, l->urgency));
    if (l->about.n > 0) (void)tick(&e->about, str_eq(unit_code(&b->rows, d->about_unit_id), l->about));
    if (str_eq(l->urgency, STR("特急"))) (void)tick(&e->critical, d->urgency == URGENCY_CRITICAL);
    if (!d->triage) (void)tick(&e->auto_right, str_eq(unit_code(&b->rows, d->unit_id), l->unit));
    e->autos += !d->triage;
    if (str_eq(l->nature, STR("举报")) && l->about.n > 0)
        e->walls_broken += str_eq(unit_code(&b->rows, d->unit_id), l->about);
    if (b->misses != NULL && !right)
        text_addf(b->misses,
                  "%.*s category %.*s>%.*s unit %.*s>%.*s nature %.*s>%.*s urgency %.*s>%.*s about %.*s>%.*s "
                  "confidence %.2f%s%s\n",
                  STR_ARG(l->id), STR_ARG(l->category), STR_ARG(d->category), STR_ARG(l->unit), STR_ARG(unit),
                  STR_ARG(l->nature), STR_ARG(nature), STR_ARG(l->urgency), STR_ARG(urgency),
                  STR_ARG(l->about), STR_ARG(unit_code(&b->rows, d->about_unit_id)), d->confidence,
                  d->triage ? " triage" : "", d->held ? " held" : "");
}

static size_t byte_at(struct str s, i64 points)
{
    size_t at = 0;
    for (i64 i = 0; i < points && at < s.n; i++) {
        at++;
        while (at < s.n && ((u8)s.p[at] & 0xC0) == 0x80) at++;
    }
    return at;
}

/* A labelled span counts as found when every byte of it is masked; a mask is true when it touches a label. */
static void score_masks(struct bench *b, const struct labels *l)
{
    struct redact_span spans[SPANS_MAX];
    size_t n = redact_find(l->text, spans, SPANS_MAX), labelled = json_count(l->pii);
    bool touched[SPANS_MAX] = {false};
    for (size_t i = 0; i < labelled; i++) {
        i64 from, to;
        const struct json *p = json_at(l->pii, i);
        if (!json_int(json_get(p, "start"), &from) || !json_int(json_get(p, "end"), &to)) continue;
        size_t start = byte_at(l->text, from), end = byte_at(l->text, to), at = start;
        for (size_t k = 0; k < n; k++) {
            if (spans[k].start < end && spans[k].end > start) touched[k] = true;
            if (spans[k].start <= at && spans[k].end > at) at = spans[k].end;
        }
        (void)tick(&b->e->mask_found, at >= end);
    }
    for (size_t k = 0; k < n; k++) (void)tick(&b->e->mask_true, touched[k]);
}
