/* Long SMS whose pieces the provider does not join: put together in order, with a visible mark where one is missing. Pure;
 * gateway/parts.c keeps the pieces until they are all there or have had their time. */
#pragma once
#include "base/str.h"

struct part_text {
    unsigned index; /* 1..total */
    struct str words;
};
#define PARTS_MAX 255

/* The words of all pieces in order of index (n of them, ascending, no index twice); 〔缺第2段，共3段〕 stands for each that is
 * missing. What would pass max_points code points is left out and says so. Returns how many are missing. */
unsigned parts_join(const struct part_text *parts, size_t n, unsigned total, size_t max_points,
                    struct text *out);
/* Pieces that came when the message was stored already, each behind 〔迟到的第2段，共3段〕. */
void parts_join_late(const struct part_text *parts, size_t n, unsigned total, size_t max_points,
                     struct text *out);
