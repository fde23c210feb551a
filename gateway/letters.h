/* Letters in the database: drafts that acts ask for, steps, the signature that takes a number and raises the rung of every
 * case it lists, and the printed page. The staff's door (staff_letters*.c), casework and the clock call it. What may be done
 * is core/letter's word, what is stored is held by schema/0009_letters.sql; nothing is sent to anybody from here. */
#pragma once
#include "casework.h"
#include "paper.h"
#include "base/arena.h"
#include "core/letter.h"

/* Adds one statement to a call that stores a judged act: the draft letter that the act asks for (outcome.letter, or for
 * `propose` the letter of its rung), addressed to the unit that handles the case, in the act's own transaction and only when
 * the act was stored. Nothing is added when there is no such letter, for 交办 (a 交办函 lists several cases and is drafted by a
 * person), and for an act that a signature made; a draft of that kind and rung that lies on the desk already stays alone.
 * Call it after casework_add. Works for staff, citizens' and the clock's calls. */
void letters_add_draft(struct gateway *g, struct db_call *c, const struct casework_step *s);

/* --- the text of a draft --- */

/* X(ID, name in JSON, characters at the most) */
/* clang-format off */
#define LETTER_TEXT_FIELDS(X) \
    X(TITLE, "title", LETTER_TITLE_MAX) \
    X(BODY, "body", LETTER_BODY_MAX) \
    X(BASIS, "basis", 500) \
    X(PRACTICE, "practice", LETTER_BODY_MAX) \
    X(DUE, "due", 60) \
    X(RECEIVER, "receiver", 100) \
    X(COPIES_TO, "copies_to", 200) \
    X(NOTE, "note", 200)
/* clang-format on */
enum letter_text_field {
#define X(id, name, max) LETTER_TEXT_##id,
    LETTER_TEXT_FIELDS(X)
#undef X
        LETTER_TEXTS_N
};
#define LETTER_ISSUERS_MAX     3
#define LETTER_ATTACHMENTS_MAX 20
#define LETTER_ITEM_MAX        100 /* characters of an issuer or an attachment */
/* What a person sent of it, or what stands in the database. Views; a member that was not given keeps what was before. */
struct letter_draft {
    struct str texts[LETTER_TEXTS_N]; /* .p NULL: not given */
    struct str issuers[LETTER_ISSUERS_MAX], attachments[LETTER_ATTACHMENTS_MAX];
    i64 units[LETTER_UNITS_MAX], cases[LETTER_CASES_MAX];
    size_t n_issuers, n_attachments, n_units, n_cases;
    bool has_issuers, has_attachments, has_units, has_cases;
};
const char *letter_text_name(enum letter_text_field f);
/* Nothing is longer than it may be; title, body and issuer are not blank, and all three are there when it must be whole.
 * *wrong_r names the member. */
bool letters_draft_fits(const struct letter_draft *d, bool whole, const char **wrong_r) MUST_CHECK;
/* Everything its views point to lives in the arena from here on. False when that is full. */
bool letters_draft_copy(struct arena *arena, struct letter_draft *d) MUST_CHECK;
/* What was given, as the functions of the schema take it. False when it is over what a statement may carry. */
bool letters_draft_json(const struct letter_draft *d, struct text *out) MUST_CHECK;

/* Fills what was not given with the words, issuer, basis and addressees that the facts suggest; facts->cases give the units
 * that handle them in `units` (n of them, 0 = nobody). False when the arena is full. */
bool letters_compose(struct gateway *g, const struct letter_facts *facts, const i64 *units,
                     struct arena *arena, struct letter_draft *d) MUST_CHECK;
/* What core/letter says about a case, from its row. */
struct letter_case letters_case(struct gateway *g, const struct case_row *row);

/* --- rows --- */

/* From LETTERS_FROM; a query may add columns behind. */
#define LETTERS_COLUMNS                                                                                                                    \
    "l.id, l.version, l.kind, l.rung, l.state, l.text_version, l.confidential, array_to_string(l.unit_ids, ','), l.serial, "               \
    "l.drafter_id, l.drafter_role, l.checker_id, l.signer_id, l.drafted_at, l.checked_at, l.signed_at, l.delivered_at, "                   \
    "l.received_at, l.answered_at, l.finished_at, l.voided_at, t.title, t.receiver, t.due, "                                               \
    "(select count(*) from letter_cases lc where lc.letter_id = l.id), sd.name, sc.name, ss.name, "                                        \
    "coalesce(l.unit_ids && (select my_mail()), false), mu.received_at is not null, mu.answered_at is not null, "                          \
    "(select count(*) from letter_units u where u.letter_id = l.id and u.unit_id is distinct from mu.unit_id and u.received_at is null), " \
    "(select count(*) from letter_units u where u.letter_id = l.id and u.unit_id is distinct from mu.unit_id and u.answered_at is null), " \
    "l.unit_ids && (select my_walls())"
#define LETTERS_FROM                                                                                                                               \
    " from letters l join letter_texts t on t.letter_id = l.id and t.version = l.text_version "                                                    \
    "left join letter_units mu on mu.letter_id = l.id and mu.unit_id = case when l.unit_ids && (select my_mail()) then letter_mine(l.id, '') end " \
    "left join staff sd on sd.id = l.drafter_id left join staff sc on sc.id = l.checker_id left join staff ss on ss.id = l.signer_id "
enum { LETTERS_COLUMNS_N = 34 };
struct letter_row {
    struct letter_view view;
    i64 id, signer;
    int text_version;
    struct str units; /* ids with ',' between */
    struct str serial, title, receiver, due, drafter_name, checker_name, signer_name;
    instant drafted, checked, signed_at, delivered, received, answered, finished, voided;
    i64 n_cases;
};
void letters_row(const struct db_result *r, int row, struct letter_row *out);
/* {"id":…,"kind":…,…}: what lists show. */
void letters_json(struct gateway *g, const struct letter_row *row, struct text *out);

/* --- making one, and its steps --- */

struct letter_result {
    enum refusal refusal;
    const char *detail; /* Chinese, may be empty; valid during the call */
    u64 letter_id;
};
typedef void letters_done(void *arg, const struct letter_result *r);

/* A draft by a person over d->cases (none is allowed: then everything must be given). Members that were not given are
 * composed from the cases: core/letter's words, the units that handle them. d is copied. rung: 0, or what the signature
 * raises every case to; refused when the kind is not the letter of that rung. */
void letters_new(struct gateway *g, const struct session *session, enum case_letter kind, int rung,
                 const struct letter_draft *d, letters_done *done, void *arg);

struct letter_step {
    enum letter_act act; /* any but draft */
    i64 seen;
    struct str reason, words;
    struct letter_draft draft; /* edit */
};
/* One step. A signature with a rung raises all cases or none: it is judged again when one of them changed meanwhile, and
 * refused with the number of the case that stands in its way. Texts are copied. */
void letters_act(struct gateway *g, const struct session *session, u64 id, const struct letter_step *step,
                 letters_done *done, void *arg);

/* The cases of a letter or of a draft in its making, with the two facts of casework_read behind their columns. */
extern const struct db_stmt stmt_letters_cases;
/* A failed call of ours, as a refusal. detail_r: Chinese, or NULL. */
enum refusal letters_refusal(enum db_end end, const struct db_error *e, const char **detail_r);

extern const struct db_stmt *const letters_statements[];
extern const size_t n_letters_statements;
extern const struct db_stmt stmt_letters_draft, stmt_letters_edit, stmt_letters_do, stmt_letters_read;
