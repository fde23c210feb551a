#include "status.h"
#include "intake.h"
#include "metrics.h"
#include "core/conversation.h"
#include <stdlib.h>

/* A merged case is told by the main one, however often that was merged; a confidential main case is not told to whoever
 * reported the matter openly. The answer counts once it has been approved. */
const struct db_stmt stmt_status_look = {
    "status_look",
    "with recursive up as (select c.id, c.merged_into, c.confidential as secret from feedback f join cases c on c.id = f.case_id "
    "  where f.receipt_hash = $1 union select k.id, k.merged_into, up.secret from up join cases k on k.id = up.merged_into), "
    "main as (select k.id from up join cases k on k.id = up.id where up.merged_into is null and (up.secret or not k.confidential)) "
    "select f.id, f.rating, f.received_at, f.receipt_hash, c.id, c.state, 'answered' = any (c.flags), case when c.state <> 'merged' then c.due_at end, "
    "case when c.confidential or c.state in ('discovered', 'merged') then null else c.unit_id end, "
    "(select a.words from acts a where a.case_id = c.id and a.act = 'reply' and exists (select from acts b where b.case_id = c.id "
    "  and b.act = 'approve' and b.version > a.version) order by a.version desc limit 1), coalesce(left(f.words, 300), ''), "
    "coalesce('objected' = any (c.flags), false), coalesce(c.ending, 'none'), "
    "exists (select from acts q where q.case_id = c.id and q.act = 'ask' and not exists (select from acts b where b.case_id = c.id "
    "  and b.act = 'say' and b.version > q.version)) "
    "from feedback f left join cases c on c.id = coalesce((select id from main), f.case_id) where f.receipt_hash = $1",
    1,
    {DB_BYTEA}};

struct looking {
    struct gateway *g;
    u8 hash[32];
    status_done *done;
    void *arg;
};

static void looked(void *arg, enum db_end end, const struct db_result *const *results, int n,
                   const struct db_error *error)
{
    struct looking *l = arg;
    struct status_view v = {0};
    (void)n, (void)error;
    if (end != DB_OK) {
        l->done(l->arg, NULL);
        free(l);
        return;
    }
    const struct db_result *r = results[0];
    if (db_rows(r) == 1 && crypto_same(db_get_text(r, 0, 3).p, l->hash, 32)) {
        v.found = true;
        v.feedback_id = (u64)db_get_i64(r, 0, 0);
        v.rating = (int)db_get_i64(r, 0, 1);
        v.received = db_get_instant(r, 0, 2);
        v.plain_rating = db_is_null(r, 0, 4);
        v.case_id = (u64)db_get_i64(r, 0, 4);
        if (!v.plain_rating && !case_state_parse(db_get_text(r, 0, 5), &v.state)) v.state = CASE_DISCOVERED;
        v.answered = db_get_bool(r, 0, 6);
        v.due = db_get_instant(r, 0, 7);
        v.unit_id = (int)db_get_i64(r, 0, 8);
        v.answer = db_get_text(r, 0, 9);
        v.english = talk_english(db_get_text(r, 0, 10));
        v.objected = db_get_bool(r, 0, 11);
        if (!case_ending_parse(db_get_text(r, 0, 12), &v.ending)) v.ending = ENDING_NONE;
        v.question = db_get_bool(r, 0, 13);
    } else {
        COUNT(STATUS_WRONG);
    }
    l->done(l->arg, &v);
    free(l);
}

void status_look(struct gateway *g, const char receipt[17], status_done *done, void *arg)
{
    struct looking *l = MEM_NEW(struct looking);
    struct db_call *c = db_call_new(looked, l);
    struct db_params *p = db_params_new(&stmt_status_look);
    *l = (struct looking){.g = g, .done = done, .arg = arg};
    receipt_hash(g, receipt, l->hash);
    db_put_bytes(p, (struct str){(const char *)l->hash, 32});
    db_call_add(c, &stmt_status_look, p);
    if (db_call_send(g->lane_public, c)) return;
    free(l);
    done(arg, NULL);
}

const char *status_sentence(const struct status_view *v, bool english)
{
    static const char *const zh[CASE_STATES_N] = {
        [CASE_NEW] = "已收到。",
        [CASE_DISCOVERED] = "已收到，正在确定承办单位。",
        [CASE_ASSIGNED] = "已交办，等待承办单位签收。",
        [CASE_HANDLING] = "承办单位正在办理。",
        [CASE_REPLIED] = "承办单位已提交办理结果，正在审核。",
        [CASE_VERIFYING] = "已有答复，请您确认是否解决。",
        [CASE_CLOSED] = "已办结。",
        [CASE_DECLINED] = "不属于受理范围，请按告知的途径反映。",
        [CASE_MERGED] = "已与相同事项合并办理。",
    };
    static const char *const en[CASE_STATES_N] = {
        [CASE_NEW] = "Received.",
        [CASE_DISCOVERED] = "Received; the responsible unit is being found.",
        [CASE_ASSIGNED] = "Given to the responsible unit, which has to sign for it.",
        [CASE_HANDLING] = "The responsible unit is working on it.",
        [CASE_REPLIED] = "The unit has handed in its result, which is being reviewed.",
        [CASE_VERIFYING] = "There is an answer; please say whether it is solved.",
        [CASE_CLOSED] = "Closed.",
        [CASE_DECLINED] = "Not a matter for this office; please take the way that was named.",
        [CASE_MERGED] = "Handled together with the same matter.",
    };
    if (v->objected) return english ? "Your objection is being reviewed." : "您的异议正在由督查督办组复核。";
    if (v->question && (v->state == CASE_ASSIGNED || v->state == CASE_HANDLING))
        return english ? "The unit has a question for you; please open the status page and answer."
                       : "承办单位有问题想问您，请打开进度页查看并回答。";
    if (v->state == CASE_CLOSED && v->ending == ENDING_WITHDRAWN)
        return english ? "Withdrawn by you; closed." : "您已撤回，已办结。";
    if (v->state == CASE_CLOSED && v->ending == ENDING_PARTLY)
        return english ? "Closed; partly solved, as you agreed." : "已办结：部分解决，您同意办结。";
    if (v->plain_rating) return english ? "Your rating has been recorded." : "您的评价已记录。";
    return english ? en[v->state] : zh[v->state];
}
