#include "callbacks.h"
#include "ids.h"
#include "intake.h"
#include "messages.h"
#include "register.h"
#include "core/conversation.h"
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
/* Run as the gateway: the staff cannot read numbers. Of a confidential case nothing goes out by itself. The words only say
 * which language to answer in. */
const struct db_stmt stmt_callbacks_told = {
    "callbacks_told",
    "select f.id, f.provider, f.contact, coalesce(left(f.words, 300), '') from case_reporters($1) r join feedback f on f.id = r "
    "where f.channel = 'sms' and f.contact is not null and not exists (select from cases c where c.id = $1 and c.confidential) "
    "order by f.id limit 100",
    1,
    {DB_INT8}};
/* Nothing is told of an act that was not written. */
const struct db_stmt stmt_callbacks_tell = {
    "callbacks_tell",
    "insert into outbox (id, created_at, channel, recipient, body, body_form, dedupe_key, feedback_id, case_id, due_at, purpose, "
    "  event, urgent, recipient_hash) "
    "select t.id, a.at, t.channel, t.recipient, t.body, 1, 'act:' || a.id || ':' || t.feedback_id, t.feedback_id, a.case_id, a.at, $6, "
    "  $7, $8, t.recipient_hash "
    "from acts a cross join unnest($1, $2, $3, $4, $5, $10) as t (id, channel, recipient, body, feedback_id, recipient_hash) where a.id = $9",
    10,
    {DB_INT8S, DB_TEXTS, DB_BYTEAS, DB_BYTEAS, DB_INT8S, DB_TEXT, DB_TEXT, DB_BOOL, DB_INT8, DB_BYTEAS}};

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
    case ACT_CONFIRM_PARTLY:
    case ACT_ACCEPT_PARTLY:
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
    case ACT_CONFIRM_PARTLY:
    case ACT_ACCEPT_PARTLY:
        return CALLBACK_PARTLY;
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
              task->after == CALLBACK_SOLVED || task->after == CALLBACK_UNSOLVED ||
                      task->after == CALLBACK_PARTLY
                  ? req->rating
                  : 0,
              task->overtake ? "true" : "false");
}

/* --- SMS --- */

bool callbacks_tell(enum case_act act)
{
    return act == ACT_EXTEND_GRANT || act == ACT_PAUSE_GRANT || act == ACT_RESUME || act == ACT_APPROVE ||
           act == ACT_ASK;
}

static enum message_event event_of(enum case_act act)
{
    switch (act) {
    case ACT_EXTEND_GRANT:
        return MESSAGE_EXTENDED;
    case ACT_PAUSE_GRANT:
        return MESSAGE_PAUSED;
    case ACT_RESUME:
        return MESSAGE_RESUMED;
    default:
        return MESSAGE_ANSWERED;
    }
}

/* The end of a day is that day, not the next one. */
static struct str due_day(instant due, bool english, char day[INSTANT_TEXT_MAX])
{
    if (!due.us) return english ? STR("to be set when the time runs again") : STR("恢复计时后另定");
    return (struct str){instant_text_china(instant_add(due, SPAN_S(-1)), day), 10};
}

/* One reporter's message; no word of the matter in it: an SMS is read over shoulders (P11). */
struct told {
    u64 id;
    i64 feedback;
    struct str channel;
    struct owed_row row;
};

static bool told_make(struct gateway *g, const struct callback_news *news, const struct db_result *r, int i,
                      struct str phone, struct arena *arena, struct told *told)
{
    const bool english = talk_english(db_get_text(r, i, 3));
    const enum message_event e = news->asking_unit ? MESSAGE_ASKED : event_of(news->act);
    const struct unit *u = e == MESSAGE_ASKED ? register_unit(g, news->asking_unit) : NULL;
    struct message_value values[3];
    char receipt[17], day[INSTANT_TEXT_MAX];
    size_t n = 0;
    *told =
        (struct told){.id = ids_next(g), .feedback = db_get_i64(r, i, 0), .channel = db_get_text(r, i, 1)};
    receipt_of_feedback(g, (u64)told->feedback, receipt);
    if (e == MESSAGE_EXTENDED || e == MESSAGE_RESUMED)
        values[n++] = (struct message_value){"due", due_day(news->due, english, day)};
    if (e == MESSAGE_ASKED) values[n++] = (struct message_value){"unit", u ? u->short_name : STR("承办单位")};
    values[n++] = (struct message_value){"receipt_hint", messages_hint(receipt)};
    const struct owed owed = {.id = told->id,
                              .channel = told->channel,
                              .to = phone,
                              .event = e,
                              .values = values,
                              .n_values = n,
                              .english = english,
                              .urgent = news->urgent};
    return messages_seal(g, &owed, arena, &told->row);
}

/* Those who can be reached, with their numbers opened for as long as it takes. */
static size_t told_all(struct gateway *g, const struct callback_news *news, const struct db_result *r,
                       struct arena *arena, struct told *all)
{
    size_t n = 0;
    for (int i = 0; i < db_rows(r); i++) {
        char context[48];
        struct text phone;
        text_init(&phone, 200);
        snprintf(context, sizeof context, "feedback %lld", (long long)db_get_i64(r, i, 0));
        if (crypto_open(g->keys, KEY_CONTACT, str_of(context), db_get_text(r, i, 2), &phone) &&
            messages_reach(g, db_get_text(r, i, 1), text_str(&phone)) &&
            told_make(g, news, r, i, text_str(&phone), arena, &all[n]))
            n++;
        text_free(&phone);
    }
    return n;
}

#define COLUMN(p, type, all, n, put)                                                                         \
    do {                                                                                                     \
        db_array_begin((p), (type), (n));                                                                    \
        for (const struct told *t = (all); t < (all) + (n); t++) put;                                        \
        db_array_end(p);                                                                                     \
    } while (0)

int callbacks_add_tell(struct gateway *g, struct db_call *c, const struct db_result *r,
                       const struct callback_news *news)
{
    struct arena arena;
    arena_init(&arena, 1u << 20);
    struct told *all =
        arena_alloc(&arena, ((size_t)db_rows(r) + 1) * sizeof *all); /* the statement's limit */
    const size_t n = all ? told_all(g, news, r, &arena, all) : 0;
    if (n) {
        struct db_params *p = db_params_new(&stmt_callbacks_tell);
        COLUMN(p, DB_INT8, all, n, db_put_i64(p, (i64)t->id));
        COLUMN(p, DB_TEXT, all, n, db_put_text(p, t->channel));
        COLUMN(p, DB_BYTEA, all, n, db_put_bytes(p, t->row.recipient));
        COLUMN(p, DB_BYTEA, all, n, db_put_bytes(p, t->row.body));
        COLUMN(p, DB_INT8, all, n, db_put_i64(p, t->feedback));
        db_put_text(p, all->row.purpose);
        db_put_text(p, all->row.event);
        db_put_bool(p, news->urgent);
        db_put_i64(p, (i64)news->act_id);
        COLUMN(p, DB_BYTEA, all, n, db_put_bytes(p, t->row.recipient_hash));
        db_call_add(c, &stmt_callbacks_tell, p);
    }
    arena_free(&arena);
    return (int)n;
}
