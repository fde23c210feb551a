/* What the staff's door answers: JSON, or a refusal in the asker's language. */
#include "staff_part.h"
#include "casework.h"
#include "base/log.h"
#include <string.h>

void staff_refuse(const struct staff_ask *a, enum refusal r, const char *zh, const char *en)
{
    reply_problem(a->g, a->ticket, a->lang, r, str_of(a->lang == LANG_EN ? en : zh), STR_NONE,
                  r == REFUSE_UNAVAILABLE ? SPAN_S(5) : SPAN_US(0));
}

bool staff_not_this_post(const struct db_error *error)
{
    return error && strcmp(error->sqlstate, CASEWORK_NOT_THIS_POST) == 0;
}

void staff_db_refuse(const struct staff_ask *a, enum db_end end, const struct db_error *error)
{
    const char *state = error ? error->sqlstate : "";
    bool away = end == DB_LOST || db_passing(error);
    if (staff_not_this_post(error)) { /* no fault of anybody's */
        staff_refuse(a, REFUSE_FORBIDDEN, NULL, NULL);
        return;
    }
    if (strcmp(state, "MSD37") == 0) {
        staff_refuse(a, REFUSE_NO_POST, NULL, NULL);
        return;
    }
    log_line(away ? LOG_WARNING : LOG_ERROR, LOG_STAFF, "staff query failed",
             "sqlstate=%s statement=%d text=\"%s\"", state, error ? error->statement : 0,
             error ? error->message : "");
    if (away)
        staff_refuse(a, REFUSE_UNAVAILABLE, "系统暂时无法读取数据，请稍后重试。",
                     "The data cannot be read just now; please try again soon.");
    else
        staff_refuse(a, REFUSE_INTERNAL, NULL, NULL);
}

void staff_answer(const struct staff_ask *a, struct text *body)
{
    if (body->overflow) {
        log_line(LOG_ERROR, LOG_STAFF, "answer too long", "max=%zu", body->max);
        staff_refuse(a, REFUSE_INTERNAL, NULL, NULL);
    } else {
        text_addc(body, '\n');
        reply_json(a->g, a->ticket, 200, text_str(body), NULL, 0);
    }
    text_free(body);
}

void staff_answer_status(const struct staff_ask *a, int status, struct text *body)
{
    if (status == 200 || body->overflow) {
        staff_answer(a, body);
        return;
    }
    text_addc(body, '\n');
    reply_json(a->g, a->ticket, status, text_str(body), NULL, 0);
    text_free(body);
}

void staff_put_steps(const struct staff_offer *all, size_t n, struct text *t)
{
    bool more = false;
    text_addz(t, ",\"steps\":[");
    for (size_t i = 0; i < n; i++) {
        if (!all[i].may) continue;
        text_addf(t, "%s\"%s\"", more ? "," : "", all[i].step);
        more = true;
    }
    text_addc(t, ']');
}
