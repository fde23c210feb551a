/* From an understood submission to a committed feedback: check, normalise, mask, route, group commit, answer.
 *
 * What arrives while a batch is in flight is the next batch; there is no timer. Success is told only after the
 * database's Sync came back clean (promise P1). A failed batch is repeated item by item; a batch whose outcome is
 * unknown is sent again with the same ids, which storing once makes harmless (P2). */
#pragma once
#include "gateway.h"
#include "reply.h"
#include "core/route.h"
#include "core/submission.h"

struct intake_result {
    enum refusal refusal; /* REFUSE_NONE: stored, now or before */
    bool repeated;        /* it had been stored before; the first answer follows */
    char receipt[17];     /* 16 digits and NUL */
    u64 feedback_id;
    u64 case_id; /* 0: a plain rating opened no case */
    bool report; /* for the eyes of 追责问责组 alone */
    span retry;  /* for UNAVAILABLE and TOO_MANY */
};
/* Called exactly once for every submit; before submit returns when it is refused at once. */
typedef void intake_done(void *arg, const struct intake_result *result);

struct intake *intake_new(struct gateway *g);
void intake_free(struct intake **in); /* whoever still waits gets UNAVAILABLE */
/* Everything in `s` is copied. acknowledge: an SMS with the receipt goes back to s->sender through channel s->provider. */
void intake_submit(struct gateway *g, const struct submission *s, bool acknowledge, intake_done *done,
                   void *arg);
/* Words in the one shape that the router reads (core/normalise.h): give `clean` NORMALISE_GROWTH times raw.n. */
bool intake_clean(struct gateway *g, struct str raw, struct text *clean) MUST_CHECK;
/* The same, kept; .p NULL when they have no such shape or the arena is full. */
struct str intake_cleaned(struct gateway *g, struct str raw, struct arena *a) MUST_CHECK;
/* A decision as it is kept beside the words and shown to the clerk; bare: without reasons and candidates; chosen: a person
 * had named the category, so that it says nothing of how well the router guesses; proposal: two parts, or NULL. In the arena; .p NULL
 * when it is full. */
struct proposal;
struct str intake_decision(struct gateway *g, struct arena *a, const struct decision *d,
                           const struct proposal *proposal, bool confidential, bool bare, bool chosen);
size_t intake_waiting(const struct intake *in);

/* The receipt that belongs to a feedback: a keyed function of its id, so that a repeat gets the same one although
 * only a hash of it is stored. And the hash under which a receipt is looked up. */
void receipt_of_feedback(const struct gateway *g, u64 feedback_id, char out[17]);
void receipt_hash(const struct gateway *g, const char receipt[17], u8 out[32]);

/* Appends what stands as the dedupe key of a sealed report: a keyed hash of the door's own key, which is not kept. */
void sealed_key_mark(const struct keys *k, struct str door, struct str provider, struct str key,
                     struct text *out);

extern const struct db_stmt stmt_intake_store, stmt_intake_repeats;
/* Of what only some submissions bring (intake_more.c). */
extern const struct db_stmt *const intake_more_statements[];
extern const size_t n_intake_more_statements;
