#include "evaluate_part.h"
#include "cleaning.h"
#include "base/clock.h"
#include "core/redact.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TEXT_ARENA_MAX ((size_t)4 << 20)
#define LINE_MAX_BYTES ((size_t)256 << 10)
#define SPANS_MAX      256

struct sure {
    double confidence;
    bool right;
};
struct bench {
    struct sure *sure; /* by text scored whose unit is labelled */
    size_t n_sure;
    const struct evaluate_options *options;
    struct routing_rows rows;
    struct routing *routing; /* by the rules alone */
    struct evaluate_text *texts;
    size_t n;
    struct evaluate_base base;
    struct evaluation *e;
    struct text *misses;
    i64 ns;
};

static struct str unit_code(const struct routing_rows *rows, int id);
static enum door door_of(struct str channel);
static unsigned part_of(struct str key, unsigned parts);
static void score_text(struct bench *b, const struct evaluate_text *l, const struct decision *d);
static void score_confusion(struct bench *b, const struct evaluate_text *l, const struct decision *d);
static void score_masks(struct bench *b, const struct evaluate_text *l);

double evaluate_rate(struct evaluate_share s) { return s.all == 0 ? 0 : (double)s.right / (double)s.all; }

static int unit_of_code(void *arg, struct str code) { return routing_rows_unit(arg, code); }

/* A label as the tables write it; what they do not know is left out and counted. */
static struct str label(struct bench *b, struct str said, struct str known)
{
    b->e->unknown += said.n > 0 && known.n == 0;
    return known;
}

/* By code, or by any of its names. */
static struct str label_unit(struct bench *b, struct str said)
{
    int id = said.n ? routing_rows_unit(&b->rows, said) : 0;
    for (size_t i = 0; said.n && id == 0 && i < b->rows.n_units; i++)
        if (str_eq(b->rows.units[i].name, said) || str_eq(b->rows.units[i].short_name, said))
            id = b->rows.units[i].id;
    return label(b, said, unit_code(&b->rows, id));
}

static struct str label_category(struct bench *b, struct str said)
{
    for (size_t i = 0; i < b->rows.n_categories; i++)
        if (str_eq(b->rows.categories[i].code, said)) return said;
    return label(b, said, STR_NONE);
}

static struct str label_nature(struct bench *b, struct str said)
{
    enum nature n;
    return label(b, said, nature_parse(said, &n) ? str_of(nature_chinese(n)) : STR_NONE);
}

static struct str label_urgency(struct bench *b, struct str said)
{
    for (int u = 0; u < URGENCIES_N; u++)
        if (str_eq(said, str_of(urgency_chinese((enum urgency)u)))) return said;
    return label(b, said, STR_NONE);
}

static struct evaluate_text text_of(struct bench *b, struct json *doc, size_t line)
{
    const struct str about = json_str(json_get(doc, "about_unit"));
    struct evaluate_text l = {.doc = doc,
                              .channel = json_str(json_get(doc, "channel")),
                              .plaque = json_str(json_get(doc, "plaque")),
                              .text = json_str(json_get(doc, "text")),
                              .category = label_category(b, json_str(json_get(doc, "category"))),
                              .unit = label_unit(b, json_str(json_get(doc, "unit"))),
                              .about = label_unit(b, about),
                              .nature = label_nature(b, json_str(json_get(doc, "nature"))),
                              .urgency = label_urgency(b, json_str(json_get(doc, "urgency"))),
                              .pii = json_get(doc, "pii")};
    i64 number = (i64)line;
    l.id = json_str(json_get(doc, "id"));
    if (l.id.n == 0 && !json_int(json_get(doc, "id"), &number)) number = (i64)line;
    (void)snprintf(l.number, sizeof l.number, "%lld", (long long)number % 100000000000000);
    l.says_about = json_get(doc, "about_unit") && (about.n == 0 || l.about.n > 0);
    return l;
}

static struct str id_of(const struct evaluate_text *l) { return l->id.n ? l->id : str_of(l->number); }

/* Every text of the part, clean, with its group and fold. */
static bool read_texts(struct bench *b, struct str file, const struct normalise_tools *tools,
                       struct text *error)
{
    const struct evaluate_options *o = b->options;
    struct str line;
    size_t at = 0;
    b->texts = mem_alloc(EVALUATE_TEXTS_MAX * sizeof *b->texts);
    b->sure = mem_alloc(EVALUATE_TEXTS_MAX * sizeof *b->sure);
    while (file.n > 0) {
        const char *why = NULL;
        (void)str_cut(file, '\n', &line, &file);
        at++;
        if (str_trim(line).n == 0) continue;
        struct json *doc = b->n < EVALUATE_TEXTS_MAX ? json_parse(line, LINE_MAX_BYTES, &why) : NULL;
        if (doc == NULL) {
            text_addf(error, "line %zu: %s", at, why != NULL ? why : "too many texts");
            return false;
        }
        struct evaluate_text *l = &b->texts[b->n];
        *l = text_of(b, doc, at);
        struct str group = json_str(json_get(doc, "dup_group")), key = group.n > 0 ? group : id_of(l);
        if (part_of(key, o->parts) != o->part) {
            json_free(&doc);
            continue;
        }
        l->fold = o->folds > 1 ? part_of(key, o->folds) : 0;
        l->group = part_of(key, UINT32_MAX - 1) + 1;
        text_init(&l->clean, (l->text.n + 1) * NORMALISE_GROWTH);
        b->n++;
        if (!normalise_clean(tools, l->text, &l->clean)) {
            text_addf(error, "line %zu cannot be cleaned", at);
            return false;
        }
    }
    if (b->n == 0) text_addz(error, "the file holds no texts");
    return b->n > 0;
}

static void decide(struct bench *b, const struct routing *routing, const struct evaluate_text *l)
{
    struct route_input in = {.text = text_str(&l->clean),
                             .unit_id = routing_rows_unit(&b->rows, l->plaque),
                             .door = door_of(l->channel)};
    struct decision d;
    struct timespec from, to;
    struct arena a;
    arena_init(&a, TEXT_ARENA_MAX);
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    route_decide(routing, &in, &a, &d);
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
    b->ns += (to.tv_sec - from.tv_sec) * 1000000000 + (to.tv_nsec - from.tv_nsec);
    score_text(b, l, &d);
    score_confusion(b, l, &d);
    score_masks(b, l);
    arena_free(&a);
}

/* Scores one fold with what the other folds and the shipped examples teach. */
static bool run_fold(struct bench *b, unsigned fold, struct text *error)
{
    struct routing_rows rows = b->rows;
    struct train_report report;
    bool any = false;
    for (size_t i = 0; i < b->n; i++) any |= b->texts[i].fold == fold;
    if (!any) return true;
    b->e->folds++;
    struct learned *m = evaluate_learn(&b->base, b->routing, &b->rows, b->texts, b->n, fold, &report, error);
    if (m == NULL) return false;
    rows.learned = m;
    struct routing *r = routing_build(&rows, error);
    for (size_t i = 0; r != NULL && i < b->n; i++)
        if (b->texts[i].fold == fold) decide(b, r, &b->texts[i]);
    b->e->models++;
    b->e->train_seconds += report.seconds;
    b->e->model_bytes = report.bytes;
    b->e->model_features = report.features;
    b->e->model_examples = report.used;
    routing_free(&r);
    learned_free(&m);
    train_report_free(&report);
    return r == NULL && error->n == 0;
}

static int by_sure(const void *a, const void *b)
{
    double x = ((const struct sure *)a)->confidence, y = ((const struct sure *)b)->confidence;
    return x > y ? -1 : x < y;
}

static void rank(struct bench *b)
{
    qsort(b->sure, b->n_sure, sizeof *b->sure, by_sure);
    for (size_t i = 0; i < b->n_sure; i++) {
        struct evaluate_bucket *k = &b->e->surest[i * EVALUATE_BUCKETS / b->n_sure];
        k->n++;
        k->right += b->sure[i].right;
        k->confidence += b->sure[i].confidence;
    }
}

bool evaluate_run(const struct evaluate_paths *paths, const struct evaluate_options *options,
                  struct text *misses, struct evaluation *e, struct text *error)
{
    struct bench b = {.e = e, .misses = misses, .options = options};
    struct simplify *simplify = NULL;
    struct arena a;
    struct str file;
    const char *why = NULL;
    bool ok = false;
    memset(e, 0, sizeof *e);
    arena_init(&a, 4 * EVALUATE_FILE_MAX);
    if (!evaluate_rows(paths, &a, &b.rows, error) || !evaluate_file(paths->texts, &a, &file, error)) goto out;
    if (str_starts(file, STR("\xEF\xBB\xBF")))
        file.p += 3, file.n -= 3; /* the mark that some editors write */
    b.routing = routing_build(&b.rows, error);
    if (b.routing == NULL) goto out;
    simplify = simplify_open(&why);
    if (simplify == NULL) {
        text_addz(error, why);
        goto out;
    }
    struct normalise_tools clean = cleaning_tools(simplify);
    const struct evaluate_dups_tools dups = {b.routing, &clean, unit_of_code, &b.rows};
    if (!evaluate_dups_run(file, &dups, misses, &e->dups, error)) goto out;
    if (!read_texts(&b, file, &clean, error)) goto out;
    if (options->rules)
        for (size_t i = 0; i < b.n; i++) decide(&b, b.routing, &b.texts[i]);
    else {
        if (!evaluate_base_read(&b.base, paths->examples, &clean, &b.rows, b.texts, b.n, &a, error)) goto out;
        e->base = b.base.n;
        e->base_dropped = b.base.dropped;
        for (unsigned fold = 0; fold < options->folds; fold++)
            if (!run_fold(&b, fold, error)) goto out;
    }
    rank(&b);
    e->us_per_text = (double)b.ns / 1000.0 / (double)e->texts;
    e->automaton_bytes = routing_bytes(b.routing);
    e->automaton_states = routing_states(b.routing);
    ok = true;
out:
    for (size_t i = 0; i < b.n; i++) {
        text_free(&b.texts[i].clean);
        json_free(&b.texts[i].doc);
    }
    free(b.texts);
    free(b.sure);
    evaluate_base_free(&b.base);
    routing_free(&b.routing);
    simplify_close(&simplify);
    arena_free(&a);
    return ok;
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

static bool tick(struct evaluate_share *s, bool right)
{
    s->all++;
    s->right += right;
    return right;
}

/* Only what is labelled is counted; true when nothing labelled went wrong. */
static bool tick_label(struct evaluate_share *s, struct str gold, struct str found)
{
    return gold.n == 0 || tick(s, str_eq(gold, found));
}

static struct str heading_of(struct str category)
{
    return (struct str){category.p, MIN(category.n, (size_t)2)};
}

static void score_text(struct bench *b, const struct evaluate_text *l, const struct decision *d)
{
    struct evaluation *e = b->e;
    bool in_guesses = false, in_headings = false, in_units = false;
    for (size_t i = 0; i < d->n_guesses; i++) {
        in_guesses |= str_eq(d->guesses[i].category, l->category);
        in_headings |= str_eq(heading_of(d->guesses[i].category), heading_of(l->category));
    }
    for (size_t i = 0; i < d->n_units; i++) in_units |= str_eq(unit_code(&b->rows, d->units[i]), l->unit);
    struct str unit = unit_code(&b->rows, d->n_units > 0 ? d->units[0] : d->unit_id);
    struct str nature = str_of(nature_chinese(d->nature)), urgency = str_of(urgency_chinese(d->urgency));
    e->texts++;
    bool right = tick_label(&e->category_top1, l->category, d->category);
    if (l->category.n) (void)tick(&e->category_top3, in_guesses);
    if (l->category.n) (void)tick(&e->category1_top3, in_headings);
    (void)tick_label(&e->category1_top1, heading_of(l->category), heading_of(d->category));
    right &= tick_label(&e->unit_top1, l->unit, unit);
    if (l->unit.n) (void)tick(&e->unit_top3, in_units);
    right &= tick_label(&e->nature_top1, l->nature, nature);
    right &= tick_label(&e->urgency_top1, l->urgency, urgency);
    struct str about = unit_code(&b->rows, d->about_unit_id);
    if (l->about.n > 0) (void)tick(&e->about, str_eq(about, l->about));
    if (l->says_about && about.n > 0) (void)tick(&e->about_true, str_eq(about, l->about));
    right &= !l->says_about || str_eq(about, l->about);
    if (str_eq(l->urgency, STR("特急"))) (void)tick(&e->critical, d->urgency == URGENCY_CRITICAL);
    const bool alone = route_goes_alone(d, b->options->percent);
    if (l->unit.n) (void)tick(&e->autos, alone);
    if (l->unit.n && alone) {
        bool same = tick(&e->auto_right, str_eq(unit_code(&b->rows, d->unit_id), l->unit));
        if (l->category.n) (void)tick(&e->auto_both, same && str_eq(d->category, l->category));
    }
    if (str_eq(l->nature, STR("举报")) && l->about.n > 0)
        e->walls_broken += route_walled(b->routing, routing_rows_unit(&b->rows, l->about), d->unit_id);
    if (b->misses != NULL && !right)
        text_addf(b->misses,
                  "%.*s category %.*s>%.*s unit %.*s>%.*s nature %.*s>%.*s urgency %.*s>%.*s about %.*s>%.*s "
                  "confidence %.2f%s%s\n",
                  STR_ARG(id_of(l)), STR_ARG(l->category), STR_ARG(d->category), STR_ARG(l->unit),
                  STR_ARG(unit), STR_ARG(l->nature), STR_ARG(nature), STR_ARG(l->urgency), STR_ARG(urgency),
                  STR_ARG(l->about), STR_ARG(about), d->confidence, d->triage ? " triage" : "",
                  d->held ? " held" : "");
}

/* Number of a name in a list that grows; n when the list is full. */
static size_t place_of(char (*names)[EVALUATE_NAME], size_t *n, size_t max, struct str name)
{
    char z[EVALUATE_NAME] = "";
    memcpy(z, name.p, MIN(name.n, sizeof z - 1));
    for (size_t i = 0; i < *n; i++)
        if (strcmp(names[i], z) == 0) return i;
    if (*n < max) memcpy(names[(*n)++], z, sizeof z);
    return *n - 1;
}

static void score_pair(struct evaluation *e, struct str gold, struct str found)
{
    size_t at = 0;
    for (; at < e->n_pairs; at++)
        if (str_eq(str_of(e->pairs[at].gold), gold) && str_eq(str_of(e->pairs[at].found), found)) break;
    if (at == EVALUATE_PAIRS) return;
    struct evaluate_pair *p = &e->pairs[at];
    e->n_pairs = MAX(e->n_pairs, at + 1);
    memcpy(p->gold, gold.p, MIN(gold.n, sizeof p->gold - 1));
    memcpy(p->found, found.p, MIN(found.n, sizeof p->found - 1));
    p->n++;
}

static void score_confusion(struct bench *b, const struct evaluate_text *l, const struct decision *d)
{
    struct evaluation *e = b->e;
    enum nature gold_nature;
    if (nature_parse(l->nature, &gold_nature)) e->nature[gold_nature][d->nature]++;
    for (int u = 0; u < URGENCIES_N; u++)
        if (str_eq(l->urgency, str_of(urgency_chinese((enum urgency)u)))) e->urgency[u][d->urgency]++;
    bool unit = str_eq(unit_code(&b->rows, d->n_units > 0 ? d->units[0] : d->unit_id), l->unit);
    if (l->unit.n) b->sure[b->n_sure++] = (struct sure){d->unit_confidence, unit};
    if (l->category.n == 0) return;
    size_t row = place_of(e->headings, &e->n_headings, EVALUATE_HEADINGS, heading_of(l->category));
    e->heading[row][place_of(e->headings, &e->n_headings, EVALUATE_HEADINGS, heading_of(d->category))]++;
    bool category = str_eq(d->category, l->category);
    if (!category) score_pair(e, l->category, d->category);
    if (l->unit.n == 0) return;
    struct evaluate_bucket *k =
        &e->bucket[MIN((size_t)(d->confidence * EVALUATE_BUCKETS), (size_t)EVALUATE_BUCKETS - 1)];
    k->n++;
    k->right += unit && category;
    k->confidence += d->confidence;
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

/* A labelled span counts as found when every byte of it is masked; a mask is true when at least half of it is labelled. */
static void score_masks(struct bench *b, const struct evaluate_text *l)
{
    struct redact_span spans[SPANS_MAX];
    size_t n = redact_find(l->text, spans, SPANS_MAX), labelled = json_count(l->pii);
    size_t covered[SPANS_MAX] = {0};
    if (l->pii == NULL) return;
    for (size_t i = 0; i < labelled; i++) {
        i64 from, to;
        const struct json *p = json_at(l->pii, i);
        if (!json_int(json_get(p, "start"), &from) || !json_int(json_get(p, "end"), &to)) continue;
        size_t start = byte_at(l->text, from), end = byte_at(l->text, to), at = start;
        for (size_t k = 0; k < n; k++) {
            if (spans[k].start < end && spans[k].end > start)
                covered[k] += MIN(spans[k].end, end) - MAX(spans[k].start, start);
            if (spans[k].start <= at && spans[k].end > at) at = spans[k].end;
        }
        if (!tick(&b->e->mask_found, at >= end) && b->misses != NULL)
            text_addf(b->misses, "%.*s mask missed %.*s\n", STR_ARG(id_of(l)),
                      STR_ARG(json_str(json_get(p, "type"))));
    }
    for (size_t k = 0; k < n; k++)
        (void)tick(&b->e->mask_true, 2 * covered[k] >= spans[k].end - spans[k].start);
}
