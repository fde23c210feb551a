/* What the files of the administrator's desk of channels and outbox share: gateway/staff_channels*.c. Nothing of what they answer
 * holds a secret, a number or a citizen's words. Channels are made, and their secrets entered, on the command line alone. */
#pragma once
#include "casework.h"
#include "staff_part.h"

/* As staff_entered, for administrators alone. */
bool channels_entered(const struct staff_ask *a, enum db_end end, const struct db_result *const *results,
                      const struct db_error *error) MUST_CHECK;
/* json_put_text for a sentence of ours that is stored in English, in the asker's language (adapters/sentences.h). */
void channels_put_sentence(const struct staff_ask *a, const char *name, struct str v, struct text *t);

/* A filter out of the query: a word of [a-z0-9_.-] (and commas when `many`) of at most 200 octets, copied into the arena; STR_NONE
 * when absent. *bad is set to the name when it is something else. */
struct str channels_word(const struct http_in *in, const char *name, bool many, struct arena *arena,
                         const char **bad);
/* The same for a number up to max; `otherwise` when absent. */
i64 channels_number(const struct http_in *in, const char *name, u64 max, i64 otherwise, const char **bad);
bool channels_word_good(struct str word, bool many);
/* The end of a list that was asked for with one row more than `limit`, and where its next page begins: the id in that column of the
 * last row shown, or null. */
void channels_put_next(const struct db_result *r, int limit, int column, struct text *t);
/* "a,b,c" as text[]; NULL where it is empty. */
void channels_put_words(struct db_params *p, struct str words);
