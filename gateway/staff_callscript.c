/* GET /callbacks/script: the script of a call back in the wordings in force, in both languages, for whoever calls. The page fills in what
 * stands with the task; nothing of a case is read here. Wordings are read where they are written: who hears that one has changed asks at
 * once, and the register may be compiled a moment later. */
#include "staff_part.h"
#include "casework.h"
#include "messages.h"
#include "register.h"
#include "base/code.h"
#include "core/callscript.h"
#include <stdlib.h>

#define ANSWER_MAX ((size_t)256 * 1024)

static void put_answers(const struct call_step *s, struct text *t)
{
    struct str word, zh;
    text_addz(t, ",\"answers\":[");
    if (s->answer)
        json_put(t, str_of(s->answer));
    else
        for (size_t i = 0; s->question < CALL_QUESTIONS_N && call_answer_at(s->question, i, &word, &zh);
             i++) {
            if (i) text_addc(t, ',');
            json_put(t, word);
        }
    text_addc(t, ']');
}

/* The newest; one with a fault is passed over for what the register took. */
static struct str wording_of(const struct gateway *g, const struct db_result *r, enum message_event e,
                             bool english)
{
    for (int i = 0; i < db_rows(r); i++)
        if (str_eq(db_get_text(r, i, 0), str_of(message_event_word(e))) &&
            str_eq(db_get_text(r, i, 1), english ? STR("en") : STR("zh")) &&
            !message_template_fault(e, db_get_text(r, i, 3)))
            return db_get_text(r, i, 3);
    return register_template(g, e, english);
}

static void put_step(const struct gateway *g, const struct db_result *r, const struct call_step *s,
                     struct text *t)
{
    const bool asks = s->question < CALL_QUESTIONS_N;
    text_addf(t, "{\"step\":\"%s\",\"kind\":\"%s\"", message_event_word(s->event), call_kind_word(s->kind));
    json_put_text(t, "question", asks ? str_of(call_question_word(s->question)) : STR_NONE);
    put_answers(s, t);
    json_put_text(t, "zh", wording_of(g, r, s->event, false));
    json_put_text(t, "en", wording_of(g, r, s->event, true));
    text_addc(t, '}');
}

static void have_reader(void *arg, enum db_end end, const struct db_result *const *results, int n,
                        const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    (void)n;
    if (staff_entered(a, end, results, error, false, &who)) {
        size_t n_steps;
        const struct call_step *steps = call_steps(&n_steps);
        struct text body;
        text_init(&body, ANSWER_MAX);
        text_addz(&body, "{\"office\":");
        json_put(&body, messages_sign(a->g, NULL));
        text_addz(&body, ",\"steps\":[");
        for (size_t i = 0; i < n_steps; i++) {
            if (i) text_addc(&body, ',');
            put_step(a->g, results[CASEWORK_FIRST], &steps[i], &body);
        }
        text_addz(&body, "]}");
        staff_answer(a, &body);
    }
    free(a);
}

void staff_callscript(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    (void)in, (void)id;
    if (!register_ready(a->g)) {
        staff_refuse(a, REFUSE_UNAVAILABLE, NULL, NULL);
        return;
    }
    struct staff_ask *kept = staff_keep(a);
    struct db_call *c = staff_call(kept, have_reader, kept);
    db_call_add(c, &stmt_staff_templates, db_params_new(&stmt_staff_templates));
    if (!staff_go(kept, c)) free(kept);
}
