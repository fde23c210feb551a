/* What the files of the letters' door share: gateway/staff_letters*.c. */
#pragma once
#include "letters.h"
#include "staff_part.h"

/* One letter with its text, versions, cases, addressees, steps and buttons. look: why one about a confidential case is
 * looked at; written into the audit log in the transaction that reads it. */
void staff_letter_send(const struct staff_ask *a, u64 id, struct str look);
/* Statements of one page, added behind casework_enter: look, letter, text, cases, addressees. Results from LETTER_Q_LOOK. */
enum {
    LETTER_Q_LOOK = CASEWORK_FIRST,
    LETTER_Q_LETTER,
    LETTER_Q_TEXTS,
    LETTER_Q_CASES,
    LETTER_Q_UNITS,
    LETTER_Q_ACTS
};
void staff_letter_read(struct db_call *c, u64 id, struct str look);
/* The letter is there and may be shown; else a refusal was answered. */
bool staff_letter_shown(const struct staff_ask *a, const struct db_result *const *results,
                        struct letter_row *row_r) MUST_CHECK;
void staff_letter_refuse(const struct staff_ask *a, const struct letter_result *r);
void staff_letter_refuse_member(const struct staff_ask *a, const char *name);

/* Where the next page begins: "micros-id" in base 10; false when it is not ours. */
void staff_letter_cursor(instant at, i64 id, struct text *t);
bool staff_letter_cursor_of(struct str s, instant *at_r, i64 *id_r) MUST_CHECK;
/* The query's `q` as the next parameter, a pattern for ilike, or null without it. False: it is too long. `into` and bad_r as
 * in query_param. */
bool staff_letter_search(const struct http_in *in, struct text *into, struct db_params *p,
                         bool *bad_r) MUST_CHECK;

/* A PDF that the thread pool prints from `print`, answered to the ticket; arg is freed with `drop` in any case. */
typedef bool staff_paper(void *arg, struct text *out, struct paper_fault *fault_r);
void staff_letter_print(const struct staff_ask *a, const char *file_name, staff_paper *print,
                        void (*drop)(void *), void *arg);

/* Columns behind the letter's row in LETTER_Q_TEXTS, one row a version, the newest first. */
enum {
    TEXT_VERSION,
    TEXT_AT,
    TEXT_STAFF,
    TEXT_NAME,
    TEXT_TITLE,
    TEXT_BODY,
    TEXT_BASIS,
    TEXT_PRACTICE,
    TEXT_DUE,
    TEXT_RECEIVER,
    TEXT_COPIES_TO,
    TEXT_NOTE,
    TEXT_ISSUERS,
    TEXT_ATTACHMENTS,
    TEXT_UNITS,
    TEXT_CASES
};
enum {
    LISTED_ORD,
    LISTED_ID,
    LISTED_SUBJECT,
    LISTED_DUE,
    LISTED_STATE,
    LISTED_CATEGORY,
    LISTED_UNIT,
    LISTED_RUNG
};
