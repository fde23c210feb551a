/* A folder for one test program: files are put into it, readers that are not ours run in it, and it is gone afterwards. */
#pragma once
#include "base/str.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define FOLDER_OUTPUT_MAX (1 << 20)

static char folder[64];

static inline int folder_make(void **state)
{
    (void)state;
    const char *tmp = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/mashangdu-XXXXXX", tmp && strlen(tmp) < 40 ? tmp : "/tmp");
    return mkdtemp(folder) ? 0 : -1;
}

static inline int folder_remove(void **state)
{
    (void)state;
    char command[128];
    if (getenv("FOLDER_KEEP")) return 0; /* to look at what was printed */
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

/* Runs a command line in the folder; its output, good until the next call. The command must succeed. */
static inline const char *folder_run(const char *command)
{
    static char out[FOLDER_OUTPUT_MAX];
    char line[1024];
    snprintf(line, sizeof line, "cd '%s' && { %s; } 2>>noise", folder, command);
    FILE *f = popen(line, "r");
    assert_non_null(f);
    out[fread(out, 1, sizeof out - 1, f)] = '\0';
    int status = pclose(f);
    if (status != 0) print_message("failed: %s\n", command);
    assert_int_equal(status, 0);
    return out;
}

static inline void folder_put(const char *name, const struct text *bytes)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes->p, 1, bytes->n, f), bytes->n);
    assert_int_equal(fclose(f), 0);
}
