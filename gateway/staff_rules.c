/* What the router knows, as the desk of rules shows it: the version in force and the ones before, drafts, and words, aliases and
 * categories page by page. The rows come from memory; the database is asked who may look and for drafts and versions. */
#include "staff_rules.h"
#include "staff_query.h"
#include "casework.h"
#include "base/code.h"
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX   ((size_t)4 << 20)
#define PAGE         60
#define LIST_MAX     50
#define QUERY_POINTS 200 /* octets of one filter */

/* The newest drafts: those that are open first. */
static const struct db_stmt stmt_rules_drafts = {
    "rules_drafts",
    "select d.id, d.state, d.base, d.note, jsonb_array_length(d.changes), d.author_id, a.name, d.made_at, d.changed_at, d.proposed_at, "
    "d.settled_at, s.name, d.why, d.version from rule_drafts d join staff a on a.id = d.author_id left join staff s on s.id = d.settled_by "
    "where $1 = 0 or d.id = $1 order by d.state not in ('writing', 'proposed'), d.id desc limit $2",
    2,
    {DB_INT8, DB_INT4}};
enum {
    D_ID,
    D_STATE,
    D_BASE,
    D_NOTE,
    D_N,
    D_AUTHOR,
    D_NAME,
    D_MADE,
    D_CHANGED,
    D_PROPOSED,
    D_SETTLED,
    D_BY,
    D_WHY,
    D_VERSION
};
static const struct db_stmt stmt_rules_versions = {
    "rules_versions",
    "select v.version, v.made_at, a.name, c.name, v.tool, v.note, jsonb_array_length(v.changes), v.draft_id from rule_versions v "
    "left join staff a on a.id = v.author_id left join staff c on c.id = v.confirmer_id "
    "where $1 = 0 or v.version = $1 order by v.version desc limit $2",
    2,
    {DB_INT4, DB_INT4}};
enum { V_VERSION, V_MADE, V_AUTHOR, V_CONFIRMER, V_TOOL, V_NOTE, V_N, V_DRAFT };
const struct db_stmt stmt_rules_draft = {
    "rules_draft", "select d.changes from rule_drafts d where d.id = $1", 1, {DB_INT8}};
const struct db_stmt stmt_rules_version = {
    "rules_version", "select v.changes from rule_versions v where v.version = $1", 1, {DB_INT4}};

const struct db_stmt *const rules_statements[] = {
    &stmt_rules_drafts,     &stmt_rules_versions,  &stmt_rules_draft,
    &stmt_rules_version,    &stmt_rules_back,      &stmt_rules_draft_save,
    &stmt_rules_draft_step, &stmt_rules_draft_put, &stmt_rules_sample,
};
const size_t n_rules_statements = ARRAY_LEN(rules_statements);

static void put_null_text(struct text *t, const char *name, const struct db_result *r, int row, int col)
{
    json_put_text(t, name, db_is_null(r, row, col) ? STR_NONE : db_get_text(r, row, col));
}

static void put_number(struct text *t, const char *name, const struct db_result *r, int row, int col)
{
    if (db_is_null(r, row, col))
        text_addf(t, ",\"%s\":null", name);
    else
        text_addf(t, ",\"%s\":%lld", name, (long long)db_get_i64(r, row, col));
}

/* --- drafts and versions --- */

static void put_draft(const struct db_result *r, int row, const struct staff_who *who, struct text *t)
{
    const struct str state = db_get_text(r, row, D_STATE);
    const bool writing = str_eq(state, STR("writing")), proposed = str_eq(state, STR("proposed")),
               mine = db_get_i64(r, row, D_AUTHOR) == who->actor.staff && (who->actor.roles & RULES_WRITERS),
               other =
                   db_get_i64(r, row, D_AUTHOR) != who->actor.staff && (who->actor.roles & RULES_CONFIRMERS);
    const struct staff_offer steps[] = {
        {"write", writing && mine},      {"propose", writing && mine},
        {"confirm", proposed && other},  {"refuse", proposed && other},
        {"take_back", proposed && mine}, {"withdraw", (writing || proposed) && mine}};
    text_addf(t, "{\"id\":%lld", (long long)db_get_i64(r, row, D_ID));
    json_put_text(t, "state", state);
    text_addf(t, ",\"base\":%lld", (long long)db_get_i64(r, row, D_BASE));
    json_put_text(t, "note", db_get_text(r, row, D_NOTE));
    text_addf(t, ",\"n\":%lld,\"author\":{\"id\":%lld", (long long)db_get_i64(r, row, D_N),
              (long long)db_get_i64(r, row, D_AUTHOR));
    json_put_text(t, "name", db_get_text(r, row, D_NAME));
    text_addc(t, '}');
    json_put_instant(t, "made_at", db_get_instant(r, row, D_MADE));
    json_put_instant(t, "changed_at", db_get_instant(r, row, D_CHANGED));
    json_put_instant(t, "proposed_at", db_get_instant(r, row, D_PROPOSED));
    json_put_instant(t, "settled_at", db_get_instant(r, row, D_SETTLED));
    put_null_text(t, "settled_by", r, row, D_BY);
    put_null_text(t, "why", r, row, D_WHY);
    put_number(t, "version", r, row, D_VERSION);
    staff_put_steps(steps, ARRAY_LEN(steps), t);
}

static void put_version(const struct db_result *r, int row, struct text *t)
{
    text_addf(t, "{\"version\":%lld", (long long)db_get_i64(r, row, V_VERSION));
    json_put_instant(t, "made_at", db_get_instant(r, row, V_MADE));
    put_null_text(t, "author", r, row, V_AUTHOR);
    put_null_text(t, "confirmer", r, row, V_CONFIRMER);
    json_put_text(t, "tool", db_get_text(r, row, V_TOOL));
    json_put_text(t, "note", db_get_text(r, row, V_NOTE));
    text_addf(t, ",\"n\":%lld", (long long)db_get_i64(r, row, V_N));
    put_number(t, "draft", r, row, V_DRAFT);
}

static void add_list(struct db_call *c, const struct db_stmt *s, i64 one, int limit)
{
    struct db_params *p = db_params_new(s);
    if (s->types[0] == DB_INT8)
        db_put_i64(p, one);
    else
        db_put_i32(p, (int)one);
    db_put_i32(p, limit);
    db_call_add(c, s, p);
}

static void have_desk(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    (void)n;
    if (draft_entered(a, end, results, error, RULES_READERS, &who)) {
        const struct db_result *drafts = results[CASEWORK_FIRST], *versions = results[CASEWORK_FIRST + 1];
        struct snapshot *held = register_hold(a->g);
        const struct routing_rows *rows = held ? register_held_rows(held) : NULL;
        struct text t;
        text_init(&t, ANSWER_MAX);
        text_addf(&t,
                  "{\"version\":%d,\"auto_assign_percent\":%d,\"may_write\":%s,\"may_confirm\":%s,"
                  "\"counts\":{\"words\":%zu,\"units\":%zu,\"categories\":%zu},\"drafts\":[",
                  held ? register_held_version(held) : 0, a->g->cfg.auto_assign_percent,
                  who.actor.roles & RULES_WRITERS ? "true" : "false",
                  who.actor.roles & RULES_CONFIRMERS ? "true" : "false", rows ? rows->n_words : 0,
                  rows ? rows->n_units : 0, rows ? rows->n_categories : 0);
        for (int i = 0; i < db_rows(drafts); i++) {
            if (i) text_addc(&t, ',');
            put_draft(drafts, i, &who, &t);
            text_addc(&t, '}');
        }
        text_addz(&t, "],\"versions\":[");
        for (int i = 0; i < db_rows(versions); i++) {
            if (i) text_addc(&t, ',');
            put_version(versions, i, &t);
            text_addc(&t, '}');
        }
        text_addz(&t, "]}");
        if (held) register_let_go(&held);
        staff_answer(a, &t);
    }
    free(a);
}

void rules_desk(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct staff_ask *kept = staff_keep(a);
    (void)in, (void)id;
    struct db_call *c = staff_call(a, have_desk, kept);
    add_list(c, &stmt_rules_drafts, 0, LIST_MAX);
    add_list(c, &stmt_rules_versions, 0, LIST_MAX);
    if (!staff_go(a, c)) free(kept);
}

/* --- one draft, one version --- */

static void have_one(struct staff_ask *a, enum db_end end, const struct db_result *const *results,
                     const struct db_error *error, bool draft)
{
    struct staff_who who;
    if (draft_entered(a, end, results, error, RULES_READERS, &who)) {
        const struct db_result *row = results[CASEWORK_FIRST], *changes = results[CASEWORK_FIRST + 1];
        struct text t;
        if (db_rows(row) == 0 || db_rows(changes) == 0) {
            staff_refuse(a, REFUSE_NOT_FOUND, draft ? "没有这份草案。" : "没有这一版规则。",
                         draft ? "There is no such draft." : "There is no such version of the rules.");
        } else {
            text_init(&t, ANSWER_MAX);
            if (draft)
                put_draft(row, 0, &who, &t);
            else
                put_version(row, 0, &t);
            text_addz(&t, ",\"changes\":");
            text_add(&t, db_get_text(changes, 0, 0));
            text_addc(&t, '}');
            staff_answer(a, &t);
        }
    }
    free(a);
}

static void have_draft(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    (void)n;
    have_one(arg, end, results, error, true);
}
static void have_version(void *arg, enum db_end end, const struct db_result *const *results, int n,
                         const struct db_error *error)
{
    (void)n;
    have_one(arg, end, results, error, false);
}

void rules_draft_read(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct staff_ask *kept = staff_keep(a);
    (void)in;
    struct db_call *c = staff_call(a, have_draft, kept);
    add_list(c, &stmt_rules_drafts, id ? (i64)id : -1, 1);
    staff_add_by_id(c, &stmt_rules_draft, id);
    if (!staff_go(a, c)) free(kept);
}

void rules_version_read(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    (void)in;
    const int version = id > 0 && id <= INT32_MAX ? (int)id : -1; /* -1: there is none */
    struct staff_ask *kept = staff_keep(a);
    struct db_call *c = staff_call(a, have_version, kept);
    struct db_params *p = db_params_new(&stmt_rules_version);
    add_list(c, &stmt_rules_versions, version, 1);
    db_put_i32(p, version);
    db_call_add(c, &stmt_rules_version, p);
    if (!staff_go(a, c)) free(kept);
}

/* --- rows of the snapshot, page by page --- */

struct looking {
    struct staff_ask ask;
    void (*put)(const struct looking *l, const struct snapshot *held, struct text *t);
    char q[QUERY_POINTS + 1], kind[40], value[40];
    u64 after; /* rows passed over */
};

static bool has(struct str s, const char *q) { return !*q || str_find(s, str_of(q)) != SIZE_MAX; }

/* The rows' page under its name: `fits` says which count; next is where the following page begins. */
static void put_page(const struct looking *l, const struct routing_rows *rows, size_t n, const char *name,
                     bool (*fits)(const struct looking *, const struct routing_rows *, size_t),
                     void (*put)(const struct routing_rows *, size_t, struct text *), struct text *t)
{
    size_t found = 0, shown = 0;
    text_addf(t, "\"%s\":[", name);
    for (size_t i = 0; i < n; i++) {
        if (!fits(l, rows, i) || found++ < l->after || shown == PAGE) continue;
        if (shown++) text_addc(t, ',');
        put(rows, i, t);
    }
    text_addf(t, "],\"total\":%zu,\"next\":", found);
    if (l->after + shown < found)
        text_addf(t, "%zu", (size_t)l->after + shown);
    else
        text_addz(t, "null");
    text_addc(t, '}');
}

static bool word_fits(const struct looking *l, const struct routing_rows *rows, size_t i)
{
    const struct routing_word *w = &rows->words[i];
    return (!l->kind[0] || str_eq(w->kind, str_of(l->kind))) &&
           (!l->value[0] || str_eq(w->value, str_of(l->value))) &&
           (has(w->word, l->q) || has(w->value, l->q));
}
static void put_word(const struct routing_rows *rows, size_t i, struct text *t)
{
    const struct routing_word *w = &rows->words[i];
    text_addz(t, "{\"kind\":");
    json_put(t, w->kind);
    json_put_text(t, "word", w->word);
    json_put_text(t, "value", w->value);
    text_addf(t, ",\"weight\":%.6g}", w->weight);
}
static void put_words(const struct looking *l, const struct snapshot *held, struct text *t)
{
    const struct routing_rows *rows = register_held_rows(held);
    put_page(l, rows, rows->n_words, "words", word_fits, put_word, t);
}

static bool unit_fits(const struct looking *l, const struct routing_rows *rows, size_t i)
{
    const struct routing_unit *u = &rows->units[i];
    return has(u->name, l->q) || has(u->short_name, l->q) || has(u->aliases, l->q) || has(u->code, l->q);
}
static void put_unit(const struct routing_rows *rows, size_t i, struct text *t)
{
    const struct routing_unit *u = &rows->units[i];
    struct str rest = u->aliases, one;
    text_addz(t, "{\"code\":");
    json_put(t, u->code);
    json_put_text(t, "name", u->name);
    json_put_text(t, "short_name", u->short_name);
    text_addz(t, ",\"aliases\":[");
    for (bool more = false; rest.n > 0; more = true) {
        (void)str_cut(rest, '|', &one, &rest);
        if (more) text_addc(t, ',');
        json_put(t, one);
    }
    text_addz(t, "]}");
}
static void put_units(const struct looking *l, const struct snapshot *held, struct text *t)
{
    const struct routing_rows *rows = register_held_rows(held);
    put_page(l, rows, rows->n_units, "units", unit_fits, put_unit, t);
}

static bool category_fits(const struct looking *l, const struct routing_rows *rows, size_t i)
{
    const struct routing_category *c = &rows->categories[i];
    return has(c->name, l->q) || has(c->code, l->q);
}
static void put_category(const struct routing_rows *rows, size_t i, struct text *t)
{
    const struct routing_category *c = &rows->categories[i];
    struct str unit = STR_NONE;
    for (size_t k = 0; k < rows->n_units && !unit.p; k++)
        if (rows->units[k].id == c->unit_id) unit = rows->units[k].code;
    text_addz(t, "{\"code\":");
    json_put(t, c->code);
    json_put_text(t, "name", c->name);
    json_put_text(t, "parent", c->parent.n ? c->parent : STR_NONE);
    json_put_text(t, "unit", unit);
    if (c->parent.n)
        text_addf(t, ",\"level\":%d,\"nature\":\"%s\",\"confidential\":%s}", c->level, nature_word(c->nature),
                  c->confidential ? "true" : "false");
    else
        text_addz(t, ",\"level\":null,\"nature\":null,\"confidential\":false}");
}
static void put_categories(const struct looking *l, const struct snapshot *held, struct text *t)
{
    const struct routing_rows *rows = register_held_rows(held);
    put_page(l, rows, rows->n_categories, "categories", category_fits, put_category, t);
}

static void have_looked(void *arg, enum db_end end, const struct db_result *const *results, int n,
                        const struct db_error *error)
{
    struct looking *l = arg;
    struct staff_who who;
    (void)n;
    if (draft_entered(&l->ask, end, results, error, RULES_READERS, &who)) {
        struct snapshot *held = register_hold(l->ask.g);
        struct text t;
        if (!held) {
            rules_refuse_busy(&l->ask);
        } else {
            text_init(&t, ANSWER_MAX);
            text_addf(&t, "{\"version\":%d,", register_held_version(held));
            l->put(l, held, &t);
            register_let_go(&held);
            staff_answer(&l->ask, &t);
        }
    }
    free(l);
}

static bool take(const struct staff_ask *a, const struct http_in *in, const char *name, char *to, size_t room)
{
    struct text t;
    bool bad = false;
    text_init(&t, room - 1);
    to[0] = '\0';
    if (query_param(in, name, &t, &bad) && !bad) memcpy(to, t.p, t.n), to[t.n] = '\0';
    text_free(&t);
    if (bad) query_refuse(a, name);
    return !bad;
}

static void look(const struct staff_ask *a, const struct http_in *in,
                 void (*put)(const struct looking *, const struct snapshot *, struct text *))
{
    struct looking *l = MEM_NEW(struct looking);
    char after[24];
    l->ask = *a;
    l->put = put;
    if (!take(a, in, "q", l->q, sizeof l->q) || !take(a, in, "kind", l->kind, sizeof l->kind) ||
        !take(a, in, "value", l->value, sizeof l->value) || !take(a, in, "after", after, sizeof after)) {
        free(l);
    } else if (after[0] && !str_u64(str_of(after), ROUTING_WORDS_MAX, &l->after)) {
        query_refuse(a, "after");
        free(l);
    } else if (!staff_go(a, staff_call(a, have_looked, l))) {
        free(l);
    }
}

void rules_words(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    (void)id;
    look(a, in, put_words);
}
void rules_aliases(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    (void)id;
    look(a, in, put_units);
}
void rules_categories(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    (void)id;
    look(a, in, put_categories);
}
