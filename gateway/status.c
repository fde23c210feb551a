#include "status.h"
#include "casework.h"
#include "ids.h"
#include "intake.h"
#include "metrics.h"
#include "outbox.h"
#include "register.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    "  and b.act = 'approve' and b.version > a.version) order by a.version desc limit 1) "
    "from feedback f left join cases c on c.id = coalesce((select id from main), f.case_id) where f.receipt_hash = $1",
    1,
    {DB_BYTEA}};
const struct db_stmt stmt_status_sms = {
    "status_sms",
    "insert into outbox (id, created_at, channel, recipient, body, dedupe_key, due_at) values ($1, now(), $2, $3, $4, $5, now()) "
    "on conflict (dedupe_key) do nothing",
    5,
    {DB_INT8, DB_TEXT, DB_BYTEA, DB_BYTEA, DB_TEXT}};

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
    if (v->plain_rating) return english ? "Your rating has been recorded." : "您的评价已记录。";
    return english ? en[v->state] : zh[v->state];
}

/* --- by SMS --- */

#define CONFIRM_TRIES 8 /* of an answer that met another step */

struct telling {
    struct gateway *g;
    char sender[PHONE_MAX + 1], channel[64], key[SUBMISSION_KEY_MAX + 16];
    bool mute; /* the channel takes, but cannot send */
    u64 case_id;
    struct act_request confirm;
    unsigned tries;
    void (*done)(void *arg, bool owed);
    void *arg;
};

static void told(void *arg, enum db_end end, const struct db_result *const *results, int n,
                 const struct db_error *error)
{
    struct telling *t = arg;
    (void)results, (void)n, (void)error;
    if (end == DB_OK) outbox_wake(t->g);
    t->done(t->arg, end == DB_OK);
    free(t);
}

static void owe(struct telling *t, const char *sentence)
{
    if (t->mute) {
        t->done(t->arg, true);
        free(t);
        return;
    }
    struct gateway *g = t->g;
    u64 id = ids_next(g);
    char context[48];
    struct text words, to, body;
    struct db_params *p = db_params_new(&stmt_status_sms);
    struct db_call *c = db_call_new(told, t);
    text_init(&words, 1000);
    text_init(&to, 1000);
    text_init(&body, 4000);
    text_addf(&words, "【%s】%s", g->cfg.district_name, sentence);
    snprintf(context, sizeof context, "%s %llu", OUTBOX_TO, (unsigned long long)id);
    crypto_seal(g->keys, KEY_OUTBOX, str_of(context), str_of(t->sender), &to);
    snprintf(context, sizeof context, "%s %llu", OUTBOX_BODY, (unsigned long long)id);
    crypto_seal(g->keys, KEY_OUTBOX, str_of(context), text_str(&words), &body);
    db_put_i64(p, (i64)id);
    db_put_text(p, str_of(t->channel));
    db_put_bytes(p, text_str(&to));
    db_put_bytes(p, text_str(&body));
    db_put_text(p, str_of(t->key)); /* the provider's repeat of the question owes no second answer */
    db_call_add(c, &stmt_status_sms, p);
    text_free(&words);
    text_free(&to);
    text_free(&body);
    if (id == 0) {
        db_call_drop(&c);
    } else if (db_call_send(g->lane_public, c)) {
        return;
    }
    t->done(t->arg, false);
    free(t);
}

static void sms_looked(void *arg, const struct status_view *v)
{
    struct telling *t = arg;
    char sentence[600];
    if (!v) {
        t->done(t->arg, false);
        free(t);
    } else if (!v->found) {
        owe(t, refusal_facts(REFUSE_RECEIPT_WRONG)->zh);
    } else {
        /* The stage alone: the answer may name persons and an SMS is read over shoulders (P11). */
        snprintf(sentence, sizeof sentence, "%s%s", status_sentence(v, false),
                 v->answered ? "答复内容请在网页输入回执码查看。" : "");
        owe(t, sentence);
    }
}

static void confirm(struct telling *t);

static void confirmed(void *arg, const struct casework_result *r)
{
    struct telling *t = arg;
    if (r->refusal == REFUSE_CASE_CHANGED && ++t->tries < CONFIRM_TRIES) {
        confirm(t);
    } else if (r->refusal == REFUSE_UNAVAILABLE || r->refusal == REFUSE_CASE_CHANGED) {
        t->done(t->arg, false);
        free(t);
    } else if (r->refusal != REFUSE_NONE) {
        count_refusal(r->refusal);
        owe(t, "这一件现在不能确认是否解决，或已经有您的答复。回复“CX 回执码”可查询办理进度。");
    } else {
        owe(t, t->confirm.act == ACT_CONFIRM_SOLVED ? "已记录：您确认问题已解决。谢谢您。"
                                                    : "已记录：问题没有解决，已发回重新办理。");
    }
}

static void confirm(struct telling *t)
{
    casework_act(t->g, NULL, t->case_id, &t->confirm, STR_NONE, confirmed, t);
}

static void confirm_looked(void *arg, const struct status_view *v)
{
    struct telling *t = arg;
    if (!v) {
        t->done(t->arg, false);
        free(t);
    } else if (!v->found) {
        owe(t, refusal_facts(REFUSE_RECEIPT_WRONG)->zh);
    } else if (v->plain_rating) {
        owe(t, status_sentence(v, false));
    } else {
        t->case_id = v->case_id;
        t->confirm.feedback = (i64)v->feedback_id;
        confirm(t);
    }
}

static bool answerable(const struct gateway *g, const struct submission *s)
{
    const struct channel_row *ch = register_ready(g) ? register_channel(g, s->provider) : NULL;
    return ch && channel_sends(ch->adapter, &ch->ch) && s->sender.n > 0 && s->sender.n <= PHONE_MAX;
}

/* Guessing receipts by SMS is limited like guessing on the page. */
static bool too_many(struct gateway *g, const struct submission *s)
{
    span wait;
    if (gateway_rate(g, &g->status_rate, s->sender, g->cfg.status_per_minute, 1, &wait)) return false;
    count_refusal(REFUSE_TOO_MANY);
    return true;
}

static struct telling *telling_new(struct gateway *g, const struct submission *s, const char *what,
                                   void (*done)(void *arg, bool owed), void *arg)
{
    struct telling *t = MEM_NEW(struct telling);
    *t = (struct telling){.g = g, .mute = !answerable(g, s), .done = done, .arg = arg};
    snprintf(t->sender, sizeof t->sender, "%.*s", STR_ARG(s->sender));
    snprintf(t->channel, sizeof t->channel, "%.*s", STR_ARG(s->provider));
    snprintf(t->key, sizeof t->key, "%s:%.*s", what, STR_ARG(s->dedupe_key));
    return t;
}

void status_by_sms(struct gateway *g, const struct submission *s, const char *receipt,
                   void (*done)(void *arg, bool owed), void *arg)
{
    if (!answerable(g, s) || too_many(g, s)) {
        done(arg, true); /* nobody can be answered, or there is no answer at all: nothing is owed */
        return;
    }
    struct telling *t = telling_new(g, s, "status", done, arg);
    if (receipt[0] == '\0')
        owe(t, "回执码不正确，请发送“CX”加 16 位回执码。");
    else
        status_look(g, receipt, sms_looked, t);
}

void status_confirm_by_sms(struct gateway *g, const struct submission *s, const char receipt[17], bool solved,
                           void (*done)(void *arg, bool owed), void *arg)
{
    if (too_many(g, s)) {
        done(arg, false); /* what a citizen answers is not lost: it comes again later */
        return;
    }
    struct telling *t = telling_new(g, s, "confirm", done, arg);
    t->confirm = (struct act_request){.act = solved ? ACT_CONFIRM_SOLVED : ACT_CONFIRM_UNSOLVED,
                                      .actor = {.kind = ACTOR_CITIZEN},
                                      .now = clock_now(),
                                      .expected_version = CASE_VERSION_ANY};
    status_look(g, receipt, confirm_looked, t);
}
