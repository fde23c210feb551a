#include "conversation_part.h"
#include "intake.h"
#include "metrics.h"
#include "register.h"
#include "base/log.h"
#include <stdlib.h>
#include <string.h>

#define PLAQUE_DIGITS_MIN 6
#define PLAQUE_DIGITS_MAX 9
#define LOOK_MAX          256 /* messages in one look */

const struct db_stmt stmt_message_look = {
    "message_look",
    "select ord::integer, seen, answer, feedback_id, case_id, opted_out, place, place_at, survey_feedback, survey_case, survey_at, "
    "  dialogue_case, dialogue_feedback, dialogue_at, told from message_look($1, $2, $3, $4, $5)",
    5,
    {DB_TEXTS, DB_TEXTS, DB_TEXTS, DB_BYTEAS, DB_INT4}};
enum {
    COL_ORD,
    COL_SEEN,
    COL_ANSWER,
    COL_FEEDBACK,
    COL_CASE,
    COL_OPTED_OUT,
    COL_PLACE,
    COL_PLACE_AT,
    COL_SURVEY_FEEDBACK,
    COL_SURVEY_CASE,
    COL_SURVEY_AT,
    COL_DIALOGUE_CASE,
    COL_DIALOGUE_FEEDBACK,
    COL_DIALOGUE_AT,
    COL_TOLD
};

struct conversation {
    struct gateway *g;
    struct list queue; /* of talks to be looked at */
    size_t n_queue, open;
    bool looking; /* one look at a time: what comes meanwhile is the next one */
};

struct look {
    struct conversation *cv;
    struct list talks;
};

void talk_finish(struct talk *t, enum refusal refusal)
{
    struct conversation_result r = {
        .refusal = refusal, .case_id = t->case_id, .answer = text_str(&t->answer)};
    if (refusal == REFUSE_NONE && t->owes) outbox_wake(t->g);
    t->g->conversation->open--;
    t->done(t->arg, &r);
    text_free(&t->answer);
    arena_free(&t->arena);
    free(t);
}

/* --- what is known --- */

static void look_send(struct conversation *cv);

/* The provider's repeat: success, and where the push is answered itself the words of the first time. */
static void repeated(struct talk *t, const struct db_result *r, int row)
{
    const u64 feedback = (u64)db_get_i64(r, row, COL_FEEDBACK);
    COUNT(MESSAGE_REPEATS);
    if (feedback) COUNT(INTAKE_REPEATS);
    t->case_id = (u64)db_get_i64(r, row, COL_CASE);
    if (t->passive && !db_is_null(r, row, COL_ANSWER)) {
        if (!crypto_open(t->g->keys, KEY_OUTBOX, STR(TALK_ANSWER), db_get_text(r, row, COL_ANSWER),
                         &t->answer))
            text_clear(&t->answer);
    } else if (t->passive && feedback) {
        char receipt[17];
        receipt_of_feedback(t->g, feedback, receipt);
        talk_tell_received(t, talk_received(false, false, true), receipt);
    }
    talk_finish(t, REFUSE_NONE);
}

static void read_state(struct talk *t, const struct db_result *r, int row)
{
    const struct str place = db_get_text(r, row, COL_PLACE);
    t->state = (struct talk_state){.opted_out = db_get_bool(r, row, COL_OPTED_OUT),
                                   .survey = !db_is_null(r, row, COL_SURVEY_FEEDBACK),
                                   .dialogue = !db_is_null(r, row, COL_DIALOGUE_CASE),
                                   .survey_at = db_get_instant(r, row, COL_SURVEY_AT),
                                   .dialogue_at = db_get_instant(r, row, COL_DIALOGUE_AT),
                                   .place_at = db_get_instant(r, row, COL_PLACE_AT),
                                   .told = (unsigned)db_get_i64(r, row, COL_TOLD)};
    t->survey_feedback = (u64)db_get_i64(r, row, COL_SURVEY_FEEDBACK);
    t->survey_case = (u64)db_get_i64(r, row, COL_SURVEY_CASE);
    t->dialogue_case = (u64)db_get_i64(r, row, COL_DIALOGUE_CASE);
    t->dialogue_feedback = (u64)db_get_i64(r, row, COL_DIALOGUE_FEEDBACK);
    t->place = (struct str){t->place_number, MIN(place.n, sizeof t->place_number - 1)};
    if (place.n) memcpy(t->place_number, place.p, t->place.n);
    t->state.place = place.n && register_plaque(t->g, t->place);
}

static void decide(struct talk *t)
{
    const struct config *cfg = &t->g->cfg;
    const struct sms_rules rules = {PLAQUE_DIGITS_MIN, PLAQUE_DIGITS_MAX, str_of(cfg->sms_stop_words),
                                    str_of(cfg->sms_start_words)};
    struct talk_said said = {.kind = t->kind == ITEM_ARRIVED ? TALK_ARRIVED
                                     : t->kind == ITEM_LEFT  ? TALK_LEFT
                                                             : TALK_WORDS,
                             .opt_out = t->opt_out,
                             .empty = str_trim(t->s.text).n == 0,
                             .person = t->has_person};
    if (said.empty && said.kind == TALK_WORDS) count_refusal(REFUSE_TEXT_MISSING);
    sms_text_read(t->s.text, &rules, &said.meaning);
    memcpy(t->typed, said.meaning.plaque, sizeof t->typed);
    if (t->kind == ITEM_WORDS && said.meaning.kind == SMS_PLAQUE)
        t->named = str_of(t->typed);
    else
        t->named = t->s.plaque;
    said.plaque_known = t->named.n && register_plaque(t->g, t->named);
    if (!said.plaque_known) t->named = STR_NONE;
    t->meaning = said.meaning;
    t->english = talk_english(said.meaning.rest.n ? said.meaning.rest : t->s.text);
    talk_decide(&said, &t->state, (unsigned)cfg->sms_answers_per_hour, &t->move);
    if (t->move.limited) COUNT(ANSWERS_LIMITED);
    if (t->move.courtesy) COUNT(MESSAGE_COURTESIES);
}

static void looked(void *arg, enum db_end end, const struct db_result *const *results, int n,
                   const struct db_error *error)
{
    struct look *l = arg;
    struct conversation *cv = l->cv;
    int row = 0;
    (void)n;
    cv->looking = false;
    if (end != DB_OK)
        log_line(LOG_ERROR, LOG_HOOKS, "state of senders not read", "sqlstate=%s text=\"%s\"",
                 error ? error->sqlstate : "", error ? error->message : "");
    look_send(cv); /* the next look is on its way while these are acted upon */
    for (struct list *node; (node = list_pop(&l->talks)) != NULL; row++) {
        struct talk *t = LIST_OF(node, struct talk, node);
        if (end != DB_OK || row >= db_rows(results[0]) || !register_ready(cv->g)) {
            talk_finish(t, REFUSE_UNAVAILABLE);
            continue;
        }
        if (db_get_bool(results[0], row, COL_SEEN) || !db_is_null(results[0], row, COL_FEEDBACK)) {
            repeated(t, results[0], row);
            continue;
        }
        read_state(t, results[0], row);
        decide(t);
        talk_act(t);
    }
    free(l);
}

static struct db_params *look_params(struct conversation *cv, const struct list *talks, size_t n)
{
    struct db_params *p = db_params_new(&stmt_message_look);
#define EACH_TALK(put)                                                                                       \
    LIST_EACH(talks, node)                                                                                   \
    {                                                                                                        \
        struct talk *t = LIST_OF(node, struct talk, node);                                                   \
        put;                                                                                                 \
    }                                                                                                        \
    db_array_end(p)
    db_array_begin(p, DB_TEXT, n);
    EACH_TALK(db_put_text(p, str_of(door_word(t->s.door))));
    db_array_begin(p, DB_TEXT, n);
    EACH_TALK(db_put_text(p, t->s.provider));
    db_array_begin(p, DB_TEXT, n);
    EACH_TALK(db_put_text(p, t->s.dedupe_key));
    db_array_begin(p, DB_BYTEA, n);
    EACH_TALK(db_put_bytes(p, t->has_person ? (struct str){(const char *)t->person, 32} : STR_NONE));
#undef EACH_TALK
    db_put_i32(p, cv->g->cfg.sms_answers_per_hour);
    return p;
}

static void look_send(struct conversation *cv)
{
    if (cv->looking || list_empty(&cv->queue)) return;
    struct look *l = MEM_NEW(struct look);
    size_t n = 0;
    l->cv = cv;
    list_init(&l->talks);
    for (struct list *node; n < LOOK_MAX && (node = list_pop(&cv->queue)) != NULL; n++)
        list_push(&l->talks, node);
    cv->n_queue -= n;
    struct db_call *c = db_call_new(looked, l);
    db_call_add(c, &stmt_message_look, look_params(cv, &l->talks, n));
    cv->looking = db_call_send(cv->g->lane_public, c);
    if (cv->looking) return;
    for (struct list *node; (node = list_pop(&l->talks)) != NULL;)
        talk_finish(LIST_OF(node, struct talk, node), REFUSE_UNAVAILABLE);
    free(l);
}

void talk_look_again(struct talk *t)
{
    struct conversation *cv = t->g->conversation;
    list_push(&cv->queue, &t->node);
    cv->n_queue++;
    look_send(cv);
}

/* --- one message --- */

static bool copy_texts(struct talk *t)
{
    struct str *texts[] = {&t->s.provider, &t->s.external_id, &t->s.dedupe_key, &t->s.sender,
                           &t->s.contact,  &t->s.plaque,      &t->s.text};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        *texts[i] = texts[i]->n ? arena_str(&t->arena, *texts[i]) : STR("");
        if (!texts[i]->p) return false;
    }
    return true;
}

void conversation_take(struct gateway *g, const struct inbox_item *item, bool passive,
                       conversation_done *done, void *arg)
{
    struct conversation *cv = g->conversation;
    struct talk *t = MEM_NEW(struct talk);
    *t = (struct talk){.g = g,
                       .s = item->s,
                       .kind = item->kind,
                       .opt_out = item->opt_out,
                       .passive = passive,
                       .done = done,
                       .arg = arg};
    list_init(&t->node);
    text_init(&t->answer, TALK_ANSWER_MAX);
    arena_init(&t->arena, 256u << 10);
    cv->open++;
    if (!copy_texts(t)) {
        talk_finish(t, REFUSE_TEXT_TOO_LONG);
    } else if (!g->key_right || !register_ready(g) || cv->n_queue >= (size_t)g->cfg.intake_queue) {
        talk_finish(t, REFUSE_UNAVAILABLE);
    } else {
        t->has_person = t->s.sender.n > 0;
        if (t->has_person) messages_person(g, t->s.sender, t->person);
        talk_look_again(t);
    }
}

struct conversation *conversation_new(struct gateway *g)
{
    struct conversation *cv = MEM_NEW(struct conversation);
    cv->g = g;
    list_init(&cv->queue);
    return cv;
}

void conversation_free(struct conversation **cvp)
{
    struct conversation *cv = *cvp;
    if (!cv) return;
    ASSERT(!cv->looking); /* db_free has ended every call before */
    for (struct list *node; (node = list_pop(&cv->queue)) != NULL;)
        talk_finish(LIST_OF(node, struct talk, node), REFUSE_UNAVAILABLE);
    ASSERT(cv->open == 0);
    free(cv);
    *cvp = NULL;
}
