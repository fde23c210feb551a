#include "casework.h"
#include "conversation.h"
#include "letters.h"
#include "media.h"
#include "metrics.h"
#include "outbox.h"
#include "session.h"
#include "base/arena.h"
#include "base/log.h"
#include "core/redact.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct db_stmt stmt_casework_enter = {
    "casework_enter",
    "select e.staff_id, e.login, e.name, e.unit_id, e.unit_name, e.home_unit_id, array_to_string(e.roles, ','), "
    /* Who came through the identity provider has not used the password, and need not know it. */
    "e.must_change and ss.way = 'password', my_unit(), my_home(), "
    "exists (select from staff_factors f where f.staff_id = e.staff_id and f.confirmed_at is not null), "
    "ss.expires_at, extract(epoch from ss.idle)::bigint, e.post_id, e.post, array_to_string(e.ties, ','), "
    "(select s.must_enrol from staff s where s.id = e.staff_id), "
    "extract(epoch from least(ss.seen_at + ss.idle, ss.expires_at) - now())::float8 "
    "from staff_enter($1, string_to_array($2, ','), $3) e join staff_sessions ss on ss.token_hash = $1",
    3,
    {DB_BYTEA, DB_TEXT, DB_INT4}};
const struct db_stmt stmt_casework_role = {
    "casework_role",
    "select set_config('role', 'mashangdu_staff', true), set_config('msd.writing', $1, true), "
    "set_config('plan_cache_mode', coalesce($2, current_setting('plan_cache_mode')), true)",
    2,
    {DB_TEXT, DB_TEXT}};
const struct db_stmt stmt_casework_read = {
    "casework_read",
    "select " CASEWORK_COLUMNS ", "
    "exists (select from case_units cu where cu.case_id = c.id and cu.unit_id = my_unit()), "
    "exists (select from case_shares cs where cs.case_id = c.id and cs.staff_id = staff_now()) "
    "from cases c where c.id = $1",
    1,
    {DB_INT8}};

struct actor casework_actor(const struct db_result *who)
{
    struct actor a = {.kind = ACTOR_STAFF,
                      .staff = db_get_i64(who, 0, 0),
                      .post = db_get_i64(who, 0, 13),
                      .roles = casework_roles(db_get_text(who, 0, 6)),
                      .unit = db_get_i64(who, 0, 8),
                      .home_unit = db_get_i64(who, 0, 9)};
    struct str rest = db_get_text(who, 0, 15), word;
    size_t n = 0;
    while (rest.n) {
        u64 unit;
        str_cut(rest, ',', &word, &rest);
        bool other = str_u64(word, INT32_MAX, &unit) && (i64)unit != a.unit && (i64)unit != a.home_unit;
        ASSERT(!other || n < ACTOR_OTHERS_MAX);
        if (other) a.others[n++] = (i64)unit;
    }
    return a;
}

/* "coordinator,admin"; nothing for any role. */
static void put_roles(struct db_params *p, u32 roles)
{
    struct text t;
    text_init(&t, 256);
    for (int r = 0; r < ROLES_N; r++)
        if (roles & ROLE_BIT(r)) text_addf(&t, "%s%s", t.n ? "," : "", staff_role_word((enum staff_role)r));
    db_put_text(p, roles ? text_str(&t) : STR_NONE);
    text_free(&t);
}

static void enter(struct db_call *c, const struct session *session, u64 writing, const char *plan)
{
    struct db_params *who = db_params_new(&stmt_casework_enter), *role = db_params_new(&stmt_casework_role);
    char id[24];
    db_put_bytes(who, (struct str){(const char *)session->hash, 32});
    put_roles(who, session->roles);
    if (session->attended)
        db_put_i32(who, session->touched_s);
    else
        db_put_null(who);
    snprintf(id, sizeof id, "%llu", (unsigned long long)writing);
    db_put_text(role, str_of(id));
    db_put_text(role, str_of(plan));
    db_call_add(c, &stmt_casework_enter, who);
    db_call_add(c, &stmt_casework_role, role);
}

void casework_enter(struct db_call *c, const struct session *session, u64 writing)
{
    enter(c, session, writing, NULL);
}

/* Planning one of these statements under the row policies takes ten times as long as running it, and the planner reckons it at a
 * hundredth of that: left to itself it goes over to planning each time as soon as the tables have been analyzed once. */
void casework_enter_by_key(struct db_call *c, const struct session *session, u64 writing)
{
    enter(c, session, writing, "force_generic_plan");
}

double casework_left_s(const struct db_result *who) { return db_get_f64(who, 0, 17); }

bool casework_must_enrol(const struct gateway *g, const struct db_result *who)
{
    return !db_get_bool(who, 0, 10) &&
           (db_get_bool(who, 0, 16) || casework_roles(db_get_text(who, 0, 6)) & session_factor_roles(g));
}

enum refusal casework_owes(const struct gateway *g, const struct db_result *who, const char **detail_r)
{
    const char *detail = "";
    enum refusal r = REFUSE_NONE;
    if (db_rows(who) == 0) {
        r = REFUSE_SESSION_NEEDED;
    } else if (db_get_bool(who, 0, 7)) {
        r = REFUSE_FORBIDDEN;
        detail = "请先修改初始密码，再进行其他操作。";
    } else if (casework_must_enrol(g, who)) {
        r = REFUSE_FACTOR_NEEDED;
    }
    if (detail_r) *detail_r = detail;
    return r;
}

/* --- one act: read, judge, write --- */

struct doing {
    struct gateway *g;
    struct arena arena;
    struct session session;
    bool staff;
    u64 case_id;
    int written_at; /* statement of the act in the call that writes it */
    struct casework_step step;
    int told; /* messages owed with it */
    casework_beside *beside, *behind;
    casework_done *done;
    void *arg;
};

static void finish(struct doing *d, enum refusal r, const char *detail, i64 version)
{
    struct casework_result result = {r, detail ? detail : "", d->case_id, version};
    if (r == REFUSE_NONE) COUNT(ACTS);
    if (r == REFUSE_CASE_CHANGED) COUNT(ACT_CONFLICTS);
    d->done(d->arg, &result);
    arena_free(&d->arena);
    free(d);
}

static void log_failure(const char *what, enum db_end end, const struct db_error *e)
{
    log_line(db_passing(e) ? LOG_WARNING : LOG_ERROR, LOG_STAFF, what,
             "end=%s sqlstate=%s constraint=%s text=\"%s\"", end == DB_LOST ? "lost" : "failed",
             e ? e->sqlstate : "", e ? e->constraint : "", e ? e->message : "");
}

static enum refusal refusal_of(enum db_end end, const struct db_error *e)
{
    if (end == DB_LOST || !e) return REFUSE_UNAVAILABLE;
    /* The guards of the database (schema/0008_guards.sql) say what core/caseflow says, should it ever have missed it. */
    if (strcmp(e->sqlstate, "42501") == 0 || strcmp(e->sqlstate, "MSD30") == 0 ||
        strcmp(e->sqlstate, CASEWORK_NOT_THIS_POST) == 0)
        return REFUSE_FORBIDDEN;
    if (strcmp(e->sqlstate, "MSD31") == 0) return REFUSE_SECOND_PERSON;
    if (strcmp(e->sqlstate, "MSD32") == 0) return REFUSE_RECUSED;
    if (strcmp(e->sqlstate, "MSD34") == 0) return REFUSE_ACT_ILLEGAL;
    if (strcmp(e->constraint, "cases_never_reported_unit") == 0) return REFUSE_RECUSED;
    /* The task was answered or taken away meanwhile; two merges met each other. */
    if (strcmp(e->sqlstate, "MSD41") == 0 || strcmp(e->sqlstate, "40P01") == 0) return REFUSE_CASE_CHANGED;
    /* What goes beside the act insists on it. */
    if (strcmp(e->sqlstate, "MSD40") == 0) return REFUSE_CASE_CHANGED;
    if (strcmp(e->sqlstate, "MSD47") == 0)
        return REFUSE_UNKNOWN_FIELD; /* a file that is not there, or not theirs */
    if (strcmp(e->sqlstate, "MSD43") == 0 || strcmp(e->sqlstate, "MSD44") == 0 ||
        strcmp(e->sqlstate, "MSD45") == 0 || strcmp(e->sqlstate, "MSD4M") == 0)
        return REFUSE_ACT_ILLEGAL;
    if (strncmp(e->sqlstate, "23", 2) == 0) return REFUSE_ACT_ILLEGAL;
    return db_passing(e) ? REFUSE_UNAVAILABLE : REFUSE_INTERNAL;
}

/* What the database alone can judge, because another case is concerned: in words, or NULL. */
static const char *sentence_of(const struct doing *d, const struct db_error *e)
{
    static const struct {
        const char *sqlstate;
        enum case_act act;
        const char *zh;
    } all[] = {
        {"MSD41", ACT_UNMERGE, "主办件正在回访，只剩这位反映人未答复：请先完成回访，再撤销并案。"},
        {"MSD43", ACT_MERGE, "主办件已经办结、不予受理或者并案，不能再并入。"},
        {"MSD44", ACT_MERGE, "保密件只能与涉及同一单位的保密件并案，公开件只能与公开件并案。"},
        {"MSD4M", ACT_MERGE, "待拆分的件含有举报内容，须先拆分，不能与其他件并案。"},
        {"MSD45", ACT_ASSIGN, "有公开件并入本件：请先撤销并案，再转为保密件。"},
    };
    for (size_t i = 0; e && i < ARRAY_LEN(all); i++)
        if (d->step.req.act == all[i].act && strcmp(e->sqlstate, all[i].sqlstate) == 0) return all[i].zh;
    return NULL;
}

static void written(void *arg, enum db_end end, const struct db_result *const *results, int n,
                    const struct db_error *error)
{
    struct doing *d = arg;
    if (end != DB_OK) {
        const char *why = sentence_of(d, error);
        if (!why) log_failure("act not stored", end, error);
        finish(d, why ? REFUSE_ACT_ILLEGAL : refusal_of(end, error), why, 0);
        return;
    }
    (void)n;
    if (d->told) outbox_wake(d->g);
    const struct db_result *r = results[d->written_at];
    if (db_rows(r) == 0)
        finish(d, REFUSE_CASE_CHANGED, NULL, 0);
    else
        finish(d, REFUSE_NONE, NULL, db_get_i64(r, 0, 0));
}

struct callback_news casework_news(const struct casework_step *s)
{
    return (struct callback_news){.act = s->req.act,
                                  .act_id = s->act_id,
                                  .due = s->after.clocks.handling_due,
                                  .urgent = s->after.view.level == 1,
                                  .asking_unit = conversation_question(s) ? (int)s->before.view.unit : 0};
}

/* reporters: who of them is told by SMS, or NULL. */
static void write_act(struct doing *d, const struct db_result *reporters)
{
    struct db_call *c = db_call_new(written, d);
    if (d->staff) casework_enter_by_key(c, &d->session, d->case_id);
    /* Before the act, which numbers its events: whoever holds that lock waits for no row of a sender. */
    int before = d->beside ? d->beside(d->arg, c) : 0;
    if (reporters) before += conversation_add_opening(d->g, c, reporters, &d->step);
    d->written_at = (d->staff ? CASEWORK_FIRST : 0) + before;
    if (!casework_add(d->g, c, &d->step)) {
        db_call_drop(&c);
        finish(d, REFUSE_TEXT_TOO_LONG, NULL, 0);
        return;
    }
    if (d->step.req.n_files)
        media_bind_act(c, d->step.act_id, (u64)d->step.req.files_of, d->step.req.files, d->step.req.n_files);
    if (before) casework_add_required(c, &d->step.act_id, 1);
    letters_add_draft(d->g, c, &d->step);
    if (d->behind) (void)d->behind(d->arg, c);
    if (reporters) {
        const struct callback_news news = casework_news(&d->step);
        d->told = callbacks_add_tell(d->g, c, reporters, &news) +
                  conversation_add_surveys(d->g, c, reporters, &d->step);
    }
    if (!db_call_send(d->staff ? d->g->lane_staff : d->g->lane_public, c))
        finish(d, REFUSE_UNAVAILABLE, NULL, 0);
}

static void have_reporters(void *arg, enum db_end end, const struct db_result *const *results, int n,
                           const struct db_error *error)
{
    struct doing *d = arg;
    (void)n;
    if (end == DB_OK) {
        write_act(d, results[0]);
        return;
    }
    log_failure("reporters not read", end, error);
    finish(d, refusal_of(end, error), NULL, 0);
}

/* What a clerk writes of a call back are a citizen's words as well, told by telephone. */
static bool is_of_citizen(const struct act_request *q)
{
    return q->actor.kind == ACTOR_CITIZEN || callbacks_concern(q->act);
}

static void judge(struct doing *d)
{
    const struct act_request *q = &d->step.req;
    if (is_of_citizen(q)) {
        d->step.later = laterwords_read(d->g, q->text.n ? q->text : q->reason);
        d->step.later.danger |= call_tells(&q->answers, CALL_DANGER);
        d->step.later.misconduct |= call_tells(&q->answers, CALL_MISCONDUCT);
    }
    enum refusal r = casework_prepare(d->g, &d->step);
    if (r != REFUSE_NONE) {
        finish(d, r, d->step.outcome.detail, 0);
        return;
    }
    if (!callbacks_tell(d->step.req.act) && !conversation_asks(&d->step)) {
        write_act(d, NULL);
        return;
    }
    struct db_call *c = db_call_new(have_reporters, d);
    struct db_params *p = db_params_new(&stmt_callbacks_told);
    db_put_i64(p, (i64)d->case_id);
    db_call_add(c, &stmt_callbacks_told, p);
    if (!db_call_send(d->g->lane_public, c)) finish(d, REFUSE_UNAVAILABLE, NULL, 0);
}

static void read_case(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct doing *d = arg;
    if (end != DB_OK) {
        log_failure("case not read", end, error);
        finish(d, refusal_of(end, error), NULL, 0);
        return;
    }
    const struct db_result *row = d->staff ? results[CASEWORK_FIRST] : results[0];
    if (d->staff) {
        const struct db_result *who = results[CASEWORK_WHO];
        const char *detail;
        const enum refusal owed = casework_owes(d->g, who, &detail);
        if (owed != REFUSE_NONE) {
            finish(d, owed, detail, 0);
            return;
        }
        d->step.req.actor = casework_actor(who);
    }
    if (db_rows(row) == 0) {
        finish(d, REFUSE_CASE_UNKNOWN, NULL, 0);
        return;
    }
    struct case_row *before = &d->step.before;
    casework_row(row, 0, before);
    if (callbacks_concern(d->step.req.act)) {
        callbacks_task_read(results[n - 1], &d->step.task);
        if (d->step.task.version != before->view.version) { /* somebody came between the two looks */
            finish(d, REFUSE_CASE_CHANGED, NULL, 0);
            return;
        }
    }
    struct str *texts[] = {&before->category, &before->urgency, &before->channel, &before->higher};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (texts[i]->n) *texts[i] = arena_str(&d->arena, *texts[i]);
    if (d->staff) {
        d->step.req.actor.co_unit = db_get_bool(row, 0, CASEWORK_COLUMNS_N);
        d->step.req.actor.shared = db_get_bool(row, 0, CASEWORK_COLUMNS_N + 1);
    }
    judge(d);
}

/* What a citizen adds later, or says on the telephone, is read by the unit like the first words: numbers and names are masked before they are kept (P11). */
static struct str masked(struct arena *arena, struct str words)
{
    struct text t;
    text_init(&t, words.n + 1);
    redact_mask(words, &t);
    struct str kept = arena_str(arena, text_str(&t));
    text_free(&t);
    return kept;
}

void casework_act(struct gateway *g, const struct session *session, u64 case_id,
                  const struct act_request *req, struct str category, casework_done *done, void *arg)
{
    casework_act_beside(g, session, case_id, req, category, NULL, done, arg);
}

void casework_act_beside(struct gateway *g, const struct session *session, u64 case_id,
                         const struct act_request *req, struct str category, casework_beside *beside,
                         casework_done *done, void *arg)
{
    casework_act_around(g, session, case_id, req, category, beside, NULL, done, arg);
}

void casework_act_around(struct gateway *g, const struct session *session, u64 case_id,
                         const struct act_request *req, struct str category, casework_beside *beside,
                         casework_beside *behind, casework_done *done, void *arg)
{
    struct doing *d = MEM_NEW(struct doing);
    d->beside = beside;
    d->behind = behind;
    d->g = g;
    d->case_id = case_id;
    d->done = done;
    d->arg = arg;
    d->step.req = *req;
    d->staff = session != NULL;
    arena_init(&d->arena, 256 * 1024);
    if (session) d->session = *session;
    struct act_request *q = &d->step.req;
    struct str *texts[] = {&q->reason,   &q->text,   &q->ground, &q->way,
                           &q->receiver, &q->higher, &q->rest,   &q->part_seal};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (texts[i]->n)
            *texts[i] = is_of_citizen(q) ? masked(&d->arena, *texts[i]) : arena_str(&d->arena, *texts[i]);
    if (category.n) d->step.category = arena_str(&d->arena, category);

    struct db_call *c = db_call_new(read_case, d);
    struct db_params *id = db_params_new(&stmt_casework_read);
    db_put_i64(id, (i64)case_id);
    if (session) casework_enter_by_key(c, session, 0);
    db_call_add(c, &stmt_casework_read, id);
    if (callbacks_concern(req->act))
        db_call_add(c, &stmt_callbacks_task, callbacks_task_params(case_id, req->feedback));
    if (!db_call_send(session ? g->lane_staff : g->lane_public, c)) finish(d, REFUSE_UNAVAILABLE, NULL, 0);
}
