/* What the files of the staff's door share; included by gateway/staff*.c and their tests alone.
 *
 * A handler copies the ask into its own struct, sends one call that begins with casework_enter, and answers in the
 * done callback after staff_entered has said who asks. */
#pragma once
#include "reply.h"
#include "session.h"
#include "staff.h"
#include "base/arena.h"
#include "core/caseflow.h"
#include "core/clockrun.h"
#include "base/json.h"

struct staff_ask {
    struct gateway *g;
    u64 ticket;
    u64 seq; /* of the hub when the request came: events after it may be missing in the answer */
    enum lang lang;
    bool secure; /* the cookie is only for TLS */
    struct session session;
    char name[65]; /* what stands in the path where the route has '*': a channel's name */
};

/* --- staff_answer.c: what is answered --- */

/* A refusal in the asker's language. Details may be NULL: then the refusal's own sentence stands alone. */
void staff_refuse(const struct staff_ask *a, enum refusal r, const char *zh, const char *en);
/* A failed or lost call outside casework_enter. */
void staff_db_refuse(const struct staff_ask *a, enum db_end end, const struct db_error *error);
/* The call failed because the post that acts has none of the route's roles. */
bool staff_not_this_post(const struct db_error *error) MUST_CHECK;
/* Answers 200, or 500 when the text passed its ceiling; frees it. */
void staff_answer(const struct staff_ask *a, struct text *body);
/* The same with another status: 201 for what was made. */
void staff_answer_status(const struct staff_ask *a, int status, struct text *body);
/* ,"steps":["…"]: of the steps that a thing knows, those that this person may take next. */
struct staff_offer {
    const char *step;
    bool may;
};
void staff_put_steps(const struct staff_offer *all, size_t n, struct text *t);

/* --- staff_call.c: a call of the database as the person who asks, and who that is --- */

/* A copy for a done callback, which frees it. */
struct staff_ask *staff_keep(const struct staff_ask *a);
/* A call of this person, ready for further statements; send it with staff_go. */
struct db_call *staff_call(const struct staff_ask *a, db_done *done, void *arg);
/* The same for statements that find their rows by a key (casework_enter_by_key). */
struct db_call *staff_call_by_key(const struct staff_ask *a, db_done *done, void *arg);
/* One more statement in it whose only parameter is an id. */
void staff_add_by_id(struct db_call *c, const struct db_stmt *s, u64 id);
/* The next parameter: %words% for ilike, with its signs escaped. */
void staff_put_pattern(struct db_params *p, struct str words);
/* Sends it. False: answered 503, done will not be called and arg is the caller's again. */
bool staff_go(const struct staff_ask *a, struct db_call *c) MUST_CHECK;
/* One statement asked as this person. done gets a copy of `a` (staff_keep) and frees it; what was refused at once is answered here. */
void staff_send(const struct staff_ask *a, const struct db_stmt *s, struct db_params *p, db_done *done);

/* What casework_enter's row says of the person. Views live as long as the results. */
struct staff_who {
    struct actor actor;
    struct str login, name, post, unit_name, roles; /* post: its title; roles: words with ',' between */
    int unit_id;                                    /* of the post as entered: may be a station */
    bool must_change;
    bool must_enrol; /* a second factor is due before anything else */
    instant ends_at;
    i64 idle_s; /* the session ends after so long without a request */
};
/* The end of a call that began with casework_enter: false when a refusal was answered (database away, session over, or,
 * unless `fresh` is allowed, a first password that must be changed before anything else). */
bool staff_entered(const struct staff_ask *a, enum db_end end, const struct db_result *const *results,
                   const struct db_error *error, bool fresh, struct staff_who *who_r) MUST_CHECK;
/* As staff_entered, for calls whose tables and functions may refuse by themselves: what the row-level security does not let
 * through is forbidden (42501), what is not there for this person is not found (MSD41), two writers at once are asked to come
 * again, and a value that a constraint does not take is named. */
bool staff_granted(const struct staff_ask *a, enum db_end end, const struct db_result *const *results,
                   const struct db_error *error, struct staff_who *who_r) MUST_CHECK;

/* --- staff.c --- */

/* Has GET path?query (without /staff/api/v1) answered as this person would get it, to the ticket instead of the ask's: the same handler, the same statement
 * under the same rights. The ask's session was checked by whoever took the request. */
void staff_read(const struct staff_ask *a, u64 ticket, struct str path, struct str query);

/* --- handlers; `id` is the number in the path --- */
typedef void staff_handler(const struct staff_ask *a, const struct http_in *in, u64 id);
/* Keeps the request, asks the database whether this post may come in, and only then hands it on: whoever may not call a changing
 * route learns nothing from how its body is read, and no work is done for them. */
void staff_door(const struct staff_ask *a, const struct http_in *in, u64 id, staff_handler *answer);
staff_handler staff_openapi;
staff_handler staff_sign_in, staff_session_read, staff_sign_out, staff_password, staff_post;
staff_handler staff_ways, staff_code, staff_oidc_start, staff_oidc_return;
staff_handler staff_session_list, staff_session_revoke, staff_session_revoke_others;
staff_handler staff_factor_state, staff_factor_begin, staff_factor_confirm, staff_factor_codes,
    staff_factor_off;
staff_handler staff_seal_desk, staff_seal_me, staff_seal_group, staff_seal_give, staff_seal_envelopes,
    staff_seal_rewrap, staff_seal_recover, staff_sealed_open, staff_sealed_say, staff_sealed_file;
extern const struct db_stmt *const staff_seal_statements[];
extern const size_t n_staff_seal_statements;
extern const struct db_stmt *const staff_search_statements[];
extern const size_t n_staff_search_statements;
staff_handler staff_cases, staff_counts, staff_case, staff_act;
staff_handler staff_phone, staff_bulk, staff_views, staff_view_add, staff_view_change, staff_view_remove;
staff_handler staff_desk_triage, staff_desk_inbox, staff_desk_review, staff_desk_board, staff_similar;
staff_handler staff_similar_step, staff_bursts, staff_burst_seen, staff_causes, staff_cause, staff_cause_step;
extern const struct db_stmt *const staff_cause_statements[];
extern const size_t n_staff_cause_statements;
staff_handler staff_story, staff_story_paper;
staff_handler staff_files, staff_file_offer, staff_file_clean, staff_file_thumb, staff_file_original;
staff_handler staff_units, staff_categories, staff_acts;
staff_handler staff_letters, staff_letter, staff_letter_new, staff_letter_act, staff_letter_pdf;
staff_handler staff_letter_register, staff_letter_register_pdf, staff_letter_enter;
staff_handler staff_callbacks, staff_callback_contact, staff_callscript, staff_figures;
staff_handler staff_channels, staff_channel_log, staff_channel_enable, staff_channel_disable,
    staff_channel_test, staff_channel_replay, staff_channel_replays;
staff_handler staff_enterprises, staff_visits, staff_visit_add, staff_visit_step;
staff_handler staff_policies, staff_policy_add, staff_policy_step;
staff_handler staff_publications, staff_publication_add, staff_publication_figures, staff_publication_step;
staff_handler staff_outbox, staff_outbox_redrive, staff_outbox_drop;
staff_handler staff_export;
staff_handler staff_templates, staff_template_history, staff_template_preview, staff_template_write;

/* The session as GET /session shows it. */
void staff_session_send(const struct staff_ask *a);
extern const struct db_stmt stmt_staff_posts_mine, stmt_staff_post;
staff_handler staff_people, staff_people_step, staff_units_desk, staff_unit_step;
staff_handler account_list, account_open, account_ask, account_step, account_notices, account_notice;
extern const struct db_stmt stmt_account_list, stmt_account_open, stmt_account_ask, stmt_account_step,
    stmt_account_notices, stmt_account_notice, stmt_account_counts;
/* Of the schema's functions for people: answers what they refuse; false when it was nothing of theirs. */
bool people_refused(const struct staff_ask *a, enum db_end end, const struct db_error *error) MUST_CHECK;
/* A done for staff_send: the one JSON value that such a function gave, 404 when it gave none. */
void people_answered(void *arg, enum db_end end, const struct db_result *const *results, int n,
                     const struct db_error *error);
staff_handler unit_changes, unit_change_add, unit_change_preview, unit_change_step;
extern const struct db_stmt stmt_unit_changes, stmt_unit_change_preview, stmt_unit_change_add,
    stmt_unit_change_step;
extern const struct db_stmt stmt_people, stmt_people_step, stmt_units_desk, stmt_unit_step;
/* The case as GET /cases/{id} shows it. look: why a confidential case is looked at, written into the audit log. */
void staff_case_send(const struct staff_ask *a, u64 id, struct str look);
/* 422: the case is confidential and no reason was given, or the log did not take the look. */
void staff_refuse_unreasoned(const struct staff_ask *a);
/* A row of CASEWORK_COLUMNS with the two facts that every list shows beside it. */
struct case_row;
void staff_row_json(struct gateway *g, const struct case_row *row, struct str summary, i64 feedbacks,
                    struct text *out);

/* --- one table of names: what an act needs, as the API calls it --- */
enum staff_field_kind {
    FIELD_TEXT,
    FIELD_ID,
    FIELD_SMALL,
    FIELD_EVIDENCE,
    FIELD_CAUSE,
    FIELD_UNTIL,
    FIELD_NATURE,
    FIELD_URGENCY,
    FIELD_ANSWERS
};
struct staff_field {
    const char *name;
    u32 need; /* NEED_…; 0: no act needs it */
    enum staff_field_kind kind;
    size_t at; /* offset in struct act_request */
};
extern const struct staff_field staff_fields[];
extern const size_t n_staff_fields;
/* ["unit","reason"] of a NEED_ mask; needs that are conditions on the person are not inputs and have no name. */
void staff_needs_json(u32 needs, struct text *out);
/* An act as it was sent; its texts are in the arena. */
struct staff_act_input {
    struct arena arena;
    struct act_request req;
    struct str category;
};
/* Fills it; NULL, or the name of the member that is not understood ("?": a member is not known). beside: members of other parts, ended by NULL;
 * then no version is read. */
const char *staff_act_read(struct staff_act_input *w, const struct json *doc, const char *const *beside);
bool staff_act_fits(const struct act_request *q); /* every text within its bound */
/* What of an act's needs the request leaves open, judged over all rows of the act that staff may take. */
u32 staff_needs_missing(const struct act_request *q);
/* Needs of the row that would apply for this person; caseflow_allowed has said that there is one. *ends_r: it leads to
 * an end of the case, so the button warns. */
u32 staff_needs_of(const struct case_view *v, u32 roles, enum case_act act, bool *ends_r);
/* "2026-03-18" (the end of that day in China) or RFC 3339; false when it is neither. */
bool staff_instant_parse(struct str s, instant *t_r) MUST_CHECK;
/* "2026-03-18" alone, as days since 1970. */
bool staff_day_parse(struct str s, i64 *day_r) MUST_CHECK;

/* --- why the deadline that runs is what it is --- */

/* Replays the acts (oldest first) and appends one Chinese line per step, then the 75 % point and the clock's next step.
 * Nothing for a case at its end. When the replay ends elsewhere than what is on file (a setting was changed since), a line
 * says so. cal: for a start that is not among the acts. */
struct case_row;
void staff_deadline_lines(const struct deadline_rules *rules, const struct workdays *cal,
                          const struct case_row *row, const struct clock_step *steps, size_t n,
                          struct text *lines);

/* Argon2id of nobody's password, of the same cost as a real one: an unknown login takes as long as a known one. */
extern const char staff_nobody_hash[];

extern const struct db_stmt stmt_staff_login, stmt_staff_login_failed, stmt_staff_sign_in,
    stmt_staff_sign_out, stmt_staff_password_read, stmt_staff_password_write, stmt_staff_half_open,
    stmt_staff_half_live, stmt_staff_half_read, stmt_staff_code_in, stmt_staff_recovery_in,
    stmt_staff_sessions, stmt_staff_session_end, stmt_staff_sessions_end, stmt_staff_factor_read,
    stmt_staff_factor_begin, stmt_staff_factor_confirm, stmt_staff_factor_codes, stmt_staff_factor_off,
    stmt_staff_oidc_flow, stmt_staff_oidc_take, stmt_staff_oidc_person, stmt_staff_oidc_failed,
    stmt_staff_cases, stmt_staff_cases_due, stmt_staff_counts, stmt_staff_case, stmt_staff_case_look,
    stmt_staff_case_feedback, stmt_staff_case_acts, stmt_staff_case_parts, stmt_staff_story,
    stmt_staff_story_case, stmt_staff_named;
extern const struct db_stmt stmt_staff_phone_asked, stmt_staff_phone_cases;
extern const struct db_stmt stmt_staff_bulk_read, stmt_staff_bulk_begin, stmt_staff_bulk_end;
extern const struct db_stmt stmt_staff_views, stmt_staff_view_add, stmt_staff_view_change,
    stmt_staff_view_remove, stmt_staff_view_first, stmt_staff_view_later, stmt_staff_view_count;
extern const struct db_stmt stmt_staff_callbacks, stmt_staff_callbacks_case, stmt_staff_callback_contact,
    stmt_staff_figures_cases, stmt_staff_figures_late, stmt_staff_figures_acts, stmt_staff_figures_charged,
    stmt_staff_figures_callbacks, stmt_staff_templates, stmt_staff_template_history,
    stmt_staff_template_write;
extern const struct db_stmt stmt_staff_files_case, stmt_staff_files, stmt_staff_file,
    stmt_staff_file_original;
extern const struct db_stmt stmt_staff_channels, stmt_staff_channel_states, stmt_staff_channel_counts,
    stmt_staff_channel_alarms, stmt_staff_channel_log, stmt_staff_channel_switch, stmt_staff_channel_try,
    stmt_staff_channel_replay, stmt_staff_channel_replays, stmt_staff_outbox, stmt_staff_outbox_preview,
    stmt_staff_outbox_redrive, stmt_staff_outbox_drop, stmt_staff_outbox_redrive_found,
    stmt_staff_outbox_drop_found;
extern const struct db_stmt stmt_enterprises, stmt_visits, stmt_visit_add, stmt_visit_step, stmt_visit_finish,
    stmt_staff_policies, stmt_staff_policy_add, stmt_staff_policy_step;
extern const struct db_stmt stmt_staff_publications, stmt_staff_publication_figures,
    stmt_staff_publication_add, stmt_staff_publication_step;
extern const struct db_stmt stmt_staff_export_number, stmt_staff_export_log;
