#include "staff_models.h"
#include "casework.h"
#include "staff_body.h"
#include "staff_query.h"
#include "metrics.h"
#include "models.h"
#include "register.h"
#include "staff_rules.h"
#include "base/code.h"
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX  ((size_t)2 << 20)
#define LIST_MAX    30
#define PAGE        30
#define WORDS_MAX   400   /* characters of an example's words on the desk */
#define WATCHED     500   /* as models.c */
#define DRIFT_CASES 20000 /* the newest; what lies before them is not looked at */
#define DRIFT_WEEKS 26
#define WHY_POINTS  400

static const struct db_stmt stmt_models = {
    "models",
    "select m.version, m.state, m.made_at, m.rules, m.base, m.note, m.tool, p.name, c.name, m.confirmed_at, m.settled_at, s.name, m.why, "
    "m.examples, m.report, m.proposer_id, coalesce(g.learnt, -1), coalesce(g.erased, 0), coalesce(g.confidential, 0), coalesce(g.split, 0), "
    "coalesce(g.other, 0) from route_models m left join lateral route_model_gone(m.version) g on m.state in ('live', 'proposed') left join staff p on p.id = m.proposer_id left join staff c on c.id = m.confirmer_id "
    "left join staff s on s.id = m.settled_by order by m.state not in ('live', 'proposed'), m.version desc limit $1",
    1,
    {DB_INT4}};
enum {
    M_VERSION,
    M_STATE,
    M_MADE,
    M_RULES,
    M_BASE,
    M_NOTE,
    M_TOOL,
    M_PROPOSER,
    M_CONFIRMER,
    M_CONFIRMED,
    M_SETTLED,
    M_BY,
    M_WHY,
    M_EXAMPLES,
    M_REPORT,
    M_PROPOSER_ID,
    M_LEARNT,
    M_ERASED,
    M_CONFIDENTIAL,
    M_SPLIT,
    M_OTHER
};
static const struct db_stmt stmt_models_turns = {
    "models_turns",
    "select t.at, t.was, t.now, s.name, t.why from route_model_turns t left join staff s on s.id = t.staff_id order by t.id desc limit $1",
    1,
    {DB_INT4}};
static const struct db_stmt stmt_models_step = {
    "models_step", "select id, state from route_model_step($1, $2, $3)", 3, {DB_INT4, DB_TEXT, DB_TEXT}};
/* Under row-level security twice: of the examples, and of the words. */
static const struct db_stmt stmt_models_examples = {
    "models_examples",
    "select e.id, e.at, e.case_id, e.kind, s.name, left(coalesce(case_extract(e.case_id), f.masked), $4), array_to_string(e.changed, ','), "
    "e.confidence::float8, e.auto, e.rules, e.model, coalesce(e.said_unit, 0), e.said_category, e.said_nature, coalesce(e.said_level, -1), "
    "coalesce(e.unit_id, 0), e.category, e.nature, coalesce(e.level, -1) from route_examples e join feedback f on f.id = e.feedback_id "
    "left join staff s on s.id = e.staff_id where e.id < case when $1 = 0 then 9223372036854775807 else $1 end and (not $2 or e.changed <> '{}' or e.kind = 'returned') "
    "order by e.id desc limit $3",
    4,
    {DB_INT8, DB_BOOL, DB_INT4, DB_INT4}};
enum {
    E_ID,
    E_AT,
    E_CASE,
    E_KIND,
    E_WHO,
    E_WORDS,
    E_CHANGED,
    E_CONFIDENCE,
    E_AUTO,
    E_RULES,
    E_MODEL,
    E_SAID_UNIT,
    E_SAID_CATEGORY,
    E_SAID_NATURE,
    E_SAID_LEVEL,
    E_UNIT,
    E_CATEGORY,
    E_NATURE,
    E_LEVEL
};
static const struct db_stmt stmt_models_drift = {
    "models_drift", "select route_drift($1, $2, $3)", 3, {DB_INT4, DB_INT4, DB_TEXT}};

const struct db_stmt *const models_statements[] = {
    &stmt_models,       &stmt_models_turns,    &stmt_models_step,   &stmt_models_watch,
    &stmt_models_drift, &stmt_models_examples, &stmt_models_totals, &stmt_models_gone};
const size_t n_models_statements = ARRAY_LEN(models_statements);

/* As draft_entered; what a draft of rules is told fits no model. */
static bool entered(const struct staff_ask *a, enum db_end end, const struct db_result *const *results,
                    const struct db_error *error, u32 roles, struct staff_who *who_r)
{
    const char *state = end == DB_FAILED ? error->sqlstate : "";
    if (strcmp(state, "MSDR1") == 0)
        staff_refuse(a, REFUSE_DRAFT_STEP, "这个模型的状态刚刚有变化，或还没到这一步，请刷新后再看。",
                     "The model has just changed, or is not there yet; please reload.");
    else if (strcmp(state, "MSDR2") == 0)
        staff_refuse(
            a, REFUSE_DRAFT_CHANGED,
            "在用的模型已经换过，这份对比不再成立。请重新训练，与现在在用的模型比较后再提交。",
            "Another model came into force meanwhile: train again, so that it is compared with that one.");
    else
        return draft_entered(a, end, results, error, roles, who_r);
    return false;
}

static void put_name(struct text *t, const char *name, const struct db_result *r, int row, int col)
{
    json_put_text(t, name, db_is_null(r, row, col) ? STR_NONE : db_get_text(r, row, col));
}

/* --- the desk --- */

static void put_model(const struct db_result *r, int row, const struct staff_who *who, struct text *t)
{
    const struct str state = db_get_text(r, row, M_STATE);
    const bool proposed = str_eq(state, STR("proposed")), may = (who->actor.roles & RULES_CONFIRMERS) != 0,
               mine = !db_is_null(r, row, M_PROPOSER_ID) &&
                      db_get_i64(r, row, M_PROPOSER_ID) == who->actor.staff;
    const struct staff_offer steps[] = {{"confirm", proposed && may && !mine},
                                        {"refuse", proposed && may && !mine},
                                        {"withdraw", proposed && may && mine},
                                        {"back", str_eq(state, STR("retired")) && may},
                                        {"off", str_eq(state, STR("live")) && may}};
    text_addf(t, "{\"version\":%lld", (long long)db_get_i64(r, row, M_VERSION));
    json_put_text(t, "state", state);
    json_put_instant(t, "made_at", db_get_instant(r, row, M_MADE));
    text_addf(t, ",\"rules\":%lld,\"base\":%lld", (long long)db_get_i64(r, row, M_RULES),
              (long long)db_get_i64(r, row, M_BASE));
    json_put_text(t, "note", db_get_text(r, row, M_NOTE));
    json_put_text(t, "tool", db_get_text(r, row, M_TOOL));
    put_name(t, "proposer", r, row, M_PROPOSER);
    put_name(t, "confirmer", r, row, M_CONFIRMER);
    json_put_instant(t, "confirmed_at", db_get_instant(r, row, M_CONFIRMED));
    json_put_instant(t, "settled_at", db_get_instant(r, row, M_SETTLED));
    put_name(t, "settled_by", r, row, M_BY);
    put_name(t, "why", r, row, M_WHY);
    text_addz(t, ",\"examples\":");
    text_add(t, db_get_text(r, row, M_EXAMPLES));
    text_addz(t, ",\"report\":");
    text_add(t, db_get_text(r, row, M_REPORT));
    if (db_get_i64(r, row, M_LEARNT) < 0)
        text_addz(t, ",\"gone\":null");
    else
        text_addf(
            t,
            ",\"gone\":{\"learnt\":%lld,\"erased\":%lld,\"confidential\":%lld,\"split\":%lld,\"other\":%lld}",
            (long long)db_get_i64(r, row, M_LEARNT), (long long)db_get_i64(r, row, M_ERASED),
            (long long)db_get_i64(r, row, M_CONFIDENTIAL), (long long)db_get_i64(r, row, M_SPLIT),
            (long long)db_get_i64(r, row, M_OTHER));
    staff_put_steps(steps, ARRAY_LEN(steps), t);
    text_addc(t, '}');
}

static void put_turns(const struct db_result *r, struct text *t)
{
    text_addz(t, ",\"turns\":[");
    for (int i = 0; i < db_rows(r); i++) {
        text_addf(t, "%s{\"was\":%lld,\"now\":%lld", i ? "," : "", (long long)db_get_i64(r, i, 1),
                  (long long)db_get_i64(r, i, 2));
        json_put_instant(t, "at", db_get_instant(r, i, 0));
        put_name(t, "who", r, i, 3);
        put_name(t, "why", r, i, 4);
        text_addc(t, '}');
    }
    text_addc(t, ']');
}

static void put_watch(const struct db_result *r, struct text *t)
{
    struct models_watch w = {.model = 0};
    if (db_rows(r)) models_watch_read(r, 0, &w);
    text_addf(t, ",\"live\":%d,\"watch\":{\"alone\":", w.model);
    models_watch_put(w.alone, w.alone_promised, t);
    text_addz(t, ",\"by_hand\":");
    models_watch_put(w.hand, w.hand_promised, t);
    text_addc(t, '}');
}

static void have_desk(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    struct text t;
    (void)n;
    if (entered(a, end, results, error, RULES_READERS, &who)) {
        const struct db_result *models = results[CASEWORK_FIRST], *totals = results[CASEWORK_FIRST + 3];
        const char *fault = register_model_fault(a->g);
        text_init(&t, ANSWER_MAX);
        text_addf(&t, "{\"deciding\":%d,\"may_confirm\":%s,\"rules\":%d,\"auto_assign_percent\":%d",
                  register_model(a->g), who.actor.roles & RULES_CONFIRMERS ? "true" : "false",
                  register_rules_version(a->g), a->g->cfg.auto_assign_percent);
        json_put_text(&t, "fault", fault ? str_of(fault) : STR_NONE);
        put_watch(results[CASEWORK_FIRST + 2], &t);
        trainings_put(results[CASEWORK_FIRST + 4], &who, &t);
        text_addz(&t, ",\"totals\":{");
        for (int i = 0; i < db_rows(totals); i++) {
            if (i) text_addc(&t, ',');
            json_put(&t, db_get_text(totals, i, 0));
            text_addf(&t, ":%lld", (long long)db_get_i64(totals, i, 1));
        }
        text_addz(&t, "},\"models\":[");
        for (int i = 0; i < db_rows(models); i++) {
            if (i) text_addc(&t, ',');
            put_model(models, i, &who, &t);
        }
        text_addc(&t, ']');
        put_turns(results[CASEWORK_FIRST + 1], &t);
        text_addc(&t, '}');
        staff_answer(a, &t);
    }
    free(a);
}

static void add_limited(struct db_call *c, const struct db_stmt *s, int limit)
{
    struct db_params *p = db_params_new(s);
    db_put_i32(p, limit);
    db_call_add(c, s, p);
}

void models_desk(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct staff_ask *kept = staff_keep(a);
    (void)in, (void)id;
    struct db_call *c = staff_call(a, have_desk, kept);
    add_limited(c, &stmt_models, LIST_MAX);
    add_limited(c, &stmt_models_turns, LIST_MAX);
    add_limited(c, &stmt_models_watch, WATCHED);
    db_call_add(c, &stmt_models_totals, db_params_new(&stmt_models_totals));
    db_call_add(c, &stmt_trainings_newest, db_params_new(&stmt_trainings_newest));
    if (!staff_go(a, c)) free(kept);
}

/* --- steps --- */

static const struct choice steps[] = {
    {"confirm", "启用"}, {"refuse", "不同意"}, {"withdraw", "撤回"}, {"back", "恢复"}, {"off", "停用"}};
enum { STEP_CONFIRM, STEP_REFUSE, STEP_WITHDRAW, STEP_BACK, STEP_OFF };

static void have_step(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    (void)n;
    if (entered(a, end, results, error, RULES_CONFIRMERS, &who)) {
        if (db_rows(results[CASEWORK_FIRST])) COUNT(MODEL_STEPS);
        draft_answer(a, results[CASEWORK_FIRST]);
    }
    free(a);
}

void models_step(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const known[] = {"step", "why", NULL};
    struct body b;
    if (!body_open(a, in, known, &b)) return;
    const int step = body_choice(&b, "step", steps, ARRAY_LEN(steps));
    /* What is taken out of force, or put back, says why. */
    const bool reasoned = !b.wrong && (step == STEP_REFUSE || step == STEP_BACK || step == STEP_OFF);
    const struct str why = body_text(&b, "why", reasoned ? 2 : 0, WHY_POINTS);
    if (!body_good(a, &b)) return;
    struct staff_ask *kept = staff_keep(a);
    struct db_call *c = staff_call(a, have_step, kept);
    struct db_params *p = db_params_new(&stmt_models_step);
    db_put_i32(p, id > 0 && id <= INT32_MAX ? (int)id : -1); /* -1: there is none */
    db_put_text(p, str_of(steps[step].word));
    db_put_text(p, why.n ? why : STR_NONE);
    db_call_add(c, &stmt_models_step, p);
    body_close(&b);
    if (!staff_go(a, c)) free(kept);
}

/* --- examples --- */

static void put_category(const struct gateway *g, struct str code, struct text *t)
{
    const struct category *c = code.n ? register_category(g, code) : NULL;
    if (code.n == 0) {
        text_addz(t, "null");
        return;
    }
    text_addz(t, "{\"code\":");
    json_put(t, code);
    json_put_text(t, "name", c ? c->name : code);
    text_addc(t, '}');
}

static void put_side(const struct gateway *g, const struct db_result *r, int row, int unit, struct text *t)
{
    text_addz(t, "{\"unit\":");
    register_unit_json(g, db_get_i64(r, row, unit), t);
    text_addz(t, ",\"category\":");
    put_category(g, db_get_text(r, row, unit + 1), t);
    put_name(t, "nature", r, row, unit + 2);
    if (db_get_i64(r, row, unit + 3) < 0)
        text_addz(t, ",\"level\":null}");
    else
        text_addf(t, ",\"level\":%lld}", (long long)db_get_i64(r, row, unit + 3));
}

static void have_examples(void *arg, enum db_end end, const struct db_result *const *results, int n,
                          const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    struct text t;
    (void)n;
    if (entered(a, end, results, error, RULES_CONFIRMERS, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        const int shown = MIN(db_rows(r), PAGE);
        text_init(&t, ANSWER_MAX);
        text_addz(&t, "{\"examples\":[");
        for (int i = 0; i < shown; i++) {
            struct str changed = db_get_text(r, i, E_CHANGED), one;
            text_addf(&t, "%s{\"id\":%lld,\"case\":%lld", i ? "," : "", (long long)db_get_i64(r, i, E_ID),
                      (long long)db_get_i64(r, i, E_CASE));
            json_put_instant(&t, "at", db_get_instant(r, i, E_AT));
            json_put_text(&t, "kind", db_get_text(r, i, E_KIND));
            put_name(&t, "who", r, i, E_WHO);
            json_put_text(&t, "words", db_get_text(r, i, E_WORDS));
            text_addz(&t, ",\"changed\":[");
            for (bool more = false; changed.n; more = true) {
                str_cut(changed, ',', &one, &changed);
                if (more) text_addc(&t, ',');
                json_put(&t, one);
            }
            text_addf(&t, "],\"confidence\":%.3f,\"auto\":%s,\"rules\":%lld,\"model\":%lld,\"said\":",
                      db_get_f64(r, i, E_CONFIDENCE), db_get_bool(r, i, E_AUTO) ? "true" : "false",
                      (long long)db_get_i64(r, i, E_RULES), (long long)db_get_i64(r, i, E_MODEL));
            put_side(a->g, r, i, E_SAID_UNIT, &t);
            text_addz(&t, ",\"decided\":");
            put_side(a->g, r, i, E_UNIT, &t);
            text_addc(&t, '}');
        }
        text_addz(&t, "],\"next\":");
        if (db_rows(r) > PAGE)
            text_addf(&t, "%lld}", (long long)db_get_i64(r, PAGE - 1, E_ID));
        else
            text_addz(&t, "null}");
        staff_answer(a, &t);
    }
    free(a);
}

void models_examples(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const struct choice which[] = {{"changed", "更正"}, {"all", "全部"}};
    struct text before;
    u64 from = 0;
    int what;
    bool bad = false;
    (void)id;
    if (!query_choice(a, in, "what", which, ARRAY_LEN(which), &what)) return;
    text_init(&before, 32);
    const bool given = query_param(in, "before", &before, &bad);
    bad |= given && !str_u64(text_str(&before), INT64_MAX, &from);
    text_free(&before);
    if (bad) {
        query_refuse(a, "before");
        return;
    }
    struct db_params *p = db_params_new(&stmt_models_examples);
    db_put_i64(p, (i64)from);
    db_put_bool(p, what != 1);
    db_put_i32(p, PAGE + 1);
    db_put_i32(p, WORDS_MAX);
    staff_send(a, &stmt_models_examples, p, have_examples);
}

/* --- drift --- */

static void have_drift(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    struct text t;
    (void)n;
    if (entered(a, end, results, error, RULES_READERS, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        if (db_rows(r) == 0 || db_is_null(r, 0, 0)) {
            staff_refuse(a, REFUSE_FORBIDDEN, NULL, NULL);
        } else {
            text_init(&t, ANSWER_MAX);
            text_add(&t, db_get_text(r, 0, 0));
            staff_answer(a, &t);
        }
    }
    free(a);
}

void models_drift(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const struct choice by[] = {{"week", "按周"}, {"day", "按日"}};
    int which;
    (void)id;
    if (!query_choice(a, in, "by", by, ARRAY_LEN(by), &which)) return;
    struct db_params *p = db_params_new(&stmt_models_drift);
    db_put_i32(p, DRIFT_CASES);
    db_put_i32(p, DRIFT_WEEKS);
    db_put_text(p, str_of(by[which < 0 ? 0 : which].word));
    staff_send(a, &stmt_models_drift, p, have_drift);
}
