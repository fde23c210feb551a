/* The text of a draft: what a person gave, what is composed beside it, and a new letter from it. */
#include "letters.h"
#include "register.h"
#include "base/code.h"
#include "base/utf8.h"
#include <stdlib.h>
#include <string.h>

const struct db_stmt stmt_letters_cases = {
    "letters_cases",
    "select " CASEWORK_COLUMNS ", "
    "exists (select from case_units cu where cu.case_id = c.id and cu.unit_id = my_unit()), "
    "exists (select from case_shares cs where cs.case_id = c.id and cs.staff_id = staff_now()) "
    "from cases c where c.id = any ($1) or c.id in (select lc.case_id from letter_cases lc where lc.letter_id = $2) order by c.id",
    2,
    {DB_INT8S, DB_INT8}};
const struct db_stmt stmt_letters_draft = {"letters_draft",
                                           "select letter_draft($1, $2, $3, $4, $5)",
                                           5,
                                           {DB_TEXT, DB_INT4, DB_TIMESTAMPTZ, DB_TEXT, DB_JSONB}};

static const struct {
    const char *name;
    size_t max;
} fields[LETTER_TEXTS_N] = {
#define X(id, name, max) {name, max},
    LETTER_TEXT_FIELDS(X)
#undef X
};

const char *letter_text_name(enum letter_text_field f) { return fields[f].name; }

static bool items_fit(const struct str *items, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_trim(items[i]).n == 0 || utf8_count(items[i]) > LETTER_ITEM_MAX) return false;
    return true;
}

bool letters_draft_fits(const struct letter_draft *d, bool whole, const char **wrong_r)
{
    const struct str title = d->texts[LETTER_TEXT_TITLE], body = d->texts[LETTER_TEXT_BODY];
    *wrong_r = NULL;
    for (int f = 0; f < LETTER_TEXTS_N; f++)
        if (utf8_count(d->texts[f]) > fields[f].max) *wrong_r = fields[f].name;
    if ((whole || title.p) && str_trim(title).n == 0) *wrong_r = "title";
    if ((whole || body.p) && str_trim(body).n == 0) *wrong_r = "body";
    if (((whole || d->has_issuers) && d->n_issuers == 0) || !items_fit(d->issuers, d->n_issuers))
        *wrong_r = "issuers";
    if (!items_fit(d->attachments, d->n_attachments)) *wrong_r = "attachments";
    return *wrong_r == NULL;
}

bool letters_draft_copy(struct arena *arena, struct letter_draft *d)
{
    bool whole = true;
    struct str *const lists[] = {d->texts, d->issuers, d->attachments};
    const size_t sizes[] = {LETTER_TEXTS_N, d->n_issuers, d->n_attachments};
    for (size_t l = 0; l < ARRAY_LEN(lists); l++)
        for (size_t i = 0; i < sizes[l]; i++)
            if (lists[l][i].p) whole &= (lists[l][i] = arena_str(arena, lists[l][i])).p != NULL;
    return whole;
}

static void put_name(const char *name, struct text *t)
{
    text_addf(t, "%s\"%s\":", t->n > 1 ? "," : "", name);
}

static void put_ids(const char *name, const i64 *ids, size_t n, struct text *t)
{
    put_name(name, t);
    text_addc(t, '[');
    for (size_t i = 0; i < n; i++) text_addf(t, "%s%lld", i ? "," : "", (long long)ids[i]);
    text_addc(t, ']');
}

static void put_items(const char *name, const struct str *items, size_t n, struct text *t)
{
    put_name(name, t);
    text_addc(t, '[');
    for (size_t i = 0; i < n; i++) {
        if (i) text_addc(t, ',');
        json_put(t, items[i]);
    }
    text_addc(t, ']');
}

bool letters_draft_json(const struct letter_draft *d, struct text *t)
{
    text_addc(t, '{');
    for (int f = 0; f < LETTER_TEXTS_N; f++) {
        if (!d->texts[f].p) continue;
        put_name(fields[f].name, t);
        json_put(t, d->texts[f]);
    }
    if (d->has_issuers) put_items("issuers", d->issuers, d->n_issuers, t);
    if (d->has_attachments) put_items("attachments", d->attachments, d->n_attachments, t);
    if (d->has_units) put_ids("units", d->units, d->n_units, t);
    if (d->has_cases) put_ids("cases", d->cases, d->n_cases, t);
    text_addc(t, '}');
    return !t->overflow;
}

/* --- composing --- */

/* The unit here that bears this name, or 0: a 移送函 to the discipline unit is addressed to it, not to a name. */
static int unit_named(struct gateway *g, struct str name)
{
    const struct unit *all;
    size_t n = register_units(g, &all);
    name = str_trim(name);
    for (size_t i = 0; name.n && i < n; i++)
        if (!all[i].retired && (str_eq(name, all[i].name) || str_eq(name, all[i].short_name)))
            return all[i].id;
    return 0;
}

static void add_unit(struct letter_draft *d, i64 unit)
{
    for (size_t i = 0; i < d->n_units; i++)
        if (d->units[i] == unit) return;
    if (unit && d->n_units < LETTER_UNITS_MAX) d->units[d->n_units++] = unit;
}

static void address(struct gateway *g, const struct letter_facts *f, const i64 *units, struct letter_draft *d)
{
    if (f->kind == LETTER_TRANSFER) {
        int here = unit_named(g, f->receiver);
        if (!d->has_units) add_unit(d, here);
        /* A unit here is addressed as that unit: its name as well would be a second addressee. */
        if (here && !d->has_units) d->texts[LETTER_TEXT_RECEIVER] = STR("");
        if (!here && !d->texts[LETTER_TEXT_RECEIVER].p) d->texts[LETTER_TEXT_RECEIVER] = f->receiver;
    } else if (!d->has_units) {
        for (size_t i = 0; i < f->n_cases; i++) add_unit(d, units[i]);
    }
    d->has_units = true;
}

bool letters_compose(struct gateway *g, const struct letter_facts *f, const i64 *units, struct arena *arena,
                     struct letter_draft *d)
{
    struct text t;
    struct str *const texts = d->texts;
    text_init(&t, 16 * 1024);
    if (!texts[LETTER_TEXT_TITLE].p) {
        letter_title(f, &t);
        texts[LETTER_TEXT_TITLE] = arena_str(arena, text_str(&t));
    }
    text_clear(&t);
    if (!texts[LETTER_TEXT_BODY].p) {
        letter_body(f, &t);
        texts[LETTER_TEXT_BODY] = arena_str(arena, text_str(&t));
    }
    text_clear(&t);
    if (!d->has_issuers) {
        d->has_issuers = true;
        if (g->cfg.letter_issuer[0])
            text_addz(&t, g->cfg.letter_issuer);
        else
            text_addf(&t, "%s%s", g->cfg.district_name, g->cfg.office_name);
        d->issuers[d->n_issuers++] = arena_str(arena, text_str(&t));
    }
    text_free(&t);
    if (!texts[LETTER_TEXT_BASIS].p) texts[LETTER_TEXT_BASIS] = arena_str(arena, str_of(g->cfg.letter_basis));
    if (!texts[LETTER_TEXT_DUE].p) texts[LETTER_TEXT_DUE] = str_of(letter_due(f->kind, f->rung));
    address(g, f, units, d);
    return texts[LETTER_TEXT_TITLE].p && texts[LETTER_TEXT_BODY].p && texts[LETTER_TEXT_BASIS].p &&
           d->issuers[0].p;
}

/* --- a new one --- */

struct making {
    struct gateway *g;
    struct arena arena;
    struct session session;
    enum case_letter kind;
    int rung;
    struct letter_draft draft;
    letters_done *done;
    void *arg;
};

static void finish(struct making *m, enum refusal r, const char *detail, u64 id)
{
    struct letter_result result = {r, detail ? detail : "", id};
    m->done(m->arg, &result);
    arena_free(&m->arena);
    free(m);
}

static void stored(void *arg, enum db_end end, const struct db_result *const *results, int n,
                   const struct db_error *error)
{
    struct making *m = arg;
    const char *detail;
    (void)n;
    if (end == DB_OK) {
        finish(m, REFUSE_NONE, NULL, (u64)db_get_i64(results[CASEWORK_FIRST], 0, 0));
        return;
    }
    enum refusal r = letters_refusal(end, error, &detail);
    finish(m, r, detail, 0);
}

static void store(struct making *m, enum staff_role role)
{
    const char *wrong;
    struct text t;
    if (!letters_draft_fits(&m->draft, true, &wrong)) {
        finish(m, REFUSE_UNKNOWN_FIELD, wrong, 0);
        return;
    }
    text_init(&t, 256 * 1024);
    struct db_call *c = db_call_new(stored, m);
    struct db_params *p = db_params_new(&stmt_letters_draft);
    casework_enter(c, &m->session, 0);
    bool whole = letters_draft_json(&m->draft, &t);
    db_put_text(p, str_of(case_letter_word(m->kind)));
    db_put_i32(p, m->rung);
    db_put_instant(p, clock_now());
    db_put_text(p, str_of(staff_role_word(role)));
    db_put_json(p, text_str(&t));
    text_free(&t);
    db_call_add(c, &stmt_letters_draft, p);
    if (!whole) {
        db_call_drop(&c);
        finish(m, REFUSE_TEXT_TOO_LONG, NULL, 0);
    } else if (!db_call_send(m->g->lane_staff, c)) {
        finish(m, REFUSE_UNAVAILABLE, NULL, 0);
    }
}

/* The facts of all cases; false when one of them is not for this person's eyes or is named twice. */
static bool compose(struct making *m, const struct db_result *r)
{
    struct letter_case cases[LETTER_CASES_MAX];
    i64 units[LETTER_CASES_MAX];
    struct letter_facts f = {.kind = m->kind,
                             .rung = m->rung,
                             .cases = cases,
                             .receiver = m->draft.texts[LETTER_TEXT_RECEIVER],
                             .now = clock_now()};
    for (size_t i = 0; i < m->draft.n_cases; i++) {
        struct case_row row;
        int at = 0;
        while (at < db_rows(r) && db_get_i64(r, at, 0) != m->draft.cases[i]) at++;
        if (at == db_rows(r)) return false;
        casework_row(r, at, &row);
        cases[i] = letters_case(m->g, &row);
        units[i] = row.view.unit;
        f.confidential |= (row.view.flags & CASE_FLAG_CONFIDENTIAL) != 0;
    }
    f.n_cases = m->draft.n_cases;
    return db_rows(r) == (int)f.n_cases && letters_compose(m->g, &f, units, &m->arena, &m->draft);
}

static void have_cases(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct making *m = arg;
    const char *detail;
    struct letter_outcome judged;
    (void)n;
    if (end != DB_OK) {
        enum refusal r = letters_refusal(end, error, &detail);
        finish(m, r, detail, 0);
        return;
    }
    const struct db_result *who = results[CASEWORK_WHO];
    const enum refusal owed = casework_owes(m->g, who, &detail);
    if (owed != REFUSE_NONE) {
        finish(m, owed, detail, 0);
        return;
    }
    const struct letter_view view = {
        .state = LETTER_IN_NEW, .kind = m->kind, .rung = m->rung, .drafter_role = -1};
    const struct letter_request req = {
        .act = LETTER_ACT_DRAFT, .actor = casework_actor(who), .text_whole = true};
    enum refusal refusal = letter_apply(&view, &req, &judged);
    if (refusal != REFUSE_NONE)
        finish(m, refusal, judged.detail, 0);
    else if (!compose(m, results[CASEWORK_FIRST]))
        finish(m, REFUSE_CASE_UNKNOWN, "所列办件重复、不存在，或者您无权查看。", 0);
    else
        store(m, judged.role);
}

void letters_new(struct gateway *g, const struct session *session, enum case_letter kind, int rung,
                 const struct letter_draft *d, letters_done *done, void *arg)
{
    struct making *m = MEM_NEW(struct making);
    m->g = g;
    m->kind = kind;
    m->rung = rung;
    m->draft = *d;
    m->done = done;
    m->arg = arg;
    m->session = *session;
    arena_init(&m->arena, 256 * 1024);
    if (rung && (caseflow_rung_letter(rung) != kind || rung < RUNG_YELLOW)) {
        finish(m, REFUSE_UNKNOWN_FIELD, "rung", 0);
        return;
    }
    if (rung && m->draft.n_cases == 0) { /* nothing would rise */
        finish(m, REFUSE_UNKNOWN_FIELD, "cases", 0);
        return;
    }
    if (!letters_draft_copy(&m->arena, &m->draft)) {
        finish(m, REFUSE_TEXT_TOO_LONG, NULL, 0);
        return;
    }
    struct db_call *c = db_call_new(have_cases, m);
    struct db_params *p = db_params_new(&stmt_letters_cases);
    db_array_begin(p, DB_INT8, m->draft.n_cases);
    for (size_t i = 0; i < m->draft.n_cases; i++) db_put_i64(p, m->draft.cases[i]);
    db_array_end(p);
    db_put_i64(p, 0);
    casework_enter(c, session, 0);
    db_call_add(c, &stmt_letters_cases, p);
    if (!db_call_send(g->lane_staff, c)) finish(m, REFUSE_UNAVAILABLE, NULL, 0);
}
