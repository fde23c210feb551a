/* Files compiled into the program: templates and style of the citizen pages, word catalogues, migrations.
 * The table is written by deploy/embed.py at build time. */
#pragma once
#include "base/str.h"

struct embedded {
    const char *name;
    struct str bytes;
};
extern const struct embedded embedded_files[]; /* sorted by name, ends with a NULL name */

/* The file of that base name; NULL when there is none. */
const struct embedded *embedded_find(const char *name);
