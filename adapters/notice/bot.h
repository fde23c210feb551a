/* What the robots of work groups (DingTalk, Feishu, WeCom) have in common: one POST of JSON to an address that is itself a secret,
 * words with a ceiling, an answer with a code in it. Called by those adapters only. Nothing comes in through them.
 *
 * A group is no place for a citizen's words or number: what stands in a notice is decided where it is written, not here. The
 * address is never logged, for whoever has it can write to the group. */
#pragma once
#include "adapters/reading.h"
#include "adapters/outcome.h"

/* No push is ever authentic. */
enum verdict_in bot_verify(const struct channel *ch, enum hook hook, const struct http_in *in,
                           const char **reason_r);
enum parse_result bot_parse(const struct channel *ch, enum hook hook, const struct http_in *in,
                            struct arena *arena, struct inbox *inbox, const char **reason_r);

/* Title, line break and text, at most `max` bytes: what is longer is cut at a character and ends with "…". */
void bot_words(const struct message *m, size_t max, struct text *out);
void bot_cut(struct str s, size_t max, struct text *out); /* s alone, the same way */
/* Numbers or names from the setting mention ("13800000000, 13900000000") as a JSON list; "all" is left out and told by the
 * result. */
bool bot_mentions(const struct channel *ch, struct text *list);
/* "<stamp>\n<secret>", of which DingTalk makes the text and Feishu the key of the HMAC-SHA256 they sign with. In the arena; .p is NULL
 * when it is too long. */
struct str bot_stamp_text(struct arena *arena, struct str stamp, struct str secret);

/* Address (https only, but for the own computer), type and body. False with a reason. The body is freed. */
bool bot_call(struct str url, struct text *body, struct arena *arena, struct http_out *out,
              const char **reason_r);
/* The code under `name` (or, when that is absent, `other`) in the answer's JSON: 0 is taken; else the table, and what is in no table
 * is refused. */
void bot_judge(const struct http_reply *reply, struct arena *arena, const char *name, const char *other,
               const struct outcome_word *words, struct sent_outcome *out);
