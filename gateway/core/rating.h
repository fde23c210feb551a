/* The rules of ratings (好差评, M02, M04, M05): what names a service that may be rated once, when a low rating becomes a case, and
 * what the marks mean. Called by the doors and intake. Never makes a rating: silence is none, and no level is ever supposed. */
#pragma once
#include "base/str.h"

#define RATING_LOW      2 /* 不满意 and 非常不满意: the two that 国办发〔2019〕51号 calls 差评 */
#define RATING_REASONS  7 /* at most so many ticks; the national list of second-level items is no longer */
#define RATING_CODE_MAX 30

/* What a rating is about, in its plain form: "s-" and 16 letters for the token of a finished matter, else a 办件编号 of 6 to 40
 * capital letters and digits. Blanks, hyphens and full-width forms of a typed number are forgiven. */
#define RATING_SERVICE_MAX 48
#define RATING_TOKEN_BYTES 10 /* 80 bits: nobody guesses a link */
enum rating_service {
    RATING_SERVICE_NONE, /* nothing was named */
    RATING_SERVICE_BAD,  /* neither shape */
    RATING_SERVICE_TOKEN,
    RATING_SERVICE_NUMBER
};
/* out: "" unless it is TOKEN or NUMBER. */
enum rating_service rating_service_parse(struct str written, char out[RATING_SERVICE_MAX]) MUST_CHECK;
/* The token made of these bytes: "s-" and base 32 without letters that look like digits. */
void rating_token(const u8 bytes[RATING_TOKEN_BYTES], char out[RATING_SERVICE_MAX]);

/* What is known of a rating when it is decided whether it opens a case. */
struct rating_facts {
    int level; /* 1..5 */
    bool words;
    bool asked;   /* its door shows the question whether it shall be followed up */
    bool consent; /* …and the answer was yes */
    bool router;  /* the router would open one */
    bool
        alarming; /* the router holds it for 追责问责组, or keeps it confidential, or somebody is in danger */
};
/* Where people are asked, their answer decides about a low rating: without it the rating stays a rating, counted, with no case. What
 * alleges misconduct or tells of danger is looked at in any case (M04); what asks for something under a good rating is
 * what it is, whatever the page was called. */
bool rating_opens_case(const struct rating_facts *f);

/* The marks of a rating, as stored: each with the reason why it is not counted. NULL when the word is none. */
struct rating_mark {
    const char *word, *zh, *en;
};
const struct rating_mark *rating_mark(struct str word);
/* Joins with ',' those of the marks (joined by ',') that speak about ratings; empty when none does. */
void rating_marks(struct str marks, struct text *out);
