/* One of a few words, each with its English and its Chinese name: what a form, a table of import or a query chooses from.
 * Called by the staff's door. It knows no table of its own. */
#pragma once
#include "base/str.h"

struct choice {
    const char *word, *zh;
};
/* Index of either name; -1 when it is none. */
int choice_find(const struct choice *words, size_t n, struct str w);
/* The Chinese name of an English word that came from the database; "" when it is none. */
const char *choice_chinese(const struct choice *words, size_t n, struct str w);
