/* 惠企政策 (M22) as the desk writes them: one person writes, another publishes, and what is out of date shows itself as that. */
#include "casework.h"
#include "staff_body.h"
#include "metrics.h"
#include "register.h"
#include "base/code.h"
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX ((size_t)4 << 20)
#define LIST_MAX   300
#define WRITERS    (ROLE_BIT(ROLE_REGISTRY) | ROLE_BIT(ROLE_HANDLER) | ROLE_BIT(ROLE_UNIT_LEADER))
#define APPROVERS  (ROLE_BIT(ROLE_COORDINATOR) | ROLE_BIT(ROLE_SUPERVISOR) | ROLE_BIT(ROLE_LEADER))

static const struct choice steps[] = {{"published", "发布"}, {"refused", "不予发布"}, {"withdrawn", "撤下"}};

const struct db_stmt stmt_staff_policies = {
    "staff_policies",
    "select id, title, source, serial, words, array_to_string(targets, ','), valid_from::text, valid_to::text, unit_id, state, author_id, "
    "published_at, valid_to < (now() at time zone 'Asia/Shanghai')::date from policies "
    "order by (state = 'written') desc, (state = 'published') desc, id desc limit $1",
    1,
    {DB_INT4}};
enum {
    COL_ID,
    COL_TITLE,
    COL_SOURCE,
    COL_SERIAL,
    COL_WORDS,
    COL_TARGETS,
    COL_FROM,
    COL_TO,
    COL_UNIT,
    COL_STATE,
    COL_AUTHOR,
    COL_PUBLISHED,
    COL_OVER
};
const struct db_stmt stmt_staff_policy_add = {
    "staff_policy_add",
    "insert into policies (title, source, serial, words, targets, valid_from, valid_to, unit_id) select $1, $2, $3, $4, "
    "string_to_array($5, ','), $6::text::date, $7::text::date, u.id from units u where u.id = $8 and u.kind in ('unit', 'office') "
    "returning id, state",
    8,
    {DB_TEXT, DB_TEXT, DB_TEXT, DB_TEXT, DB_TEXT, DB_TEXT, DB_TEXT, DB_INT4}};
const struct db_stmt stmt_staff_policy_step = {
    "staff_policy_step",
    "update policies set state = $2 where id = $1 returning id, state",
    2,
    {DB_INT8, DB_TEXT}};

static bool entered(const struct staff_ask *a, enum db_end end, const struct db_result *const *results,
                    const struct db_error *error, struct staff_who *who)
{
    const char *state = end == DB_FAILED ? error->sqlstate : "";
    if (strcmp(state, "MSD98") == 0 || strcmp(state, "42501") == 0)
        staff_refuse(a, REFUSE_FORBIDDEN, "写的人不能自己发布；单位只能写本单位的政策。",
                     "Who wrote it cannot publish it; a unit writes its own policies only.");
    else if (strcmp(state, "MSD99") == 0)
        staff_refuse(a, REFUSE_PUBLISH_STEP, NULL, NULL);
    else if (strcmp(state, "23514") == 0)
        body_refuse(a, "targets");
    else if (staff_entered(a, end, results, error, false, who)) {
        if (who->actor.roles & (WRITERS | APPROVERS)) return true;
        staff_refuse(a, REFUSE_FORBIDDEN, NULL, NULL);
    }
    return false;
}

static void put_steps(const struct db_result *r, int row, const struct staff_who *who, struct text *t)
{
    const struct str state = db_get_text(r, row, COL_STATE);
    const bool approves = who->actor.roles & APPROVERS,
               mine = db_get_i64(r, row, COL_AUTHOR) == who->actor.staff,
               ends = approves || mine || (who->actor.roles & ROLE_BIT(ROLE_REGISTRY)),
               written = str_eq(state, STR("written"));
    const struct staff_offer all[] = {{steps[0].word, written && approves && !mine},
                                      {steps[1].word, written && ends},
                                      {steps[2].word, ends && str_eq(state, STR("published"))}};
    staff_put_steps(all, ARRAY_LEN(all), t);
    text_addc(t, '}');
}

static void have_list(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    (void)n;
    if (entered(a, end, results, error, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        const int rows = MIN(db_rows(r), LIST_MAX);
        struct text body;
        text_init(&body, ANSWER_MAX);
        text_addf(&body, "{\"may_write\":%s,\"more\":%s,\"policies\":[",
                  who.actor.roles & WRITERS ? "true" : "false", db_rows(r) > rows ? "true" : "false");
        for (int i = 0; i < rows; i++) {
            static const struct {
                const char *name;
                int col;
            } texts[] = {{"title", COL_TITLE}, {"source", COL_SOURCE},   {"serial", COL_SERIAL},
                         {"words", COL_WORDS}, {"targets", COL_TARGETS}, {"valid_from", COL_FROM},
                         {"valid_to", COL_TO}, {"state", COL_STATE}};
            text_addf(&body, "%s{\"id\":%lld,\"unit\":", i ? "," : "", (long long)db_get_i64(r, i, COL_ID));
            register_unit_json(a->g, db_get_i64(r, i, COL_UNIT), &body);
            for (size_t k = 0; k < ARRAY_LEN(texts); k++)
                json_put_text(&body, texts[k].name,
                              db_is_null(r, i, texts[k].col) ? STR_NONE : db_get_text(r, i, texts[k].col));
            json_put_instant(&body, "published_at", db_get_instant(r, i, COL_PUBLISHED));
            text_addf(&body, ",\"over\":%s",
                      !db_is_null(r, i, COL_OVER) && db_get_bool(r, i, COL_OVER) ? "true" : "false");
            put_steps(r, i, &who, &body);
        }
        text_addz(&body, "]}");
        staff_answer(a, &body);
    }
    free(a);
}

static struct staff_ask *kept(const struct staff_ask *a)
{
    struct staff_ask *copy = staff_keep(a);
    return copy;
}

void staff_policies(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct staff_ask *copy = kept(a);
    struct db_call *c = staff_call(a, have_list, copy);
    struct db_params *p = db_params_new(&stmt_staff_policies);
    (void)in, (void)id;
    db_put_i32(p, LIST_MAX + 1);
    db_call_add(c, &stmt_staff_policies, p);
    if (!staff_go(a, c)) free(copy);
}

static void have_step(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    (void)n;
    if (entered(a, end, results, error, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        if (db_rows(r) == 0) {
            staff_refuse(a, REFUSE_NOT_FOUND, NULL, NULL);
        } else {
            struct text body;
            COUNT(POLICY_STEPS);
            text_init(&body, 200);
            text_addf(&body, "{\"id\":%lld", (long long)db_get_i64(r, 0, 0));
            json_put_text(&body, "state", db_get_text(r, 0, 1));
            text_addc(&body, '}');
            staff_answer(a, &body);
        }
    }
    free(a);
}

void staff_policy_add(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const known[] = {"title",      "source",   "serial", "words", "targets",
                                        "valid_from", "valid_to", "unit",   NULL};
    struct body b;
    (void)id;
    if (!body_open(a, in, known, &b)) return;
    const struct str texts[] = {body_text(&b, "title", 2, 120), body_text(&b, "source", 2, 100),
                                body_text(&b, "serial", 0, 60), body_text(&b, "words", 2, 5000),
                                body_text(&b, "targets", 3, 100)};
    const struct str from = body_date(&b, "valid_from", true), to = body_date(&b, "valid_to", false);
    const i64 unit = body_unit(a->g, &b, "unit", true);
    if (!body_good(a, &b)) return;
    struct staff_ask *copy = kept(a);
    struct db_call *c = staff_call(a, have_step, copy);
    struct db_params *p = db_params_new(&stmt_staff_policy_add);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) db_put_text(p, texts[i].n ? texts[i] : STR_NONE);
    db_put_text(p, from);
    db_put_text(p, to.n ? to : STR_NONE);
    db_put_i32(p, (int)unit);
    db_call_add(c, &stmt_staff_policy_add, p);
    body_close(&b);
    if (!staff_go(a, c)) free(copy);
}

void staff_policy_step(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const known[] = {"step", NULL};
    struct body b;
    if (!body_open(a, in, known, &b)) return;
    const int step = body_choice(&b, "step", steps, ARRAY_LEN(steps));
    if (!body_good(a, &b)) return;
    struct staff_ask *copy = kept(a);
    struct db_call *c = staff_call(a, have_step, copy);
    struct db_params *p = db_params_new(&stmt_staff_policy_step);
    db_put_i64(p, (i64)id);
    db_put_text(p, str_of(steps[step].word));
    db_call_add(c, &stmt_staff_policy_step, p);
    body_close(&b);
    if (!staff_go(a, c)) free(copy);
}
