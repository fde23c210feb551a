/* Changes of units on the desk: planned by one person, looked at beforehand, confirmed by another, called off before the day. What can
 * be is judged by the functions of the schema (0042_names.sql); gateway/reforms.c puts it into force. */
#include "staff_part.h"
#include "staff_body.h"
#include "casework.h"
#include <stdlib.h>
#include <string.h>

#define BODY_MAX    (64 * 1024)
#define CHANGES_MAX 200 /* of the list: what waits and what was last */

const struct db_stmt stmt_unit_changes = {
    "unit_changes",
    "select coalesce(jsonb_agg(unit_change_shown(c) order by c.settled_at is not null, c.id desc), '[]')::text "
    "from (select * from unit_changes order by settled_at is not null, id desc limit $1) c",
    1,
    {DB_INT4}};
const struct db_stmt stmt_unit_change_preview = {
    "unit_change_preview",
    "select (unit_change_preview($1->>'kind', $1->'plan', ($1->>'on')::date, coalesce(($1->>'change')::bigint, 0)) "
    "|| jsonb_build_object('cases', unit_cases_seen($1->'plan')))::text",
    1,
    {DB_JSONB}};
const struct db_stmt stmt_unit_change_add = {
    "unit_change_add", "select unit_change_add($1)::text", 1, {DB_JSONB}};
const struct db_stmt stmt_unit_change_step = {
    "unit_change_step", "select unit_change_step($1, $2->>'step', $2->>'why')::text", 2, {DB_INT8, DB_JSONB}};

/* Why a plan cannot be, by the word that the schema gives it. */
static const struct fault {
    const char *word, *zh, *en;
} faults[] = {
    {"unit", "请选择在用的单位（不含综合机构和企业）：更名、拆分选一个，合并可选多个。",
     "Choose units in service, no office and no enterprise: one to rename or split, several to merge."},
    {"day", "请填写生效日期，前后十年之内。", "A day is needed, within ten years."},
    {"waits", "其中的单位已有一项待确认或待生效的变更，请先办完或撤销那一项。",
     "One of the units has a change that still waits; settle or cancel that first."},
    {"name", "请填写新的全称和简称，全称不得与在用单位重复。",
     "Full and short name are needed, and no unit in service may bear that name."},
    {"desk", "这个单位是分派规则或密封举报指定的承办机构，请先在规则中改由其他单位承担。",
     "Rules of routing or of sealed reports name this unit as a desk; let another one take that over first."},
    {"new", "新设单位须有未用过的编码（如 U150）、全称和简称。",
     "A new unit needs an unused code (like U150), a full and a short name."},
    {"successor", "承接单位须在用（或在本次新设），不能是将撤销的单位或其下属机构。",
     "A successor is in service, or new with this change, and is none of those that go nor below them."},
    {"rules", "请至少填写一条拆分规则，并核对事项、监督牌、下属机构属于原单位，地名为二至四十字。",
     "A split needs a rule; matters, plaques and what stands below must be of the old unit, a place has 2 to 40 "
     "characters."},
    {"posts", "请选择岗位随转或终止，单列的岗位须属于原单位。",
     "Posts move or end; those named one by one must be of the old unit."},
    {"why", "请写明理由。", "A reason is needed."},
};

static bool refused(const struct staff_ask *a, enum db_end end, const struct db_error *e)
{
    if (end != DB_FAILED || !e) return false;
    for (size_t i = 0; strcmp(e->sqlstate, "MSDN1") == 0 && i < ARRAY_LEN(faults); i++) {
        if (strcmp(e->constraint, faults[i].word) != 0) continue;
        staff_refuse(a, REFUSE_UNKNOWN_FIELD, faults[i].zh, faults[i].en);
        return true;
    }
    const bool step = strcmp(e->sqlstate, "MSDR1") == 0, person = strcmp(e->sqlstate, "MSDR3") == 0;
    /* 22…: a value of the plan that is no date, number or list; 23…: a text of a length that no column takes. */
    if (!step && !person && strncmp(e->sqlstate, "22", 2) != 0 && strncmp(e->sqlstate, "23", 2) != 0)
        return false;
    staff_refuse(a,
                 step     ? REFUSE_DRAFT_STEP
                 : person ? REFUSE_SECOND_PERSON
                          : REFUSE_UNKNOWN_FIELD,
                 NULL, NULL);
    return true;
}

static void have_value(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    (void)n;
    if (!refused(a, end, error) && staff_entered(a, end, results, error, false, &who))
        reply_json(a->g, a->ticket, 200, db_get_text(results[CASEWORK_FIRST], 0, 0), NULL, 0);
    free(a);
}

void unit_changes(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct db_params *p = db_params_new(&stmt_unit_changes);
    (void)in, (void)id;
    db_put_i32(p, CHANGES_MAX);
    staff_send(a, &stmt_unit_changes, p, have_value);
}

static void send_body(const struct staff_ask *a, const struct http_in *in, u64 id, const struct db_stmt *s)
{
    struct json *doc;
    if (!body_object(a, in, BODY_MAX, &doc)) return;
    json_free(&doc);
    struct db_params *p = db_params_new(s);
    if (s == &stmt_unit_change_step) db_put_i64(p, (i64)id);
    db_put_json(p, in->body);
    staff_send(a, s, p, have_value);
}

void unit_change_preview(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    send_body(a, in, id, &stmt_unit_change_preview);
}

void unit_change_add(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    send_body(a, in, id, &stmt_unit_change_add);
}

void unit_change_step(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    if (id > INT64_MAX)
        staff_refuse(a, REFUSE_NOT_FOUND, NULL, NULL);
    else
        send_body(a, in, id, &stmt_unit_change_step);
}
