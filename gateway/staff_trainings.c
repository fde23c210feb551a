/* Trainings at the desk of models: asked for by whoever may propose one, started by the gateway that took the request. */
#include "staff_models.h"
#include "casework.h"
#include "staff_body.h"
#include "staff_rules.h"
#include "trainings.h"
#include "base/code.h"
#include <stdlib.h>
#include <string.h>

#define NOTE_POINTS 400

/* What has stopped beating is lost, whether or not a gateway has said so yet. */
const struct db_stmt stmt_trainings_newest = {
    "trainings_newest",
    "select t.id, t.asked_at, s.name, t.note, case when x.lost then 'failed' else t.state end, t.step, t.ended_at, coalesce(t.version, 0), "
    "case when x.lost then 'lost' else t.fault end, coalesce(t.held, -1), b.name from route_trainings t join staff s on s.id = t.staff_id "
    "left join staff b on b.id = t.stopped_by, lateral (select t.state = 'running' and t.beat_at < now() - interval '30 seconds' as lost) x "
    "order by t.id desc limit 1",
    0,
    {0}};
enum { T_ID, T_ASKED, T_WHO, T_NOTE, T_STATE, T_STEP, T_ENDED, T_VERSION, T_FAULT, T_HELD, T_STOPPED };
static const struct db_stmt stmt_trainings_ask = {
    "trainings_ask", "select id, state from route_training_ask($1)", 1, {DB_TEXT}};
static const struct db_stmt stmt_trainings_stop = {
    "trainings_stop", "select id, state from route_training_stop($1)", 1, {DB_INT8}};
const struct db_stmt *const staff_training_statements[] = {&stmt_trainings_newest, &stmt_trainings_ask,
                                                           &stmt_trainings_stop};
const size_t n_staff_training_statements = ARRAY_LEN(staff_training_statements);

void trainings_put(const struct db_result *r, const struct staff_who *who, struct text *t)
{
    const bool some = db_rows(r) > 0, runs = some && str_eq(db_get_text(r, 0, T_STATE), STR("running"));
    text_addf(t, ",\"may_train\":%s", who->actor.roles & RULES_WRITERS ? "true" : "false");
    if (!some) {
        text_addz(t, ",\"training\":null");
        return;
    }
    const struct staff_offer steps[] = {{"stop", runs && (who->actor.roles & RULES_CONFIRMERS) != 0}};
    text_addf(t, ",\"training\":{\"id\":%lld", (long long)db_get_i64(r, 0, T_ID));
    json_put_instant(t, "asked_at", db_get_instant(r, 0, T_ASKED));
    json_put_text(t, "who", db_get_text(r, 0, T_WHO));
    json_put_text(t, "note", db_get_text(r, 0, T_NOTE));
    json_put_text(t, "state", db_get_text(r, 0, T_STATE));
    json_put_text(t, "step", db_get_text(r, 0, T_STEP));
    json_put_instant(t, "ended_at", db_get_instant(r, 0, T_ENDED));
    text_addf(t, ",\"version\":%lld", (long long)db_get_i64(r, 0, T_VERSION));
    json_put_text(t, "fault", db_is_null(r, 0, T_FAULT) ? STR_NONE : db_get_text(r, 0, T_FAULT));
    if (db_get_i64(r, 0, T_HELD) < 0)
        text_addz(t, ",\"held\":null");
    else
        text_addf(t, ",\"held\":%lld", (long long)db_get_i64(r, 0, T_HELD));
    json_put_text(t, "stopped_by", db_is_null(r, 0, T_STOPPED) ? STR_NONE : db_get_text(r, 0, T_STOPPED));
    staff_put_steps(steps, ARRAY_LEN(steps), t);
    text_addc(t, '}');
}

static bool entered(const struct staff_ask *a, enum db_end end, const struct db_result *const *results,
                    const struct db_error *error, u32 roles, struct staff_who *who_r)
{
    const char *state = end == DB_FAILED ? error->sqlstate : "";
    if (strcmp(state, "MSDR4") == 0)
        staff_refuse(a, REFUSE_DRAFT_STEP, "已有一次训练正在进行，同一时间只能训练一个模型，请等它结束。",
                     "A training is running already; one at a time. Please wait for its end.");
    else if (strcmp(state, "MSDR1") == 0)
        staff_refuse(a, REFUSE_DRAFT_STEP, "这次训练已经结束，请刷新后再看。",
                     "This training has ended; please reload.");
    else
        return draft_entered(a, end, results, error, roles, who_r);
    return false;
}

static void have_asked(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    (void)n;
    if (entered(a, end, results, error, RULES_WRITERS, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        if (db_rows(r)) trainings_start(a->g, (u64)db_get_i64(r, 0, 0));
        draft_answer(a, r);
    }
    free(a);
}

void trainings_ask(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const known[] = {"note", NULL};
    struct body b;
    (void)id;
    if (!body_open(a, in, known, &b)) return;
    const struct str note = body_text(&b, "note", 0, NOTE_POINTS);
    if (!body_good(a, &b)) return;
    struct db_params *p = db_params_new(&stmt_trainings_ask);
    db_put_text(p, note.n ? note : STR(""));
    body_close(&b);
    staff_send(a, &stmt_trainings_ask, p, have_asked);
}

static void have_stopped(void *arg, enum db_end end, const struct db_result *const *results, int n,
                         const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    (void)n;
    if (entered(a, end, results, error, RULES_CONFIRMERS, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        if (db_rows(r)) trainings_stopped(a->g, (u64)db_get_i64(r, 0, 0));
        draft_answer(a, r);
    }
    free(a);
}

void trainings_step(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const struct choice steps[] = {{"stop", "停止"}};
    static const char *const known[] = {"step", NULL};
    struct body b;
    if (!body_open(a, in, known, &b)) return;
    (void)body_choice(&b, "step", steps, ARRAY_LEN(steps));
    if (!body_good(a, &b)) return;
    body_close(&b);
    struct db_params *p = db_params_new(&stmt_trainings_stop);
    db_put_i64(p, id <= INT64_MAX ? (i64)id : 0);
    staff_send(a, &stmt_trainings_stop, p, have_stopped);
}
