/* 全程回溯: one case whole. Everything that happened to it, who did it and when, every version of every text, every deadline
 * set and moved, letters, callbacks, merges, every look at a confidential part, and whether the chain of its acts is unbroken,
 * recomputed now. Built once as what the page, the paper and `mashangdu show case` all show, from one JSON document that
 * STORY_SQL makes: the staff's door runs it as the restricted role, so that row-level security decides what is in it; the
 * tool runs it as the owner.
 *
 * Never reads what the citizen wrote unmasked, a telephone number or a receipt. Does nothing but read. */
#pragma once
#include "paper.h"
#include "base/arena.h"
#include "core/deadline.h"
#include "core/merkle.h"

/* One row with one JSON text, or none when there is no such case in the reader's sight. $1: the case. */
extern const char story_sql[];
#define STORY_DOC_MAX  ((size_t)24 << 20)
#define STORY_ACTS_MAX 5000 /* of more acts the first ones are told, and that there are more */

/* How deadlines are counted: the district's rules and the calendar that was in force at an instant. */
struct story_calendar {
    struct deadline_rules rules;
    const struct workdays *(*at)(const void *arg, instant t); /* NULL of it: no calendar is there */
    const void *arg;
};

struct story {
    struct arena arena; /* everything below lives in it */
    struct paper_story paper;
    i64 id;
    size_t n_acts;
    u8 (*hashes)[HASH_BYTES]; /* as stored, in the order of versions from 1 on */
    i64 broken;               /* first version whose hash or place in the chain is wrong; 0: unbroken */
};

/* NULL when the document is not what story_sql makes, or too long to tell. now: printed on paper. Free with story_free. */
struct story *story_new(struct str doc, const struct story_calendar *cal, instant now) MUST_CHECK;
void story_free(struct story **s);
/* {"number":…,"facts":[…],"chapters":[…],"chain":{…}} as gateway/staff_openapi.json describes it. */
void story_json(const struct story *s, struct text *out);
/* The same for a terminal. */
void story_print(const struct story *s, struct text *out);
