/* The move of one message: what is stored, and the answer that is owed with it or written into the push's own answer. */
#include "conversation_part.h"
#include "ids.h"
#include "intake.h"
#include "metrics.h"
#include "register.h"
#include "status.h"
#include "base/log.h"
#include <stdio.h>
#include <string.h>

/* Not "on conflict": of two gateways with the same push the second undoes everything it was about to do. */
static const struct db_stmt stmt_message_seen = {
    "message_seen",
    "insert into message_seen (channel, key, person, answer) values ($1, $2, $3, $4)",
    4,
    {DB_TEXT, DB_TEXT, DB_BYTEA, DB_BYTEA}};
/* Behind a feedback, which is what keeps the push from being taken twice. */
static const struct db_stmt stmt_message_answered = {
    "message_answered",
    "insert into message_seen (channel, key, person, answer) values ($1, $2, $3, $4) on conflict do nothing",
    4,
    {DB_TEXT, DB_TEXT, DB_BYTEA, DB_BYTEA}};
static const struct db_stmt stmt_people_place = {
    "people_place",
    "insert into message_people as p (person, place, place_at, place_until) values ($1, $2, now(), now() + make_interval(secs => $3)) "
    "on conflict (person) do update set place = excluded.place, place_at = excluded.place_at, place_until = excluded.place_until",
    3,
    {DB_BYTEA, DB_TEXT, DB_FLOAT8}};
/* The place is used up by the words that followed it; who left has neither place nor dialogue. */
static const struct db_stmt stmt_people_forget = {
    "people_forget",
    "update message_people set place = null, place_at = null, place_until = null, "
    "dialogue_case = case when $2 then null else dialogue_case end, "
    "dialogue_feedback = case when $2 then null else dialogue_feedback end, dialogue_act = case when $2 then null else dialogue_act end, "
    "dialogue_at = case when $2 then null else dialogue_at end, dialogue_until = case when $2 then null else dialogue_until end "
    "where person = $1",
    2,
    {DB_BYTEA, DB_BOOL}};
static const struct db_stmt stmt_people_opt = {
    "people_opt",
    "insert into message_people as p (person, opted_out_at, opted_in_at) values ($1, case when $2 then now() end, case when $2 then null else now() end) "
    "on conflict (person) do update set opted_out_at = excluded.opted_out_at, opted_in_at = excluded.opted_in_at, "
    "survey_feedback = case when $2 then null else p.survey_feedback end, survey_round = case when $2 then null else p.survey_round end, "
    "survey_at = case when $2 then null else p.survey_at end, survey_until = case when $2 then null else p.survey_until end",
    2,
    {DB_BYTEA, DB_BOOL}};
static const struct db_stmt stmt_people_surveyed = {
    "people_surveyed",
    "update message_people set survey_feedback = null, survey_round = null, survey_at = null, survey_until = null "
    "where person = $1 and survey_feedback = $2",
    2,
    {DB_BYTEA, DB_INT8}};
/* Answered; what follows at once still belongs to it, for people send one thought in several messages. */
static const struct db_stmt stmt_people_said = {
    "people_said",
    "update message_people set dialogue_until = least(dialogue_until, now() + make_interval(secs => $3)) "
    "where person = $1 and dialogue_case = $2",
    3,
    {DB_BYTEA, DB_INT8, DB_FLOAT8}};

const struct db_stmt *const conversation_statements[] = {
    &stmt_message_look,  &stmt_message_seen, &stmt_message_answered, &stmt_people_place,
    &stmt_people_forget, &stmt_people_opt,   &stmt_people_surveyed,  &stmt_people_said,
    &stmt_survey_open,   &stmt_dialogue_open};
const size_t n_conversation_statements = ARRAY_LEN(conversation_statements);

/* --- what is told --- */

/* Values of one answer; texts live as long as this. */
struct saying {
    struct message_value values[3];
    size_t n;
    char grouped[20];
    struct text link;
};

static void say(struct saying *s, const char *name, struct str value)
{
    ASSERT(s->n < ARRAY_LEN(s->values));
    s->values[s->n++] = (struct message_value){name, value};
}

static void say_receipt(struct saying *s, const char receipt[17])
{
    receipt_group(receipt, s->grouped);
    say(s, "receipt", str_of(s->grouped));
}

static void saying_fill(struct talk *t, struct saying *s)
{
    const struct plaque_row *plaque = t->named.n ? register_plaque(t->g, t->named) : NULL;
    const struct unit *u = plaque ? register_unit(t->g, register_plaque_unit(t->g, plaque)) : NULL;
    char receipt[17];
    struct text page;
    *s = (struct saying){.n = 0};
    switch (t->move.event) {
    case MESSAGE_ADDED:
        receipt_of_feedback(t->g, t->dialogue_feedback, receipt);
        say_receipt(s, receipt);
        break;
    case MESSAGE_SURVEY_THANKS:
        say(s, "meaning", str_of(talk_outcome(t->move.rating, t->english)));
        break;
    case MESSAGE_PLAQUE_ONLY:
        say(s, "unit", u ? u->short_name : STR(""));
        say(s, "plaque", t->named);
        break;
    case MESSAGE_STATUS_ANSWERED:
        text_init(&page, 1000);
        messages_status_link(t->g, &page);
        say(s, "link", arena_str(&t->arena, text_str(&page)));
        text_free(&page);
        say(s, "stage", str_of(t->stage));
        break;
    case MESSAGE_STATUS:
        say(s, "stage", str_of(t->stage));
        break;
    default:
        break;
    }
}

void talk_tell_received(struct talk *t, enum message_event event, const char receipt[17])
{
    struct saying s = {.n = 0};
    text_init(&s.link, 1000);
    say_receipt(&s, receipt);
    if (event == MESSAGE_RATED) say(&s, "meaning", str_of(talk_meaning(t->s.rating, t->english)));
    if (event == MESSAGE_RECEIVED_REPORT) {
        messages_link(t->g, t->s.plaque, &s.link);
        say(&s, "link", text_str(&s.link));
    }
    text_clear(&t->answer);
    if (!messages_text(t->g, event, t->english, s.values, s.n, &t->answer)) text_clear(&t->answer);
    text_free(&s.link);
}

/* --- statements of a move --- */

static void add_seen(struct talk *t, struct db_call *c, const struct db_stmt *stmt)
{
    struct db_params *p = db_params_new(stmt);
    struct text sealed;
    text_init(&sealed, TALK_ANSWER_MAX + 256);
    if (t->answer.n) crypto_seal(t->g->keys, KEY_OUTBOX, STR(TALK_ANSWER), text_str(&t->answer), &sealed);
    db_put_text(p, t->s.provider);
    db_put_text(p, t->s.dedupe_key);
    db_put_bytes(p, t->has_person ? (struct str){(const char *)t->person, 32} : STR_NONE);
    db_put_bytes(p, sealed.n ? text_str(&sealed) : STR_NONE);
    db_call_add(c, stmt, p);
    text_free(&sealed);
}

static struct db_params *about_person(const struct talk *t, const struct db_stmt *stmt)
{
    struct db_params *p = db_params_new(stmt);
    db_put_bytes(p, (struct str){(const char *)t->person, 32});
    return p;
}

static void add_forget(struct talk *t, struct db_call *c, bool dialogue)
{
    struct db_params *p = about_person(t, &stmt_people_forget);
    db_put_bool(p, dialogue);
    db_call_add(c, &stmt_people_forget, p);
}

/* What becomes of the sender's row. Returns the statements added. */
static int add_state(struct talk *t, struct db_call *c)
{
    const struct config *cfg = &t->g->cfg;
    struct db_params *p;
    if (!t->has_person) return 0;
    switch (t->move.does) {
    case TALK_PLACE:
        p = about_person(t, &stmt_people_place);
        db_put_text(p, t->named);
        db_put_f64(p, (double)cfg->sms_place_keep.us / 1e6);
        db_call_add(c, &stmt_people_place, p);
        return 1;
    case TALK_OPT_OUT:
    case TALK_OPT_IN:
        p = about_person(t, &stmt_people_opt);
        db_put_bool(p, t->move.does == TALK_OPT_OUT);
        db_call_add(c, &stmt_people_opt, p);
        return 1;
    case TALK_FORGET:
        add_forget(t, c, true);
        return 1;
    case TALK_SCORE:
        p = about_person(t, &stmt_people_surveyed);
        db_put_i64(p, (i64)t->survey_feedback);
        db_call_add(c, &stmt_people_surveyed, p);
        return 1;
    case TALK_ADD:
        p = about_person(t, &stmt_people_said);
        db_put_i64(p, (i64)t->dialogue_case);
        db_put_f64(p, (double)cfg->sms_place_keep.us / 1e6);
        db_call_add(c, &stmt_people_said, p);
        return 1;
    case TALK_CONFIRM:
        if (!t->move.surveyed) return 0;
        p = about_person(t, &stmt_people_surveyed);
        db_put_i64(p, (i64)t->survey_feedback);
        db_call_add(c, &stmt_people_surveyed, p);
        return 1;
    case TALK_NOTHING:
    case TALK_FILE:
    case TALK_STATUS:
        break;
    }
    return 0;
}

/* That the push was seen, the sender's row, the answer. casework calls it too, for the call that writes the act. */
static int add_all(void *arg, struct db_call *c)
{
    struct talk *t = arg;
    struct saying s;
    int n = 1;
    char key[SUBMISSION_KEY_MAX + 80];
    text_clear(&t->answer);
    t->owes = false;
    saying_fill(t, &s);
    if (t->move.answers && t->passive &&
        !messages_text(t->g, t->move.event, t->english, s.values, s.n, &t->answer))
        text_clear(&t->answer);
    add_seen(t, c, &stmt_message_seen);
    n += add_state(t, c);
    if (!t->move.answers || t->passive || !messages_reach(t->g, t->s.provider, t->s.sender)) return n;
    snprintf(key, sizeof key, "talk:%.*s:%.*s", STR_ARG(t->s.provider), STR_ARG(t->s.dedupe_key));
    const struct owed o = {.id = ids_next(t->g),
                           .channel = t->s.provider,
                           .to = t->s.sender,
                           .event = t->move.event,
                           .values = s.values,
                           .n_values = s.n,
                           .english = t->english,
                           .dedupe_key = str_of(key),
                           .case_id = t->case_id};
    t->owes = messages_owe(t->g, c, &o);
    return n + t->owes;
}

static void settled(void *arg, enum db_end end, const struct db_result *const *results, int n,
                    const struct db_error *error)
{
    struct talk *t = arg;
    (void)results, (void)n;
    if (end == DB_FAILED && strncmp(error->sqlstate, "23505", 5) == 0 && !t->again) {
        t->again = true; /* taken by another gateway meanwhile */
        talk_look_again(t);
        return;
    }
    if (end != DB_OK)
        log_line(LOG_ERROR, LOG_HOOKS, "message not settled", "sqlstate=%s text=\"%s\"",
                 error ? error->sqlstate : "", error ? error->message : "");
    if (end == DB_OK && t->move.does == TALK_OPT_OUT) COUNT(OPTED_OUT);
    talk_finish(t, end == DB_OK ? REFUSE_NONE : REFUSE_UNAVAILABLE);
}

/* Everything that needs no act and no feedback. */
static void settle(struct talk *t)
{
    if (!t->move.answers && t->move.does == TALK_NOTHING) {
        talk_finish(t, REFUSE_NONE);
        return;
    }
    struct db_call *c = db_call_new(settled, t);
    (void)add_all(t, c);
    if (!db_call_send(t->g->lane_public, c)) talk_finish(t, REFUSE_UNAVAILABLE);
}

static void settle_as(struct talk *t, enum talk_does does, enum message_event told)
{
    t->move.does = does;
    t->move.event = told;
    settle(t);
}

/* --- a feedback --- */

static void noted(void *arg, enum db_end end, const struct db_result *const *results, int n,
                  const struct db_error *error)
{
    (void)results, (void)n;
    if (end != DB_OK) /* the words are stored; the place expires by itself */
        log_line(LOG_WARNING, LOG_HOOKS, "state of a sender not written", "sqlstate=%s",
                 error ? error->sqlstate : "");
    talk_finish(arg, REFUSE_NONE);
}

static void filed(void *arg, const struct intake_result *r)
{
    struct talk *t = arg;
    t->case_id = r->case_id;
    if (r->refusal != REFUSE_NONE) {
        talk_finish(t, r->refusal);
        return;
    }
    if (t->passive && t->move.answers)
        talk_tell_received(t, talk_received(r->report, r->case_id == 0 && t->s.rating, t->s.plaque.n > 0),
                           r->receipt);
    const bool used = t->move.at_place && t->has_person;
    if (!used && t->answer.n == 0) {
        talk_finish(t, REFUSE_NONE);
        return;
    }
    struct db_call *c = db_call_new(noted, t);
    if (t->answer.n) add_seen(t, c, &stmt_message_answered);
    if (used) add_forget(t, c, false);
    if (!db_call_send(t->g->lane_public, c)) talk_finish(t, REFUSE_NONE);
}

static void file_words(struct talk *t)
{
    t->s.plaque = t->move.at_place ? t->place : t->named.n ? t->named : STR("");
    if (t->move.rating) {
        t->s.nature = NATURE_RATE;
        t->s.rating = t->move.rating;
    }
    intake_submit(t->g, &t->s, t->move.answers && !t->passive, filed, t);
}

/* --- acts --- */

static void act(struct talk *t);

static void acted(void *arg, const struct casework_result *r)
{
    struct talk *t = arg;
    if (r->refusal == REFUSE_CASE_CHANGED && ++t->tries < TALK_TRIES) {
        act(t);
    } else if (r->refusal == REFUSE_UNAVAILABLE || r->refusal == REFUSE_CASE_CHANGED) {
        talk_finish(t, REFUSE_UNAVAILABLE);
    } else if (r->refusal == REFUSE_NONE) {
        if (t->move.does == TALK_SCORE) COUNT(SURVEYS_ANSWERED);
        if (t->move.does == TALK_ADD) COUNT(DIALOGUE_ADDED);
        talk_finish(t, REFUSE_NONE);
    } else if (!t->again) {
        t->again = true; /* the push was taken, or the question answered, meanwhile */
        talk_look_again(t);
    } else {
        count_refusal(r->refusal);
        t->case_id = 0;
        if (t->move.does == TALK_ADD) {
            file_words(t); /* nothing that was written is lost */
        } else if (t->move.does == TALK_SCORE) {
            settle_as(t, TALK_SCORE, MESSAGE_NOTHING_OPEN);
        } else {
            settle_as(t, TALK_CONFIRM, MESSAGE_CONFIRM_NOT);
        }
    }
}

static void act(struct talk *t)
{
    casework_act_beside(t->g, NULL, t->case_id, &t->req, STR_NONE, add_all, acted, t);
}

static void act_as(struct talk *t, enum case_act a, u64 case_id, u64 feedback)
{
    t->case_id = case_id;
    t->req = (struct act_request){.act = a,
                                  .actor = {.kind = ACTOR_CITIZEN},
                                  .now = clock_now(),
                                  .expected_version = CASE_VERSION_ANY,
                                  .feedback = (i64)feedback};
    if (a == ACT_SAY) t->req.text = t->s.text;
    if (t->move.does == TALK_SCORE) t->req.rating = t->move.rating;
    act(t);
}

/* --- by receipt --- */

/* Guessing receipts by SMS is limited like guessing on the page. */
static bool too_many(struct talk *t)
{
    span wait;
    if (gateway_rate(t->g, &t->g->status_rate, t->s.sender, t->g->cfg.status_per_minute, 1, &wait))
        return false;
    count_refusal(REFUSE_TOO_MANY);
    return true;
}

static void found(void *arg, const struct status_view *v)
{
    struct talk *t = arg;
    const bool confirms = t->move.does == TALK_CONFIRM;
    t->english =
        t->english || (v && v->english); /* a command says nothing about the language, the own words did */
    if (!v) {
        talk_finish(t, REFUSE_UNAVAILABLE);
    } else if (!v->found) {
        settle_as(t, t->move.does, MESSAGE_RECEIPT_WRONG);
    } else if (confirms && !v->plain_rating) {
        act_as(t, t->move.event == MESSAGE_CONFIRMED_SOLVED ? ACT_CONFIRM_SOLVED : ACT_CONFIRM_UNSOLVED,
               v->case_id, v->feedback_id);
    } else {
        /* The stage alone: the answer may name persons and an SMS is read over shoulders (P11). */
        t->stage = status_sentence(v, t->english);
        settle_as(t, t->move.does, v->answered ? MESSAGE_STATUS_ANSWERED : MESSAGE_STATUS);
    }
}

void talk_act(struct talk *t)
{
    t->s.contact = STR("");
    switch (t->move.does) {
    case TALK_FILE:
        file_words(t);
        return;
    case TALK_ADD:
        act_as(t, ACT_SAY, t->dialogue_case, t->dialogue_feedback); /* whose words: others share the case */
        return;
    case TALK_SCORE:
        act_as(t, talk_solved(t->move.rating) ? ACT_CONFIRM_SOLVED : ACT_CONFIRM_UNSOLVED, t->survey_case,
               t->survey_feedback);
        return;
    case TALK_STATUS:
        if (too_many(t)) { /* there is no answer at all: nothing is owed */
            talk_finish(t, REFUSE_NONE);
            return;
        }
        status_look(t->g, t->meaning.receipt, found, t);
        return;
    case TALK_CONFIRM:
        if (too_many(t)) { /* what a citizen answers is not lost: it comes again later */
            talk_finish(t, REFUSE_UNAVAILABLE);
            return;
        }
        if (t->move.surveyed)
            act_as(t, t->move.event == MESSAGE_CONFIRMED_SOLVED ? ACT_CONFIRM_SOLVED : ACT_CONFIRM_UNSOLVED,
                   t->survey_case, t->survey_feedback);
        else
            status_look(t->g, t->meaning.receipt, found, t);
        return;
    case TALK_NOTHING:
    case TALK_PLACE:
    case TALK_OPT_OUT:
    case TALK_OPT_IN:
    case TALK_FORGET:
        settle(t);
        return;
    }
}
