/* Acts on cases, by staff and by citizens: read the row, ask core/caseflow, write row, act, events and notices in one
 * transaction under an optimistic version check. Staff acts run as the restricted role with the person set (P5);
 * citizens act with their receipt. */
#pragma once
#include "callbacks.h"
#include "laterwords.h"
#include "gateway.h"
#include "session.h"
#include "core/clocks.h"

/* A case row as selected by CASEWORK_COLUMNS, starting at column 0 of the row; what is selected beside it starts at
 * CASEWORK_COLUMNS_N. */
#define CASEWORK_COLUMNS                                                                                                                   \
    "c.id, c.version, c.state, c.nature, c.category, c.level, c.unit_id, c.about_unit_id, c.limit_amount, array_to_string(c.flags, ','), " \
    "c.held, c.triage, c.round, c.rung, c.ending, c.handler_id, c.asker_id, c.asked_amount, c.pause_cause, c.pause_until, "                \
    "c.held_since, c.callback_tries, c.callback_day, c.merged_from, c.opened_at, c.assigned_at, c.signed_at, c.replied_at, "               \
    "c.closed_at, c.handling_due, c.due_at, c.due_clock, c.urgency, c.channel, c.plaque_unit_id, c.merged_into, c.warn_at, "               \
    "c.next_at, c.next_act, c.next_rung, c.proposed, c.extended, c.asked_at, c.first_unit_id, c.higher, c.chain"
enum { CASEWORK_COLUMNS_N = 46 };
struct case_row {
    struct case_view view; /* view.due is clocks.handling_due */
    struct case_clocks clocks;
    struct str category, urgency, channel, higher;
    bool held, triage;
    i64 plaque_unit, merged_into;
    u8 chain[32]; /* hash of the last act; all zero before the first */
};
void casework_row(const struct db_result *r, int row, struct case_row *out);
/* The JSON of a row for lists, events and the case page (without the summary): {"id":…,"version":…,…}. */
void casework_json(struct gateway *g, const struct case_row *row, struct text *out);
/* green, yellow (three quarters gone), red (over). */
const char *casework_colour(const struct case_row *row, instant now);
/* staff roles text[] (as PostgreSQL text '{a,b}' or words) -> mask */
u32 casework_roles(struct str words);
extern const struct db_stmt stmt_casework_read, stmt_casework_write, stmt_casework_enter, stmt_casework_role,
    stmt_casework_writing, stmt_casework_required;

/* --- one act: read, judge, write --- */

struct casework_result {
    enum refusal refusal;
    const char *detail; /* Chinese, may be empty; valid during the call */
    u64 case_id;
    i64 version;
};
typedef void casework_done(void *arg, const struct casework_result *r);

/* One act. For staff: the actor's ids and roles are filled from the session and
 * req->actor is ignored; for a citizen session is NULL and req->actor.kind says so. Texts in req are copied.
 * category: the category to move the case to (assign), or STR_NONE. public_words: the citizen may read req->text. */
void casework_act(struct gateway *g, const struct session *session, u64 case_id,
                  const struct act_request *req, struct str category, casework_done *done, void *arg);

/* The same, with more in the transaction: beside() adds statements to the call before the act and returns how many. All of it is
 * stored or nothing: when the case had changed meanwhile the call is undone and the refusal is CASE_CHANGED. */
typedef int casework_beside(void *arg, struct db_call *c);
void casework_act_beside(struct gateway *g, const struct session *session, u64 case_id,
                         const struct act_request *req, struct str category, casework_beside *beside,
                         casework_done *done, void *arg);

/* With statements behind the act too, for what must not wait under the lock that numbers events. Their results are not looked at. */
void casework_act_around(struct gateway *g, const struct session *session, u64 case_id,
                         const struct act_request *req, struct str category, casework_beside *beside,
                         casework_beside *behind, casework_done *done, void *arg);

/* Opens a call for a person: session (one row of who it is, or none: the session is over), restricted role. What is
 * added next runs under row-level security as that person, in the post of that session, until the call ends. The call fails with
 * CASEWORK_NOT_THIS_POST, and does nothing, when that post has none of session->roles. A call is one transaction of its own;
 * an explicit BEGIN in it would outlive a failed statement and leave the connection unusable.
 * writing: the case that is about to be changed, 0 for reading. Statement indexes of what follows start at 2. */
enum { CASEWORK_WHO, CASEWORK_ROLE, CASEWORK_FIRST };
void casework_enter(struct db_call *c, const struct session *session, u64 writing);
/* The same where every statement that follows finds its rows by a key, so that one plan for each serves all its values: a connection
 * keeps these plans. Not for lists, whose conditions come and go. */
void casework_enter_by_key(struct db_call *c, const struct session *session, u64 writing);
/* May the person of that row go on? REFUSE_NONE; else the session is over, or something is owed before anything else: a password of
 * one's own, a second factor where the setting totp_roles asks one of these posts for it. detail_r (may be NULL): a Chinese sentence or "". */
enum refusal casework_owes(const struct gateway *g, const struct db_result *who, const char **detail_r);
/* Is a second factor due first: the post asks for one, or the one that there was has been set back? */
bool casework_must_enrol(const struct gateway *g, const struct db_result *who);
#define CASEWORK_NOT_THIS_POST "MSD35"
/* Seconds until the session of that row ends when nobody touches it; as of before this request, which may have extended it. */
double casework_left_s(const struct db_result *who);
/* Who that is, from the row of CASEWORK_WHO; co_unit and shared are of a case and stay false. */
struct actor casework_actor(const struct db_result *who);

/* --- acts put together by hand: the clock, and letters that raise several cases at once --- */

/* One judged act. Fill before, req and category (STR_NONE: it stays), prepare, then add it to a call. */
struct casework_step {
    struct case_row before;
    struct act_request req;
    struct str category;
    struct laterwords
        later; /* what the router found in the words of a citizen's act or of a call back; else all zero */
    struct callback_task task; /* only acts of 回访 bring one; else all zero */
    struct outcome outcome;    /* from here on filled by casework_prepare; outcome.detail says why not */
    struct case_row after;
    u64 act_id;
    i64 co_unit, share;
    i64 charged_unit; /* a ruling on a return: whose time it cost, and how much */
    int charged_minutes;
};
/* Judges the act over step->before and settles unit, clocks and version. Texts are borrowed, nothing is stored. */
enum refusal casework_prepare(struct gateway *g, struct casework_step *step) MUST_CHECK;
/* Adds the one statement that writes row, act (chained to the one before) and events. Its result has one row (version)
 * when it was written, none when the case had changed meanwhile: the rest of the call stands then, so several steps that
 * belong together end with casework_add_required. False: numbers or texts ran out; drop the call. */
bool casework_add(struct gateway *g, struct db_call *c, const struct casework_step *step) MUST_CHECK;
/* What the reporters are told of a judged act, for callbacks_add_tell. */
struct callback_news casework_news(const struct casework_step *step);
/* Under the staff role, before each casework_add but the first: which case the next statement changes. */
void casework_add_writing(struct db_call *c, u64 case_id);
/* Undoes the whole call (sqlstate MSD40) unless all these acts are stored. */
void casework_add_required(struct db_call *c, const u64 *act_ids, size_t n);
