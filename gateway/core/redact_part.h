/* Between redact.c and its two halves: numbers (redact_number.c) and words (redact_word.c). Nobody else. */
#pragma once
#include "core/redact.h"

/* The visible characters before a place, nearest first, folded and in lower case, blanks left out. */
#define BEFORE_MAX 16
struct before {
    u32 c[BEFORE_MAX];
    size_t at[BEFORE_MAX], n;
};
void before_read(struct str s, size_t at, size_t floor, struct before *b);
/* True when the characters before end with one of the words (UTF-8, lower case), marks like ':' skipped. */
bool before_ends(const struct before *b, const char *const *words, size_t n);
/* The first character before, blanks counted, or -1. */
i64 before_char(struct str s, size_t at, size_t floor);
/* c stands in the UTF-8 set. */
bool in_set(u32 c, const char *set);
bool ascii_letter(i64 c);
/* Position behind `word` when s goes on with it at `at`, else 0. Invisible characters are skipped, letters may have
 * any case. */
size_t word_at(struct str s, size_t at, const char *word);
/* Skips blanks and ':' '=' 是 为 and the like between a label and its value. *marked_r: more than blanks was there. */
size_t skip_fillers(struct str s, size_t at, bool *marked_r);
/* A unit of money or measure follows: the number before it counts something. */
bool amount_at(struct str s, size_t at);

/* A number starts at `at` (a digit). True with its span; else *end_r is where to go on. floor: nothing before it is
 * looked at for the span's start. */
bool redact_number(struct str s, size_t at, size_t floor, struct redact_span *span_r, size_t *end_r);

/* Each looks for its kind at `at`; true with the span, which may start behind `at` (after the label). */
bool redact_plate(struct str s, size_t at, struct redact_span *span_r);
bool redact_email(struct str s, size_t at, size_t floor, struct redact_span *span_r);  /* at: the '@' */
bool redact_handle(struct str s, size_t at, size_t floor, struct redact_span *span_r); /* WeChat, QQ */
/* 吴某, 孙某某: a surname and 某, anywhere. */
bool redact_somebody(struct str s, size_t at, size_t floor, struct redact_span *span_r);
bool redact_name(struct str s, size_t at, struct redact_span *span_r);
bool redact_address(struct str s, size_t at, size_t floor, struct redact_span *span_r);
/* 王小明 15412345678: a name alone between marks right before the number that starts at `number`. */
bool redact_name_before(struct str s, size_t number, size_t floor, struct redact_span *span_r);
