/* One step of a letter: read it, ask core/letter, store. The signature is the step that changes cases too: all of them are
 * judged and written in the one transaction that takes the number, or none is. */
#include "letters.h"
#include "metrics.h"
#include "base/log.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIGN_TRIES 4

const struct db_stmt stmt_letters_read = {
    "letters_read", "select " LETTERS_COLUMNS LETTERS_FROM "where l.id = $1", 1, {DB_INT8}};
const struct db_stmt stmt_letters_edit = {"letters_edit",
                                          "select letter_edit($1, $2, $3, $4, $5)",
                                          5,
                                          {DB_INT8, DB_INT4, DB_TIMESTAMPTZ, DB_TEXT, DB_JSONB}};
const struct db_stmt stmt_letters_do = {
    "letters_do",
    "select o_version, o_state, o_serial from letter_do($1, $2, $3, $4, $5, $6, $7, $8)",
    8,
    {DB_INT8, DB_INT4, DB_TEXT, DB_TIMESTAMPTZ, DB_TEXT, DB_TEXT, DB_TEXT, DB_TEXT}};
/* The letter last: each statement sees what is committed when it begins. A case that shows a signature then shows it on the
 * letter too, and a repeat is told that the letter has changed, not that its rung is taken. */
enum { Q_CASES = CASEWORK_FIRST, Q_LETTER };

struct doing {
    struct gateway *g;
    struct arena arena;
    struct session session;
    u64 id;
    struct letter_step step;
    struct letter_row row; /* its texts are not kept but for the title */
    struct letter_outcome outcome;
    struct actor actor;
    struct casework_step *cases; /* sign with a rung */
    size_t n_cases;
    int tries;
    letters_done *done;
    void *arg;
};

static void finish(struct doing *d, enum refusal r, const char *detail)
{
    struct letter_result result = {r, detail ? detail : "", d->id};
    if (r == REFUSE_NONE) COUNT(LETTER_STEPS);
    if (r == REFUSE_NONE && d->step.act == LETTER_ACT_SIGN) COUNT(LETTERS_SIGNED);
    d->done(d->arg, &result);
    arena_free(&d->arena);
    free(d->cases);
    free(d);
}

static void read_letter(struct doing *d);

static void stored(void *arg, enum db_end end, const struct db_result *const *results, int n,
                   const struct db_error *error)
{
    struct doing *d = arg;
    const char *detail;
    (void)results, (void)n;
    if (end == DB_OK) {
        finish(d, REFUSE_NONE, NULL);
        return;
    }
    enum refusal r = letters_refusal(end, error, &detail);
    /* A case changed between judging and writing, or two signatures met: nothing was stored, so judge again. */
    bool again = error && (strcmp(error->sqlstate, "MSD40") == 0 || strcmp(error->sqlstate, "40P01") == 0);
    if (end == DB_FAILED && again && d->step.act == LETTER_ACT_SIGN && ++d->tries < SIGN_TRIES) {
        free(d->cases);
        d->cases = NULL;
        d->n_cases = 0;
        read_letter(d);
        return;
    }
    finish(d, r, detail);
}

static void send(struct doing *d, struct db_call *c)
{
    if (!db_call_send(d->g->lane_staff, c)) finish(d, REFUSE_UNAVAILABLE, NULL);
}

/* --- the statements --- */

static void put_head(const struct doing *d, struct db_params *p)
{
    struct text head;
    text_init(&head, 2048);
    if (d->step.act == LETTER_ACT_SIGN)
        letter_head(d->row.view.kind, str_of(d->g->cfg.letter_prefix), &head);
    else if (d->step.act == LETTER_ACT_ANSWER)
        text_addf(&head, "%s%s", d->g->cfg.letter_prefix, d->row.view.mine ? "反馈" : "收");
    db_put_text(p, head.n ? text_str(&head) : STR_NONE);
    text_free(&head);
}

static void add_do(const struct doing *d, instant now, struct db_call *c)
{
    const struct letter_step *s = &d->step;
    struct db_params *p = db_params_new(&stmt_letters_do);
    db_put_i64(p, (i64)d->id);
    db_put_i32(p, (int)s->seen);
    db_put_text(p, str_of(letter_act_word(s->act)));
    db_put_instant(p, now);
    db_put_text(p, str_of(staff_role_word(d->outcome.role)));
    db_put_text(p, s->reason.n ? s->reason : STR_NONE);
    db_put_text(p, s->words.n ? s->words : STR_NONE);
    put_head(d, p);
    db_call_add(c, &stmt_letters_do, p);
}

static void edit(struct doing *d)
{
    struct text t;
    text_init(&t, 256 * 1024);
    struct db_call *c = db_call_new(stored, d);
    struct db_params *p = db_params_new(&stmt_letters_edit);
    casework_enter(c, &d->session, 0);
    bool whole = letters_draft_json(&d->step.draft, &t);
    db_put_i64(p, (i64)d->id);
    db_put_i32(p, (int)d->step.seen);
    db_put_instant(p, clock_now());
    db_put_text(p, str_of(staff_role_word(d->outcome.role)));
    db_put_json(p, text_str(&t));
    text_free(&t);
    db_call_add(c, &stmt_letters_edit, p);
    if (whole) {
        send(d, c);
    } else {
        db_call_drop(&c);
        finish(d, REFUSE_TEXT_TOO_LONG, NULL);
    }
}

/* The letter first: it takes the number and locks its cases in the order of their ids. The acts must all be stored or the
 * whole call is undone, number and all. */
static void sign(struct doing *d, instant now)
{
    struct db_call *c = db_call_new(stored, d);
    u64 acts[LETTER_CASES_MAX];
    bool whole = true;
    casework_enter(c, &d->session, d->n_cases ? (u64)d->cases[0].before.view.id : 0);
    add_do(d, now, c);
    for (size_t i = 0; i < d->n_cases; i++) {
        if (i) casework_add_writing(c, (u64)d->cases[i].before.view.id);
        whole &= casework_add(d->g, c, &d->cases[i]);
        acts[i] = d->cases[i].act_id;
    }
    if (d->n_cases) casework_add_required(c, acts, d->n_cases);
    if (whole) {
        send(d, c);
    } else {
        db_call_drop(&c);
        finish(d, REFUSE_TEXT_TOO_LONG, NULL);
    }
}

/* Every case under its own rules: who may, recusal, only rises. The first that refuses is named. */
static bool judge_cases(struct doing *d, const struct db_result *r, instant now)
{
    char detail[CASEFLOW_DETAIL_MAX + 64];
    struct text reason;
    if (d->row.n_cases == 0) {
        finish(d, REFUSE_ACT_NEEDS, "这份函件带有督办等级，须列明所督办的办件。");
        return false;
    }
    if (db_rows(r) != (int)d->row.n_cases) {
        finish(d, REFUSE_CASE_UNKNOWN, "函件所列办件中有您无权查看的。");
        return false;
    }
    text_init(&reason, 1024);
    text_addf(&reason, "签发%s：%.*s", case_letter_chinese(d->row.view.kind), STR_ARG(d->row.title));
    struct str why = arena_str(&d->arena, text_str(&reason));
    text_free(&reason);
    d->cases = mem_alloc(MAX((size_t)db_rows(r), 1) * sizeof *d->cases); /* at most LETTER_CASES_MAX */
    for (int i = 0; i < db_rows(r); i++) {
        struct casework_step *s = &d->cases[d->n_cases++];
        casework_row(r, i, &s->before);
        struct str *texts[] = {&s->before.category, &s->before.urgency, &s->before.channel,
                               &s->before.higher};
        for (size_t t = 0; t < ARRAY_LEN(texts); t++)
            if (texts[t]->n) *texts[t] = arena_str(&d->arena, *texts[t]);
        s->req = (struct act_request){.act = ACT_SUPERVISE,
                                      .actor = d->actor,
                                      .now = now,
                                      .expected_version = s->before.view.version,
                                      .reason = why,
                                      .rung = d->row.view.rung,
                                      .letter = (i64)d->id};
        s->req.actor.co_unit = db_get_bool(r, i, CASEWORK_COLUMNS_N);
        s->req.actor.shared = db_get_bool(r, i, CASEWORK_COLUMNS_N + 1);
        enum refusal refusal = casework_prepare(d->g, s);
        if (refusal == REFUSE_NONE) continue;
        const char *said = s->outcome.detail[0] ? s->outcome.detail : refusal_facts(refusal)->zh;
        snprintf(detail, sizeof detail, "办件%lld：%s", (long long)s->before.view.id, said);
        finish(d, refusal, detail);
        return false;
    }
    return true;
}

/* --- reading and judging --- */

static bool entered(struct doing *d, const struct db_result *who)
{
    const char *detail;
    const enum refusal owed = casework_owes(d->g, who, &detail);
    if (owed != REFUSE_NONE) {
        finish(d, owed, detail);
        return false;
    }
    d->actor = casework_actor(who);
    return true;
}

static void have_letter(void *arg, enum db_end end, const struct db_result *const *results, int n,
                        const struct db_error *error)
{
    struct doing *d = arg;
    const char *detail;
    (void)n;
    if (end != DB_OK) {
        enum refusal r = letters_refusal(end, error, &detail);
        finish(d, r, end == DB_LOST ? NULL : detail);
        return;
    }
    if (!entered(d, results[CASEWORK_WHO])) return;
    if (db_rows(results[Q_LETTER]) == 0) {
        finish(d, REFUSE_LETTER_UNKNOWN, NULL);
        return;
    }
    letters_row(results[Q_LETTER], 0, &d->row);
    const struct letter_request req = {.act = d->step.act,
                                       .actor = d->actor,
                                       .seen = d->step.seen,
                                       .text_whole = true, /* an edit keeps what it does not bring */
                                       .reason = d->step.reason,
                                       .words = d->step.words};
    enum refusal r = letter_apply(&d->row.view, &req, &d->outcome);
    if (r != REFUSE_NONE) {
        finish(d, r, d->outcome.detail);
        return;
    }
    d->row.title = arena_str(&d->arena, d->row.title);
    instant now = clock_now();
    if (d->step.act == LETTER_ACT_EDIT) {
        edit(d);
    } else if (d->step.act == LETTER_ACT_SIGN && d->row.view.rung) {
        if (judge_cases(d, results[Q_CASES], now)) sign(d, now);
    } else {
        sign(d, now);
    }
}

static void read_letter(struct doing *d)
{
    struct db_call *c = db_call_new(have_letter, d);
    struct db_params *id = db_params_new(&stmt_letters_read), *cases = db_params_new(&stmt_letters_cases);
    casework_enter(c, &d->session, 0);
    db_array_begin(cases, DB_INT8, 0);
    db_array_end(cases);
    db_put_i64(cases, d->step.act == LETTER_ACT_SIGN ? (i64)d->id : 0);
    db_call_add(c, &stmt_letters_cases, cases);
    db_put_i64(id, (i64)d->id);
    db_call_add(c, &stmt_letters_read, id);
    send(d, c);
}

void letters_act(struct gateway *g, const struct session *session, u64 id, const struct letter_step *step,
                 letters_done *done, void *arg)
{
    struct doing *d = MEM_NEW(struct doing);
    const char *wrong = NULL;
    d->g = g;
    d->id = id;
    d->step = *step;
    d->done = done;
    d->arg = arg;
    d->session = *session;
    arena_init(&d->arena, 1024 * 1024);
    struct str *texts[] = {&d->step.reason, &d->step.words};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (texts[i]->n) *texts[i] = arena_str(&d->arena, *texts[i]);
    if (step->act == LETTER_ACT_EDIT && !letters_draft_fits(&d->step.draft, false, &wrong))
        finish(d, REFUSE_UNKNOWN_FIELD, wrong);
    else if (!letters_draft_copy(&d->arena, &d->step.draft))
        finish(d, REFUSE_TEXT_TOO_LONG, NULL);
    else
        read_letter(d);
}
