/* The clean text: the citizen's words brought into one shape for matching by the router and the finder of
 * repeats. The words as received are stored elsewhere and never changed. Pure: what needs a library (NFKC,
 * traditional -> simplified) comes in as functions from the gateway. */
#pragma once
#include "base/str.h"

/* Each appends its result to the text; false when it could not. */
struct normalise_tools {
    bool (*nfkc)(void *arg, struct str in, struct text *out);
    bool (*simplify)(void *arg, struct str in, struct text *out);
    void *arg;
};

/* Worst growth of bytes by NFKC (U+FDFA: 3 -> 33); give `clean` a maximum of this times raw.n and it fits. */
#define NORMALISE_GROWTH 11

/* Appends to `clean`: invisible and control characters out, NFKC, simplified, any run of white space one blank,
 * none at the ends, ASCII letters in lower case. False, with `clean` as it was, when raw is not valid UTF-8,
 * a tool failed or the result would pass clean's maximum. */
bool normalise_clean(const struct normalise_tools *tools, struct str raw, struct text *clean) MUST_CHECK;
