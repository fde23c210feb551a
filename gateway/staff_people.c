/* The desk of people and units: posts and roles by the security administrator, units by the system administrator. What may be done is
 * judged by the functions of the schema (0028_posts.sql, 0046_accounts.sql), which log every change with what was before. What lets
 * somebody sign in takes two administrators: staff_accounts.c. */
#include "staff_part.h"
#include "staff_query.h"
#include "staff_body.h"
#include "casework.h"
#include "base/utf8.h"
#include <stdlib.h>
#include <string.h>

#define BODY_MAX   8192
#define PEOPLE_MAX 100
#define WORDS_MAX  80

const struct db_stmt stmt_people = {"people",
                                    "select people_list($1, $2, $3, $4, $5, $6)::text",
                                    6,
                                    {DB_TEXT, DB_INT4, DB_TEXT, DB_TEXT, DB_TEXT, DB_INT4}};
const struct db_stmt stmt_people_step = {
    "people_step", "select people_step($1, $2)::text", 2, {DB_INT4, DB_JSONB}};
const struct db_stmt stmt_units_desk = {"units_desk", "select units_shown()::text", 0, {0}};
const struct db_stmt stmt_unit_step = {"unit_step", "select unit_step($1, $2)::text", 2, {DB_INT4, DB_JSONB}};

bool people_refused(const struct staff_ask *a, enum db_end end, const struct db_error *e)
{
    static const struct {
        const char *sqlstate;
        enum refusal refusal;
    } all[] = {
        {"MSD36", REFUSE_RIGHTS_APART},  {"MSD38", REFUSE_RIGHTS_OWN},     {"MSD39", REFUSE_RIGHTS_LAST},
        {"MSD46", REFUSE_NOT_FOUND},     {"MSD48", REFUSE_UNKNOWN_FIELD},  {"23505", REFUSE_LOGIN_TAKEN},
        {"23514", REFUSE_UNKNOWN_FIELD}, {"23502", REFUSE_UNKNOWN_FIELD},  {"22P02", REFUSE_UNKNOWN_FIELD},
        {"22007", REFUSE_UNKNOWN_FIELD}, {"22008", REFUSE_UNKNOWN_FIELD},  {"22003", REFUSE_UNKNOWN_FIELD},
        {"22023", REFUSE_UNKNOWN_FIELD}, {"MSD4A", REFUSE_RIGHTS_CHANGED}, {"MSD4B", REFUSE_RIGHTS_PAST},
        {"MSD4C", REFUSE_OIDC_TAKEN},    {"MSD4D", REFUSE_REQUEST_OPEN},   {"MSD4E", REFUSE_REQUEST_OVER},
        {"MSD4F", REFUSE_SECOND_PERSON}, {"MSD4G", REFUSE_UNIT_CHANGED},
    };
    for (size_t i = 0; end == DB_FAILED && e && i < ARRAY_LEN(all); i++) {
        if (strcmp(e->sqlstate, all[i].sqlstate) != 0) continue;
        if (strcmp(e->constraint, "account_requests_open") == 0) /* two at once asked the same */
            staff_refuse(a, REFUSE_REQUEST_OPEN, NULL, NULL);
        else if (all[i].refusal == REFUSE_NOT_FOUND)
            staff_refuse(a, REFUSE_NOT_FOUND, "没有这个人员、岗位或单位。",
                         "There is no such person, post or unit.");
        else
            staff_refuse(a, all[i].refusal, NULL, NULL);
        return true;
    }
    return false;
}

void people_answered(void *arg, enum db_end end, const struct db_result *const *results, int n,
                     const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    (void)n;
    if (!people_refused(a, end, error) && staff_entered(a, end, results, error, false, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        if (db_is_null(r, 0, 0))
            staff_refuse(a, REFUSE_NOT_FOUND, "没有这个人员、岗位或单位。",
                         "There is no such person, post or unit.");
        else
            reply_json(a->g, a->ticket, 200, db_get_text(r, 0, 0), NULL, 0);
    }
    free(a);
}

void staff_people(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const names[] = {"q", "role", "state", "after"};
    struct text v[ARRAY_LEN(names)], unit;
    bool bad = false, given[ARRAY_LEN(names)];
    u64 at = 0;
    (void)id;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        text_init(&v[i], WORDS_MAX);
        given[i] = query_param(in, names[i], &v[i], &bad);
    }
    text_init(&unit, WORDS_MAX);
    const bool of_unit = query_param(in, "unit", &unit, &bad);
    if (of_unit && (!str_u64(text_str(&unit), INT32_MAX, &at) || at == 0)) bad = true;
    if (bad) {
        query_refuse(a, "q");
    } else {
        struct db_params *p = db_params_new(&stmt_people);
        db_put_text(p, given[0] ? text_str(&v[0]) : STR_NONE);
        if (of_unit)
            db_put_i32(p, (int)at);
        else
            db_put_null(p);
        for (size_t i = 1; i < ARRAY_LEN(names); i++) db_put_text(p, given[i] ? text_str(&v[i]) : STR_NONE);
        db_put_i32(p, PEOPLE_MAX);
        staff_send(a, &stmt_people, p, people_answered);
    }
    for (size_t i = 0; i < ARRAY_LEN(names); i++) text_free(&v[i]);
    text_free(&unit);
}

static void step(const struct staff_ask *a, const struct http_in *in, u64 id, const struct db_stmt *s)
{
    struct json *doc;
    i64 version;
    if (!body_object(a, in, BODY_MAX, &doc)) return;
    const bool versioned =
        json_int(json_get(doc, "version"), &version) && version >= 1 && version <= INT32_MAX;
    const bool unreasoned = str_eq(json_str(json_get(doc, "step")), STR("post_roles")) &&
                            (str_trim(json_str(json_get(doc, "reason"))).n == 0 || !versioned);
    const bool unread =
        s == &stmt_unit_step && str_eq(json_str(json_get(doc, "step")), STR("change")) && !versioned;
    json_free(&doc);
    if (unread) {
        staff_refuse(a, REFUSE_UNKNOWN_FIELD, "请带上读到的单位版本（version）。",
                     "A unit is changed over the version that was read.");
        return;
    }
    if (unreasoned) {
        staff_refuse(a, REFUSE_UNKNOWN_FIELD, "请写明调整角色的理由，并带上岗位的版本。",
                     "Roles are changed with a reason, over the version that was read.");
        return;
    }
    if (id > INT32_MAX) {
        staff_refuse(a, REFUSE_NOT_FOUND, NULL, NULL);
        return;
    }
    struct db_params *p = db_params_new(s);
    db_put_i32(p, (int)id);
    db_put_json(p, in->body);
    staff_send(a, s, p, people_answered);
}

void staff_people_step(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    step(a, in, id, &stmt_people_step);
}

void staff_unit_step(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    step(a, in, id, &stmt_unit_step);
}

void staff_units_desk(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    (void)in, (void)id;
    staff_send(a, &stmt_units_desk, db_params_new(&stmt_units_desk), people_answered);
}
