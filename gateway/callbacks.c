#include "callbacks.h"
#include "ids.h"
#include "outbox.h"
#include "register.h"
#include <stdio.h>
#include <string.h>

/* The only reporter who is due counts as named; a case without reporters has no row of k. */
const struct db_stmt stmt_callbacks_task = {
    "callbacks_task",
    "with n as (select c.version, c.round, count(k.*) as tasks, count(*) filter (where k.state = 'due') as due, "
    "  min(k.feedback_id) filter (where k.state = 'due') as one_due, min(k.feedback_id) as one "
    "  from cases c left join callbacks k on k.case_id = c.id and k.round = c.round where c.id = $1 group by c.version, c.round) "
    "select n.tasks, n.due, coalesce(k.feedback_id, 0), coalesce(k.state, 'due'), coalesce(k.tries, 0), coalesce(k.last_day, 0), n.version "
    "from n left join callbacks k on k.case_id = $1 and k.round = n.round and k.feedback_id = "
    "  case when $2 <> 0 then $2 when n.due = 1 then n.one_due when n.tasks = 1 then n.one end",
    2,
    {DB_INT8, DB_INT8}};
/* Run as the gateway: the staff cannot read numbers. Of a confidential case nothing goes out by itself. */
const struct db_stmt stmt_callbacks_told = {
    "callbacks_told",
    "select f.id, f.provider, f.contact from case_reporters($1) r join feedback f on f.id = r "
    "where f.channel = 'sms' and f.contact is not null and not exists (select from cases c where c.id = $1 and c.confidential) "
    "order by f.id limit 100",
    1,
    {DB_INT8}};
const struct db_stmt stmt_callbacks_tell = {
    "callbacks_tell",
    "insert into outbox (id, created_at, channel, recipient, body, dedupe_key, feedback_id, case_id, due_at) "
    "select $1, a.at, $2, $3, $4, 'act:' || a.id || ':' || $5, $5, a.case_id, a.at from acts a where a.id = $6",
    6,
    {DB_INT8, DB_TEXT, DB_BYTEA, DB_BYTEA, DB_INT8, DB_INT8}};

static const struct {
    const char *en, *zh;
} states[] = {
#define X(id, word, zh) {word, zh},
    CALLBACK_STATES(X)
#undef X
};

const char *callback_state_word(enum callback_state s) { return states[s].en; }
const char *callback_state_chinese(enum callback_state s) { return states[s].zh; }

bool callback_state_parse(struct str word, enum callback_state *state_r)
{
    for (unsigned i = 0; i < ARRAY_LEN(states); i++)
        if (str_eq(word, str_of(states[i].en))) {
            *state_r = (enum callback_state)i;
            return true;
        }
    return false;
}

bool callbacks_concern(enum case_act act)
{
    switch (act) {
    case ACT_CALLBACK_SOLVED:
    case ACT_CALLBACK_UNSOLVED:
    case ACT_CALLBACK_REFUSED:
    case ACT_CALLBACK_ATTEMPT:
    case ACT_CONFIRM_SOLVED:
    case ACT_CONFIRM_UNSOLVED:
        return true;
    default:
        return false;
    }
}

struct db_params *callbacks_task_params(u64 case_id, i64 feedback)
{
    struct db_params *p = db_params_new(&stmt_callbacks_task);
    db_put_i64(p, (i64)case_id);
    db_put_i64(p, feedback);
    return p;
}

void callbacks_task_read(const struct db_result *r, struct callback_task *task)
{
    *task = (struct callback_task){.asked = true};
    if (db_rows(r) == 0) return; /* the case itself is out of sight */
    task->tasks = db_get_i64(r, 0, 0);
    task->due = db_get_i64(r, 0, 1);
    task->feedback = db_get_i64(r, 0, 2);
    ASSERT(callback_state_parse(db_get_text(r, 0, 3), &task->state)); /* the table's check allows no other */
    task->tries = (int)db_get_i64(r, 0, 4);
    task->last_day = db_get_i64(r, 0, 5);
    task->version = db_get_i64(r, 0, 6);
}

void callbacks_view(const struct callback_task *task, struct case_view *view)
{
    const u32 told = CASE_FLAG_TRIED_TWICE | CASE_FLAG_MORE_TO_ASK;
    if (!task->asked || task->tasks == 0 || view->state != CASE_VERIFYING) return;
    view->callback_tries = task->tries;
    view->callback_day = task->last_day;
    view->flags &= ~told;
    if (task->tries == CALLBACK_TRIES - 1) view->flags |= CASE_FLAG_TRIED_TWICE;
    if (task->due > (task->state == CALLBACK_DUE && task->feedback != 0))
        view->flags |= CASE_FLAG_MORE_TO_ASK;
}

static enum refusal refuse(struct outcome *o, enum refusal r, const char *why)
{
    snprintf(o->detail, sizeof o->detail, "%s", why);
    return r;
}

/* What the act makes of the question. */
static enum callback_state answered(enum case_act act, int tries)
{
    switch (act) {
    case ACT_CALLBACK_SOLVED:
    case ACT_CONFIRM_SOLVED:
        return CALLBACK_SOLVED;
    case ACT_CALLBACK_UNSOLVED:
    case ACT_CONFIRM_UNSOLVED:
        return CALLBACK_UNSOLVED;
    case ACT_CALLBACK_REFUSED:
        return CALLBACK_REFUSED;
    default:
        return tries >= CALLBACK_TRIES ? CALLBACK_SILENCE : CALLBACK_DUE;
    }
}

enum refusal callbacks_settle(struct callback_task *task, const struct act_request *req, struct outcome *o,
                              enum case_state before)
{
    task->overtake = before == CASE_VERIFYING && o->view.state != CASE_VERIFYING;
    if (!task->asked || task->tasks == 0) {
        task->feedback = 0;
        return REFUSE_NONE;
    }
    if (task->feedback == 0 && req->feedback == 0 && task->due > 1)
        return refuse(o, REFUSE_ACT_NEEDS, "这一件有多位反映人，请指明回访的是哪一位（feedback）。");
    if (task->feedback == 0) return refuse(o, REFUSE_ACT_ILLEGAL, "这位反映人不在本轮回访名单中。");
    if (task->state != CALLBACK_DUE)
        return refuse(o, REFUSE_ACT_ILLEGAL, "这位反映人本轮已有回访结果，不能改写。");
    task->after = answered(o->row->act, o->view.callback_tries);
    if (o->row->act == ACT_CALLBACK_ATTEMPT) {
        task->tries = o->view.callback_tries;
        task->last_day = o->view.callback_day;
    }
    return REFUSE_NONE;
}

void callbacks_put(const struct callback_task *task, const struct act_request *req, int round, struct text *t)
{
    text_addf(t,
              ",\"task\":\"%lld\",\"task_round\":\"%d\",\"task_state\":\"%s\",\"task_tries\":\"%d\","
              "\"task_day\":\"%lld\",\"task_rating\":\"%d\",\"overtake\":%s",
              (long long)task->feedback, round, callback_state_word(task->after), task->tries,
              (long long)task->last_day,
              task->after == CALLBACK_SOLVED || task->after == CALLBACK_UNSOLVED ? req->rating : 0,
              task->overtake ? "true" : "false");
}

/* --- SMS --- */

bool callbacks_tell(enum case_act act)
{
    return act == ACT_EXTEND_GRANT || act == ACT_PAUSE_GRANT || act == ACT_APPROVE;
}

/* No word of the matter: an SMS is read over shoulders (P11). */
static void put_words(const struct gateway *g, enum case_act act, instant due, struct text *t)
{
    char day[INSTANT_TEXT_MAX];
    text_addf(t, "【%s】您反映的事项", g->cfg.district_name);
    if (act == ACT_APPROVE) {
        text_addz(t, "已有答复。回复“CX 回执码”查看，回复“已解决 回执码”或“未解决 回执码”告诉我们结果。");
        return;
    }
    if (act == ACT_EXTEND_GRANT) {
        text_addz(t, "经批准延长办理时限");
        /* The end of a day is that day, not the next one. */
        if (due.us) text_addf(t, "，最迟%.10s答复", instant_text_china(instant_add(due, SPAN_S(-1)), day));
    } else {
        text_addz(t, "因补正、鉴定或听证暂停计时，期满自动恢复");
    }
    text_addz(t, "。回复“CX 回执码”可查询。");
}

static bool add_one(struct gateway *g, struct db_call *c, const struct channel_row *ch, i64 feedback,
                    struct str phone, struct str words, u64 act_id)
{
    char context[48];
    struct text to, body;
    u64 id = ids_next(g);
    if (id == 0) return false;
    text_init(&to, 1000);
    text_init(&body, 4000);
    snprintf(context, sizeof context, "%s %llu", OUTBOX_TO, (unsigned long long)id);
    crypto_seal(g->keys, KEY_OUTBOX, str_of(context), phone, &to);
    snprintf(context, sizeof context, "%s %llu", OUTBOX_BODY, (unsigned long long)id);
    crypto_seal(g->keys, KEY_OUTBOX, str_of(context), words, &body);
    struct db_params *p = db_params_new(&stmt_callbacks_tell);
    db_put_i64(p, (i64)id);
    db_put_text(p, ch->ch.name);
    db_put_bytes(p, text_str(&to));
    db_put_bytes(p, text_str(&body));
    db_put_i64(p, feedback);
    db_put_i64(p, (i64)act_id);
    db_call_add(c, &stmt_callbacks_tell, p);
    text_free(&to);
    text_free(&body);
    return true;
}

int callbacks_add_tell(struct gateway *g, struct db_call *c, const struct db_result *r, enum case_act act,
                       u64 act_id, instant due)
{
    int n = 0;
    struct text words;
    text_init(&words, 1000);
    put_words(g, act, due, &words);
    for (int i = 0; i < db_rows(r); i++) {
        const struct channel_row *ch = register_channel(g, db_get_text(r, i, 1));
        char context[48];
        struct text phone;
        if (!ch || !channel_sends(ch->adapter, &ch->ch)) continue;
        text_init(&phone, 200);
        snprintf(context, sizeof context, "feedback %lld", (long long)db_get_i64(r, i, 0));
        if (crypto_open(g->keys, KEY_CONTACT, str_of(context), db_get_text(r, i, 2), &phone) &&
            add_one(g, c, ch, db_get_i64(r, i, 0), text_str(&phone), text_str(&words), act_id))
            n++;
        text_free(&phone);
    }
    text_free(&words);
    return n;
}
