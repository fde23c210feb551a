/* Asking those who wrote by message: surveys and dialogues are opened, and surveys owed, in the transaction of the act. */
#include "conversation_part.h"
#include "callbacks.h"
#include "ids.h"
#include "intake.h"
#include "register.h"
#include <stdio.h>
#include <string.h>

const struct db_stmt stmt_survey_open = {"survey_open",
                                         "select message_survey_open($1, $2, $3::smallint, $4, $5)",
                                         5,
                                         {DB_BYTEAS, DB_INT8S, DB_INT4, DB_FLOAT8, DB_FLOAT8}};
const struct db_stmt stmt_dialogue_open = {"dialogue_open",
                                           "select message_dialogue_open($1, $2, $3, $4, $5)",
                                           5,
                                           {DB_BYTEAS, DB_INT8S, DB_INT8, DB_INT8, DB_FLOAT8}};

#define ASKED_MAX 100 /* as stmt_callbacks_told returns at the most */

struct asked {
    size_t n;
    i64 feedback[ASKED_MAX];
    u8 person[ASKED_MAX][32];
};

static bool is_survey(const struct casework_step *s) { return s->req.act == ACT_APPROVE; }

/* Asked outright, or 补正: time stands still until the citizen has brought what is missing. */
bool conversation_question(const struct casework_step *s)
{
    return s->req.act == ACT_ASK ||
           (s->req.act == ACT_PAUSE_GRANT && s->before.view.pause_cause == PAUSE_SUPPLEMENT);
}

bool conversation_asks(const struct casework_step *s) { return is_survey(s) || conversation_question(s); }

/* The number or account of a reporter whom a message can reach; false: nobody. */
static bool reachable(struct gateway *g, const struct db_result *r, int row, struct text *to)
{
    char context[48];
    snprintf(context, sizeof context, "feedback %lld", (long long)db_get_i64(r, row, 0));
    text_clear(to);
    return crypto_open(g->keys, KEY_CONTACT, str_of(context), db_get_text(r, row, 2), to) &&
           messages_reach(g, db_get_text(r, row, 1), text_str(to));
}

static void collect(struct gateway *g, const struct db_result *r, struct asked *a)
{
    struct text to;
    a->n = 0;
    text_init(&to, 200);
    for (int i = 0; i < db_rows(r) && a->n < ASKED_MAX; i++) {
        if (!reachable(g, r, i, &to)) continue;
        a->feedback[a->n] = db_get_i64(r, i, 0);
        messages_person(g, text_str(&to), a->person[a->n]);
        a->n++;
    }
    text_free(&to);
}

static void put_asked(struct db_params *p, const struct asked *a)
{
    db_array_begin(p, DB_BYTEA, a->n);
    for (size_t i = 0; i < a->n; i++) db_put_bytes(p, (struct str){(const char *)a->person[i], 32});
    db_array_end(p);
    db_array_begin(p, DB_INT8, a->n);
    for (size_t i = 0; i < a->n; i++) db_put_i64(p, a->feedback[i]);
    db_array_end(p);
}

int conversation_add_opening(struct gateway *g, struct db_call *c, const struct db_result *reporters,
                             const struct casework_step *s)
{
    struct asked a;
    if (!conversation_asks(s)) return 0;
    collect(g, reporters, &a);
    if (a.n == 0) return 0;
    const struct db_stmt *stmt = is_survey(s) ? &stmt_survey_open : &stmt_dialogue_open;
    struct db_params *p = db_params_new(stmt);
    put_asked(p, &a);
    if (is_survey(s)) {
        db_put_i32(p, s->before.view.round);
        db_put_f64(p, (double)g->cfg.sms_survey_after.us / 1e6);
        db_put_f64(p, (double)g->cfg.sms_survey_keep.us / 1e6);
    } else {
        db_put_i64(p, s->before.view.id);
        db_put_i64(p, (i64)s->act_id);
        db_put_f64(p, (double)g->cfg.sms_dialogue_keep.us / 1e6);
    }
    db_call_add(c, stmt, p);
    return 1;
}

int conversation_add_surveys(struct gateway *g, struct db_call *c, const struct db_result *reporters,
                             const struct casework_step *s)
{
    int n = 0;
    struct text to;
    if (!is_survey(s)) return 0;
    text_init(&to, 200);
    for (int i = 0; i < db_rows(reporters); i++) {
        const u64 feedback = (u64)db_get_i64(reporters, i, 0);
        char receipt[17], key[64];
        if (!reachable(g, reporters, i, &to)) continue;
        receipt_of_feedback(g, feedback, receipt);
        snprintf(key, sizeof key, "survey:%llu:%llu", (unsigned long long)s->act_id,
                 (unsigned long long)feedback);
        const struct message_value hint = {"receipt_hint", messages_hint(receipt)};
        const struct owed o = {.id = ids_next(g),
                               .channel = db_get_text(reporters, i, 1),
                               .to = text_str(&to),
                               .event = MESSAGE_SURVEY,
                               .values = &hint,
                               .n_values = 1,
                               .english = talk_english(db_get_text(reporters, i, 3)),
                               .event_at = s->req.now,
                               .due = instant_add(s->req.now, g->cfg.sms_survey_after),
                               .dedupe_key = str_of(key),
                               .feedback_id = feedback,
                               .case_id = (u64)s->before.view.id};
        n += messages_owe(g, c, &o);
    }
    text_free(&to);
    return n;
}
