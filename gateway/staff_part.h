/* What the files of the staff's door share; included by gateway/staff*.c and their tests alone.
 *
 * A handler copies the ask into its own struct, sends one call that begins with casework_enter, and answers in the
 * done callback after staff_entered has said who asks. */
#pragma once
#include "reply.h"
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
    u8 session[32];
    char name[65]; /* what stands in the path where the route has '*': a channel's name */
};

/* A refusal in the asker's language. Details may be NULL: then the refusal's own sentence stands alone. */
void staff_refuse(const struct staff_ask *a, enum refusal r, const char *zh, const char *en);
/* A value of the filter `which` that is none. */
void staff_refuse_filter(const struct staff_ask *a, const char *which);
/* The body as JSON object of at most max bytes; false when it was refused. Free with json_free. */
bool staff_body(const struct staff_ask *a, const struct http_in *in, size_t max,
                struct json **doc_r) MUST_CHECK;
/* One query parameter, decoded; false when it is absent or empty. *bad_r: it is too long or no UTF-8. */
bool staff_param(const struct http_in *in, const char *name, struct text *into, bool *bad_r) MUST_CHECK;
/* Answers 200, or 500 when the text passed its ceiling; frees it. */
void staff_answer(const struct staff_ask *a, struct text *body);

/* What casework_enter's row says of the person. Views live as long as the results. */
struct staff_who {
    struct actor actor;
    struct str login, name, unit_name, roles; /* roles: words with ',' between */
    int unit_id;                              /* as entered: may be a station */
    bool must_change;
};
/* The end of a call that began with casework_enter: false when a refusal was answered (database away, session over, or,
 * unless `fresh` is allowed, a first password that must be changed before anything else). */
bool staff_entered(const struct staff_ask *a, enum db_end end, const struct db_result *const *results,
                   const struct db_error *error, bool fresh, struct staff_who *who_r) MUST_CHECK;
/* A call of this person, ready for further statements; send it with staff_go. */
struct db_call *staff_call(const struct staff_ask *a, db_done *done, void *arg);
/* One more statement in it whose only parameter is an id. */
void staff_add_by_id(struct db_call *c, const struct db_stmt *s, u64 id);
/* Sends it. False: answered 503, done will not be called and arg is the caller's again. */
bool staff_go(const struct staff_ask *a, struct db_call *c) MUST_CHECK;
/* ,"steps":["…"]: of the steps that a thing knows, those that this person may take next. */
struct staff_offer {
    const char *step;
    bool may;
};
void staff_put_steps(const struct staff_offer *all, size_t n, struct text *t);
/* A failed or lost call outside casework_enter. */
void staff_db_refuse(const struct staff_ask *a, enum db_end end, const struct db_error *error);

/* --- handlers; `id` is the number in the path --- */
typedef void staff_handler(const struct staff_ask *a, const struct http_in *in, u64 id);
staff_handler staff_sign_in, staff_session_read, staff_sign_out, staff_password;
staff_handler staff_seal_desk, staff_seal_me, staff_seal_group, staff_seal_give, staff_seal_envelopes,
    staff_seal_rewrap, staff_seal_recover, staff_sealed_open, staff_sealed_say, staff_sealed_file;
extern const struct db_stmt *const staff_seal_statements[];
extern const size_t n_staff_seal_statements;
staff_handler staff_cases, staff_counts, staff_case, staff_act;
staff_handler staff_story, staff_story_paper;
staff_handler staff_files, staff_file_offer, staff_file_clean, staff_file_thumb, staff_file_original;
staff_handler staff_units, staff_categories, staff_acts;
staff_handler staff_letters, staff_letter, staff_letter_new, staff_letter_act, staff_letter_pdf;
staff_handler staff_letter_register, staff_letter_register_pdf, staff_letter_enter;
staff_handler staff_callbacks, staff_callback_contact, staff_figures;
staff_handler staff_channels, staff_channel_log, staff_channel_enable, staff_channel_disable,
    staff_channel_test, staff_channel_replay, staff_channel_replays;
staff_handler staff_enterprises, staff_visits, staff_visit_add, staff_visit_step;
staff_handler staff_policies, staff_policy_add, staff_policy_step;
staff_handler staff_publications, staff_publication_add, staff_publication_figures, staff_publication_step;
staff_handler staff_outbox, staff_outbox_redrive, staff_outbox_drop;
staff_handler staff_templates, staff_template_history, staff_template_preview, staff_template_write;

/* The case as GET /cases/{id} shows it. look: why a confidential case is looked at, written into the audit log. */
void staff_case_send(const struct staff_ask *a, u64 id, struct str look);
/* 422: the case is confidential and no reason was given, or the log did not take the look. */
void staff_refuse_unreasoned(const struct staff_ask *a);
/* A row of CASEWORK_COLUMNS with the two facts that every list shows beside it. */
struct case_row;
void staff_row_json(struct gateway *g, const struct case_row *row, struct str summary, i64 feedbacks,
                    struct text *out);

/* --- one table of names: what an act needs, as the API calls it --- */
enum staff_field_kind { FIELD_TEXT, FIELD_ID, FIELD_SMALL, FIELD_EVIDENCE, FIELD_CAUSE, FIELD_UNTIL };
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
/* What of an act's needs the request leaves open, judged over all rows of the act that staff may take. */
u32 staff_needs_missing(const struct act_request *q);
/* Needs of the row that would apply for this person; caseflow_allowed has said that there is one. *ends_r: it leads to
 * an end of the case, so the button warns. */
u32 staff_needs_of(const struct case_view *v, u32 roles, enum case_act act, bool *ends_r);
/* "2026-03-18" (the end of that day in China) or RFC 3339; false when it is neither. */
bool staff_instant_parse(struct str s, instant *t_r) MUST_CHECK;

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
    stmt_staff_sign_out, stmt_staff_password_read, stmt_staff_password_write, stmt_staff_cases,
    stmt_staff_counts, stmt_staff_case, stmt_staff_case_look, stmt_staff_case_feedback, stmt_staff_case_acts,
    stmt_staff_story, stmt_staff_story_case, stmt_staff_named;
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
