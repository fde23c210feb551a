#include "core/conversation.h"
#include "base/utf8.h"
#include "core/caseflow.h"
#include "core/glyph.h"

enum message_event talk_received(bool report, bool rated, bool at_place)
{
    if (report) return MESSAGE_RECEIVED_REPORT;
    if (rated) return MESSAGE_RATED;
    return at_place ? MESSAGE_RECEIVED : MESSAGE_RECEIVED_NOWHERE;
}

const char *talk_meaning(int rating, bool english)
{
    static const char *const zh[] = {"", "非常不满意", "不满意", "基本满意", "满意", "非常满意"};
    static const char *const en[] = {"",     "very dissatisfied", "dissatisfied",
                                     "fair", "satisfied",         "very satisfied"};
    if (rating < 1 || rating > 5) return "";
    return english ? en[rating] : zh[rating];
}

const char *talk_outcome(int rating, bool english)
{
    static const char *const zh[] = {"",
                                     "非常不满意，将重新办理",
                                     "不满意，将重新办理",
                                     "基本满意，确认已解决",
                                     "满意，确认已解决",
                                     "非常满意，确认已解决"};
    static const char *const en[] = {"",
                                     "very dissatisfied, it will be handled again",
                                     "dissatisfied, it will be handled again",
                                     "fair, it is solved",
                                     "satisfied, it is solved",
                                     "very satisfied, it is solved"};
    if (rating < 1 || rating > 5) return "";
    return english ? en[rating] : zh[rating];
}

bool talk_solved(int rating) { return rating >= RATING_SATISFIED_MIN; }

bool talk_english(struct str words)
{
    static const char *const commands[] = {"help", "stop", "unsubscribe", "start"};
    size_t at = 0, n = 0;
    bool inside = false;
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (str_eq_case(str_trim(words), str_of(commands[i]))) return true;
    while (at < words.n) {
        i64 c = glyph_next(words, &at);
        if (c >= 0x80) return false;
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (letter && !inside) n++;
        inside = letter || c == '\'';
    }
    return n >= 2;
}

static void move_to(struct talk_move *m, enum talk_does does, enum message_event told)
{
    m->does = does;
    m->event = told;
    m->answers = true;
}

static void opt_out(const struct talk_state *s, struct talk_move *m)
{
    move_to(m, TALK_OPT_OUT, MESSAGE_OPTED_OUT);
    if (s->opted_out) m->does = TALK_NOTHING, m->answers = false; /* told once */
}

/* What was asked last is what is answered. */
static bool later(bool a, instant a_at, bool b, instant b_at)
{
    return a && (!b || instant_before(b_at, a_at));
}

static void words(const struct talk_said *said, const struct talk_state *s, struct talk_move *m)
{
    if (said->meaning.verdict && later(s->survey, s->survey_at, s->place, s->place_at) &&
        !later(s->dialogue, s->dialogue_at, true, s->survey_at)) {
        move_to(m, TALK_CONFIRM,
                said->meaning.verdict > 0 ? MESSAGE_CONFIRMED_SOLVED : MESSAGE_CONFIRMED_UNSOLVED);
        m->surveyed = true;
        return;
    }
    if (later(s->dialogue, s->dialogue_at, s->place, s->place_at)) {
        move_to(m, TALK_ADD, MESSAGE_ADDED);
        return;
    }
    if (said->meaning.courtesy) { /* a remembered place waits for the matter, a survey for its score */
        if (said->meaning.courtesy == SMS_GREETING) move_to(m, TALK_NOTHING, MESSAGE_HELP);
        m->courtesy = true;
        return;
    }
    move_to(m, TALK_FILE, MESSAGE_RECEIVED);
    m->at_place = s->place;
    if (said->meaning.kind == SMS_RATING) m->rating = said->meaning.rating;
}

/* 1..5 belongs to the survey, unless a place was named after it; without either it may still answer the unit's question. */
static void score(const struct talk_said *said, const struct talk_state *s, struct talk_move *m)
{
    const bool valid = said->meaning.rating >= 1;
    if (valid && later(s->survey, s->survey_at, s->place, s->place_at)) {
        move_to(m, TALK_SCORE, MESSAGE_SURVEY_THANKS);
        m->rating = said->meaning.rating;
    } else if (!s->survey && s->dialogue && !s->place) {
        words(said, s, m);
    } else if (valid && s->place) {
        move_to(m, TALK_FILE, MESSAGE_RATED);
        m->at_place = true;
        m->rating = said->meaning.rating;
    } else {
        move_to(m, TALK_NOTHING, s->survey ? MESSAGE_HELP : MESSAGE_NOTHING_OPEN);
    }
}

static void plaque(const struct talk_said *said, const struct talk_state *s, struct talk_move *m)
{
    if (!said->plaque_known) { /* digits that check by chance, or a plaque of elsewhere */
        words(said, s, m);
    } else if (said->meaning.rest.n == 0) {
        move_to(m, TALK_PLACE, MESSAGE_PLAQUE_ONLY);
    } else {
        move_to(m, TALK_FILE, MESSAGE_RECEIVED);
        m->rating = said->meaning.rating;
    }
}

static void meaning(const struct talk_said *said, const struct talk_state *s, struct talk_move *m)
{
    switch (said->meaning.kind) {
    case SMS_WORDS:
        words(said, s, m);
        return;
    case SMS_PLAQUE:
        plaque(said, s, m);
        return;
    case SMS_STATUS:
        if (said->meaning.receipt[0])
            move_to(m, TALK_STATUS, MESSAGE_STATUS);
        else
            move_to(m, TALK_NOTHING, said->meaning.digits ? MESSAGE_RECEIPT_WRONG : MESSAGE_RECEIPT_MISSING);
        return;
    case SMS_SOLVED:
        move_to(m, TALK_CONFIRM, MESSAGE_CONFIRMED_SOLVED);
        return;
    case SMS_UNSOLVED:
        move_to(m, TALK_CONFIRM, MESSAGE_CONFIRMED_UNSOLVED);
        return;
    case SMS_RATING:
        score(said, s, m);
        return;
    case SMS_HELP:
        move_to(m, TALK_NOTHING, MESSAGE_HELP);
        return;
    case SMS_STOP:
        if (!said->meaning.weak || (!s->survey && !s->dialogue))
            opt_out(s, m);
        else if (s->dialogue)
            move_to(m, TALK_ADD, MESSAGE_ADDED); /* "no" */
        else
            move_to(m, TALK_NOTHING, MESSAGE_HELP);
        return;
    case SMS_START:
        move_to(m, s->opted_out ? TALK_OPT_IN : TALK_NOTHING, MESSAGE_OPTED_IN);
        return;
    }
}

/* Of somebody who cannot be told apart only what stands in the words themselves counts. */
static void nobody(const struct talk_said *said, struct talk_move *m)
{
    const enum sms_kind k = said->meaning.kind;
    if (said->kind != TALK_WORDS || said->empty) return;
    if (said->meaning.courtesy) {
        m->courtesy = true;
        return;
    }
    if (k == SMS_SOLVED || k == SMS_UNSOLVED)
        m->does = TALK_CONFIRM;
    else if (k == SMS_WORDS || (k == SMS_PLAQUE && (said->meaning.rest.n || !said->plaque_known)))
        m->does = TALK_FILE;
    if (m->does == TALK_FILE && said->plaque_known) m->rating = said->meaning.rating;
    m->event = k == SMS_SOLVED     ? MESSAGE_CONFIRMED_SOLVED
               : k == SMS_UNSOLVED ? MESSAGE_CONFIRMED_UNSOLVED
                                   : MESSAGE_RECEIVED;
}

void talk_decide(const struct talk_said *said, const struct talk_state *state, unsigned limit,
                 struct talk_move *move_r)
{
    struct talk_move *m = move_r;
    *m = (struct talk_move){.does = TALK_NOTHING, .event = MESSAGE_HELP};
    if (!said->person) {
        nobody(said, m);
        return;
    }
    if (said->kind == TALK_LEFT)
        m->does = TALK_FORGET;
    else if (said->kind == TALK_ARRIVED)
        move_to(m, said->plaque_known ? TALK_PLACE : TALK_NOTHING,
                said->plaque_known ? MESSAGE_PLAQUE_ONLY : MESSAGE_HELP);
    else if (said->opt_out)
        opt_out(state, m);
    else if (said->empty)
        move_to(m, TALK_NOTHING, MESSAGE_HELP);
    else
        meaning(said, state, m);
    if (m->answers && state->told >= limit) {
        m->answers = false;
        m->limited = true;
    }
}
