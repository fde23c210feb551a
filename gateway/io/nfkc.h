/* Unicode normalisation form NFKC by utf8proc: full-width, ligatures, circled letters and the like become their
 * plain forms. The gateway hands it to core/normalise. */
#pragma once
#include "base/str.h"

/* Appends NFKC of s. False, with out as it was, when s is not valid UTF-8, memory is short or out is full. */
bool nfkc_put(struct str s, struct text *out) MUST_CHECK;
