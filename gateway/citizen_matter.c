/* What a matter needs beside its words. After the first press the router says, in memory, what it would be; what its category has
 * to know and the words do not say is asked once, each question free to be left open, and open cases that may be the same matter
 * are shown beside. Of those nobody reads more than category, day and unit, and the words that both texts have in common: words
 * that the reader has just written. A text that says somebody is in danger is stored first and asked afterwards. */
#include "citizen_part.h"
#include "intake.h"
#include "base/code.h"
#include "base/log.h"
#include "base/utf8.h"
#include "core/glyph.h"
#include "core/likeness.h"
#include "core/normalise.h"
#include "core/redact.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALIKE_EACH    "100" /* newest of each way to be near; likeness is judged over these */
#define ALIKE_DAYS    60
#define ALIKE_PAIRS   5
#define ALIKE_HERE    30 /* percent: the same category at the same unit or plaque */
#define ALIKE_ELSE    40
#define SHARED_LEAST  3 /* characters in common that are worth showing */
#define SHARED_MOST   16
#define ANSWER_POINTS 200
#define JOIN_PURPOSE  "join"
#define KEPT_PURPOSE  "kept"

/* What the category asks and the words do not say; of a heading what its category does not ask itself. */
static const struct db_stmt stmt_matter_needs = {
    "matter_needs",
    "with t as (select regexp_replace($2, coalesce((select string_agg(w.word, '|' order by length(w.word) desc) "
    "from need_words w where w.kind = 'blind'), '$^'), ' ', 'g') as words) "
    "select distinct on (n.kind) n.kind, n.question_zh, n.question_en, array_to_string(n.options_zh, '|'), "
    "array_to_string(n.options_en, '|') from category_needs n, t where n.category in ($1, left($1, 2)) "
    "and not exists (select from need_words w where w.kind = n.kind and position(w.word in t.words) > 0) "
    "and not exists (select from unnest(n.options_zh) o where position(o in $2) > 0) "
    "order by n.kind, length(n.category) desc",
    2,
    {DB_TEXT, DB_TEXT}};
/* Pressed twice, or sent again after a lost answer: nothing is asked of what is stored already (promise P2). */
static const struct db_stmt stmt_matter_known = {
    "matter_known",
    "select exists (select from feedback where channel = $1 and provider = '' and dedupe_key = $2)",
    2,
    {DB_TEXT, DB_TEXT}};
#define OPEN_TO_ALL                                                                                          \
    "state in ('discovered', 'assigned', 'handling', 'replied', 'verifying') and not confidential "          \
    "and not held and nature not in ('report', 'rate')"
/* A case that nobody has yet is named by where it was scanned, not by the desk that sorts it. */
#define NEAR(column, n)                                                                                      \
    "(select id, category, unit_id, "                                                                        \
    "case state when 'discovered' then plaque_unit_id else unit_id end as known, opened_at "                 \
    "from cases where " column " = " n " and " OPEN_TO_ALL " and opened_at > $4 "                            \
    "order by opened_at desc limit " ALIKE_EACH ")"
const struct db_stmt stmt_matter_alike = {
    "matter_alike",
    "select c.id, c.category, c.unit_id, c.opened_at, left(f.masked, 400), coalesce(left(p.words, 100), ''), "
    "coalesce(c.known, 0) "
    "from (" NEAR("category", "$1") " union " NEAR("unit_id", "$2") " union " NEAR(
        "plaque_unit_id",
        "$3") ") c "
              "join lateral (select s.id, s.masked from feedback s where s.case_id = c.id order by s.received_at, s.id "
              "limit 1) f on true left join feedback_places p on p.feedback_id = f.id",
    4,
    {DB_TEXT, DB_INT4, DB_INT4, DB_TIMESTAMPTZ}};
const struct db_stmt *const matter_statements[] = {&stmt_matter_needs, &stmt_matter_known,
                                                   &stmt_matter_alike};
const size_t n_matter_statements = ARRAY_LEN(matter_statements);

/* --- from the form --- */

struct matter_filled {
    struct str place, when, choice, lat, lon, accuracy, kept, joins;
};

/* Plain decimal degrees or metres, as a browser gives them. */
static bool decimal(struct str s, double *out)
{
    char buf[32], *end;
    if (s.n == 0 || s.n >= sizeof buf) return false;
    for (size_t i = 0; i < s.n; i++)
        if (!((s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == '.' || (s.p[i] == '-' && i == 0))) return false;
    memcpy(buf, s.p, s.n);
    buf[s.n] = '\0';
    *out = strtod(buf, &end);
    return *end == '\0';
}

static enum refusal read_place(const struct matter_filled *m, struct submission *sub)
{
    struct position *at = &sub->position;
    double metres = 0;
    at->words = glyph_trim(m->place);
    if (m->lat.n == 0 && m->lon.n == 0) return REFUSE_NONE;
    if (!decimal(m->lat, &at->lat) || !decimal(m->lon, &at->lon)) return REFUSE_POSITION_BAD;
    if (m->accuracy.n && (!decimal(m->accuracy, &metres) || metres < 0)) return REFUSE_POSITION_BAD;
    at->point = true;
    at->accuracy = metres > SUBMISSION_ACCURACY_MAX ? SUBMISSION_ACCURACY_MAX : (int)metres;
    return REFUSE_NONE;
}

/* "number.token": only what we have shown to somebody comes back as something to join. */
static bool read_join(const struct gateway *g, struct str value, instant now, u64 *case_r)
{
    char key[FORM_KEY_MAX];
    instant issued;
    struct str id, token;
    return str_cut(value, '.', &id, &token) && str_u64(id, INT64_MAX, case_r) &&
           form_token_check(g->keys, token, id, STR(JOIN_PURPOSE), now, key, &issued);
}

/* "id,id.token": files that were taken with the first page and wait for the second. */
static bool read_kept(const struct gateway *g, struct arena *a, struct str value, instant now,
                      struct submission *sub)
{
    char key[FORM_KEY_MAX];
    instant issued;
    struct str ids, token, one;
    size_t n = 0;
    u64 *files = arena_alloc(a, SUBMISSION_FILES_MAX * sizeof *files);
    if (!files || !str_cut(value, '.', &ids, &token) ||
        !form_token_check(g->keys, token, ids, STR(KEPT_PURPOSE), now, key, &issued))
        return false;
    while (ids.n) {
        str_cut(ids, ',', &one, &ids);
        if (n == SUBMISSION_FILES_MAX || !str_u64(one, INT64_MAX, &files[n])) return false;
        n++;
    }
    sub->files = files;
    sub->n_files = n;
    return n > 0;
}

/* An answer stands behind the words with what it answers, as if the citizen had gone on writing. */
static void add_answer(struct text *t, const char *label, struct str answer)
{
    answer = glyph_trim(answer);
    answer.n = utf8_prefix(answer, ANSWER_POINTS);
    if (answer.n == 0) return;
    text_addf(t, "\n%s：", label);
    text_add(t, answer);
}

enum refusal matter_read(struct gateway *g, struct filled *f, const struct webform *form, struct arena *a,
                         struct submission *sub)
{
    struct matter_filled *m = ARENA_NEW(a, struct matter_filled);
    struct text words;
    const instant now = clock_now();
    if (!m) return REFUSE_TOO_BIG;
    *m = (struct matter_filled){.place = webform_get(form, a, "place"),
                                .when = webform_get(form, a, "when"),
                                .choice = webform_get(form, a, "choice"),
                                .lat = webform_get(form, a, "lat"),
                                .lon = webform_get(form, a, "lon"),
                                .accuracy = webform_get(form, a, "accuracy"),
                                .kept = webform_get(form, a, "kept"),
                                .joins = webform_get(form, a, "same")};
    f->more = m;
    if (m->kept.n && !read_kept(g, a, m->kept, now, sub)) return REFUSE_FORM_EXPIRED;
    if (m->joins.n && !str_eq(m->joins, STR("none")) && !read_join(g, m->joins, now, &sub->joins))
        return REFUSE_FORM_EXPIRED;
    if (!utf8_valid(m->when) || !utf8_valid(m->choice)) return REFUSE_BAD_ENCODING;
    text_init(&words, sub->text.n + 8 * ANSWER_POINTS + 100);
    text_add(&words, sub->text);
    add_answer(&words, "时间", m->when);
    add_answer(&words, "补充", m->choice);
    if (words.n > sub->text.n) sub->text = arena_str(a, text_str(&words));
    text_free(&words);
    return sub->text.p ? read_place(m, sub) : REFUSE_TOO_BIG;
}

/* --- what it needs --- */

struct matter_looking {
    struct gateway *g;
    struct arena *arena;
    struct matter_more *more;
    struct str masked;
    struct str category;
    int unit, plaque_unit;
    bool alike;
    matter_done *done;
    void *arg;
};

static void options_of(struct arena *a, struct str joined, struct str out[MATTER_OPTIONS], size_t *n_r)
{
    struct str rest = arena_str(a, joined), one;
    *n_r = 0;
    while (rest.n && *n_r < MATTER_OPTIONS) {
        str_cut(rest, '|', &one, &rest);
        out[(*n_r)++] = one;
    }
}

static void take_needs(struct matter_looking *l, const struct db_result *r)
{
    static const char *const words[] = {
        [MATTER_PLACE] = "place", [MATTER_WHEN] = "when", [MATTER_CHOICE] = "choice"};
    struct matter_more *m = l->more;
    for (size_t k = 0; k < ARRAY_LEN(words); k++)
        for (int i = 0; i < db_rows(r); i++) {
            if (!str_eq(db_get_text(r, i, 0), str_of(words[k]))) continue;
            struct matter_question *q = &m->questions[m->n_questions++];
            size_t n_en;
            q->kind = (enum matter_kind)k;
            q->zh = arena_str(l->arena, db_get_text(r, i, 1));
            q->en = arena_str(l->arena, db_get_text(r, i, 2));
            options_of(l->arena, db_get_text(r, i, 3), q->options_zh, &q->n_options);
            options_of(l->arena, db_get_text(r, i, 4), q->options_en, &n_en);
            break; /* one of each kind: the statement says so */
        }
}

static void take_alike(struct matter_looking *l, const struct db_result *r)
{
    struct matter_more *m = l->more;
    struct likeness *mine = ARENA_NEW(l->arena, struct likeness),
                    *other = ARENA_NEW(l->arena, struct likeness);
    int score[MATTER_ALIKE] = {0};
    if (!mine || !other) return;
    likeness_of(l->masked, mine);
    if (mine->n < ALIKE_PAIRS) return; /* too few words to be like anything */
    for (int i = 0; i < db_rows(r); i++) {
        struct str category = db_get_text(r, i, 1), words = db_get_text(r, i, 4),
                   place = db_get_text(r, i, 5);
        likeness_of(words, other);
        const int percent = likeness_percent(mine, other), unit = (int)db_get_i64(r, i, 2);
        const bool here =
            str_eq(category, l->category) && (unit == l->unit || (l->plaque_unit && unit == l->plaque_unit));
        if (percent < (here ? ALIKE_HERE : ALIKE_ELSE)) continue;
        size_t at = 0;
        while (at < m->n_alike && score[at] >= percent) at++;
        if (at == MATTER_ALIKE) continue;
        if (m->n_alike < MATTER_ALIKE) m->n_alike++;
        for (size_t k = m->n_alike - 1; k > at; k--) score[k] = score[k - 1], m->alike[k] = m->alike[k - 1];
        struct str shared = likeness_shared(l->masked, words, SHARED_LEAST, SHARED_MOST),
                   there = likeness_shared(l->masked, place, SHARED_LEAST, SHARED_MOST);
        score[at] = percent;
        m->alike[at] = (struct matter_alike){.case_id = (u64)db_get_i64(r, i, 0),
                                             .category = arena_str(l->arena, category),
                                             .unit = (int)db_get_i64(r, i, 6),
                                             .opened = db_get_instant(r, i, 3),
                                             .shared = there.n ? there : shared};
    }
}

static void looked(void *arg, enum db_end end, const struct db_result *const *results, int n,
                   const struct db_error *error)
{
    struct matter_looking *l = arg;
    if (end == DB_OK) {
        if (n < 3 || !db_get_bool(results[1], 0, 0)) take_needs(l, results[0]);
        if (n == 3 && !db_get_bool(results[1], 0, 0)) take_alike(l, results[2]);
    } else { /* nobody is kept from sending by a question that could not be looked up */
        log_line(LOG_WARNING, LOG_INTAKE, "needs of a matter not read", "sqlstate=%s",
                 error ? error->sqlstate : "");
    }
    matter_done *done = l->done;
    void *to = l->arg;
    struct matter_more *m = l->more;
    free(l);
    done(to, m);
}

void matter_look(struct gateway *g, const struct submission *sub, struct arena *a, enum matter_when when,
                 matter_done *done, void *arg)
{
    struct matter_more *m = ARENA_NEW(a, struct matter_more);
    static const struct matter_more nothing;
    struct str clean = intake_cleaned(g, sub->text, a);
    const struct plaque_row *plaque =
        sub->plaque.n && register_ready(g) ? register_plaque(g, sub->plaque) : NULL;
    struct decision d;
    if (!m || !clean.p || !register_ready(g)) {
        done(arg, m ? m : &nothing);
        return;
    }
    const struct route_input in = {.text = clean,
                                   .nature = sub->nature,
                                   .rating = sub->rating,
                                   .unit_id = register_plaque_unit(g, plaque),
                                   .door = sub->door};
    route_decide(register_routing(g), &in, a, &d);
    m->urgent = d.urgency == URGENCY_CRITICAL || d.level == 1;
    m->apart = d.confidential || d.held || !d.opens_case || d.nature == NATURE_REPORT || m->urgent;
    if (when == MATTER_JUDGE || (when == MATTER_ASK && m->apart)) {
        done(arg, m);
        return;
    }
    struct matter_looking *l = MEM_NEW(struct matter_looking);
    *l = (struct matter_looking){.g = g,
                                 .arena = a,
                                 .more = m,
                                 .category = arena_str(a, d.category),
                                 .unit = d.unit_id,
                                 .plaque_unit = register_plaque_unit(g, plaque),
                                 .alike = when == MATTER_ASK,
                                 .done = done,
                                 .arg = arg};
    struct text masked;
    text_init(&masked, sub->text.n + 1);
    redact_mask(sub->text, &masked);
    l->masked = arena_str(a, text_str(&masked));
    text_free(&masked);
    struct db_call *c = db_call_new(looked, l);
    struct db_params *needs = db_params_new(&stmt_matter_needs);
    db_put_text(needs, l->category);
    db_put_text(needs, clean);
    db_call_add(c, &stmt_matter_needs, needs);
    if (l->alike) {
        struct db_params *known = db_params_new(&stmt_matter_known);
        db_put_text(known, str_of(door_word(sub->door)));
        db_put_text(known, sub->dedupe_key);
        db_call_add(c, &stmt_matter_known, known);
        struct db_params *near = db_params_new(&stmt_matter_alike);
        db_put_text(near, l->category);
        db_put_i32(near, l->unit);
        db_put_i32(near, l->plaque_unit);
        db_put_instant(near, instant_add(clock_now(), SPAN_H(-24 * ALIKE_DAYS)));
        db_call_add(c, &stmt_matter_alike, near);
    }
    if (db_call_send(g->lane_public, c)) return;
    free(l);
    done(arg, m);
}

/* --- the second page --- */

void matter_put(struct page *p, const struct filled *f)
{
    const struct matter_filled *typed = f->more;
    if (!typed) return;
    page_copy(p, "keep_place", typed->place);
    page_copy(p, "keep_when", typed->when);
    page_copy(p, "keep_choice", typed->choice);
    page_copy(p, "lat", typed->lat);
    page_copy(p, "lon", typed->lon);
    page_copy(p, "accuracy", typed->accuracy);
    page_flag(p, "has_point", typed->lat.n > 0);
}

/* What was answered before and is not asked on this page goes on with it. */
static void keep_answers(struct page *p, const struct matter_filled *typed, const struct matter_more *m)
{
    bool asked[3] = {false};
    for (size_t i = 0; i < m->n_questions; i++) asked[m->questions[i].kind] = true;
    if (!asked[MATTER_PLACE]) page_copy(p, "also_place", typed->place);
    if (!asked[MATTER_WHEN]) page_copy(p, "also_when", typed->when);
    if (!asked[MATTER_CHOICE]) page_copy(p, "also_choice", typed->choice);
}

static void put_questions(struct page *p, const struct matter_more *m, const struct matter_filled *typed)
{
    for (size_t i = 0; i < m->n_questions; i++) {
        static const char *const flags[] = {
            [MATTER_PLACE] = "is_place", [MATTER_WHEN] = "is_when", [MATTER_CHOICE] = "is_choice"};
        const struct matter_question *q = &m->questions[i];
        struct template_data *row = template_row(p->data, "questions");
        const bool zh = p->lang == LANG_ZH;
        if (!row) return;
        template_put(row, "question", zh ? page_chinese(p, q->zh) : q->en);
        template_flag(row, flags[q->kind], true);
        if (q->kind == MATTER_PLACE) page_flag(p, "asks_place", true);
        if (typed && q->kind != MATTER_CHOICE)
            template_put(row, "typed",
                         arena_str(&p->arena, q->kind == MATTER_PLACE ? typed->place : typed->when));
        for (size_t k = 0; k < q->n_options; k++) {
            struct template_data *o = template_row(row, "options");
            if (!o) return;
            template_put(o, "value", q->options_zh[k]);
            template_put(o, "label", zh ? page_chinese(p, q->options_zh[k]) : q->options_en[k]);
            template_flag(o, "chosen", typed && str_eq(typed->choice, q->options_zh[k]));
        }
    }
}

static void put_alike(struct page *p, const struct matter_more *m, const struct matter_filled *typed)
{
    for (size_t i = 0; i < m->n_alike; i++) {
        const struct matter_alike *one = &m->alike[i];
        const struct category *c = register_category(p->g, one->category);
        const struct unit *u = register_unit(p->g, one->unit);
        struct template_data *row = template_row(p->data, "alike");
        char id[24], token[FORM_TOKEN_MAX], value[100], day[INSTANT_TEXT_MAX];
        if (!row || !c) continue;
        snprintf(id, sizeof id, "%llu", (unsigned long long)one->case_id);
        form_token_make(p->g->keys, str_of(id), STR(JOIN_PURPOSE), clock_now(), token);
        snprintf(value, sizeof value, "%s.%s", id, token);
        instant_text_china(one->opened, day);
        day[10] = '\0';
        template_put(row, "value", arena_str(&p->arena, str_of(value)));
        template_put(row, "category", page_chinese(p, c->name));
        template_put(row, "day", arena_str(&p->arena, str_of(day)));
        template_put(row, "unit", u && p->lang == LANG_ZH ? page_chinese(p, u->name) : STR_NONE);
        template_put(row, "shared", one->shared);
        struct str was, rest;
        template_flag(row, "chosen",
                      typed && str_cut(typed->joins, '.', &was, &rest) && str_eq(was, str_of(id)));
    }
}

void matter_put_more(struct page *p, const struct filled *f, const struct submission *sub,
                     const struct matter_more *m)
{
    const struct matter_filled *typed = f->more;
    page_flag(p, "asks", m->n_questions > 0);
    page_put(p, "place_js", asset_path("place.js"));
    page_flag(p, "shows", m->n_alike > 0);
    put_questions(p, m, typed);
    put_alike(p, m, typed);
    if (typed) keep_answers(p, typed, m);
    if (sub->n_files) {
        char token[FORM_TOKEN_MAX];
        struct text ids;
        text_init(&ids, 400);
        for (size_t i = 0; i < sub->n_files; i++)
            text_addf(&ids, i ? ",%llu" : "%llu", (unsigned long long)sub->files[i]);
        form_token_make(p->g->keys, text_str(&ids), STR(KEPT_PURPOSE), clock_now(), token);
        text_addf(&ids, ".%s", token);
        page_copy(p, "kept", text_str(&ids));
        text_clear(&ids);
        text_addf(&ids, "%zu", sub->n_files);
        page_copy(p, "kept_n", text_str(&ids));
        text_free(&ids);
    }
}

void matter_put_later(struct page *p, const char *receipt, const struct matter_more *m)
{
    char token[FORM_TOKEN_MAX];
    if (m->n_questions == 0) return;
    form_token_make(p->g->keys, str_of(receipt), STR("say"), clock_now(), token);
    page_copy(p, "token_say", str_of(token));
    page_flag(p, "ask_later", true);
    put_questions(p, m, NULL);
}
