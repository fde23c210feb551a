/* What adapters, hooks and outbox say of a push or a sending, in Chinese. They say it in English (sent_outcome.for_operator, reason_r and
 * the like), and English is what is stored and logged: last_error of an outbox row, an alarm's why, the channel log's reason.
 * The administrator's desk (gateway/staff_channels*.c) shows it in the reader's language. Never used to decide anything.
 * Pure. tests/check-sentences fails while a sentence that is said has no line here, or a line is said by nobody. */
#pragma once
#include "base/str.h"

/* The Chinese of a whole sentence (constant memory), or `english` itself where it is not one that is known. */
struct str sentence_chinese(struct str english);

/* Appends it; also what hooks.c says when a part of a push was left out (SENTENCE_PARTLY), whose numbers differ. */
#define SENTENCE_PARTLY "%zu of %zu elements could not be read and were left out: %s"
void sentence_put(struct str english, struct text *t);
