#include "io/traditional.h"
#include <opencc/opencc.h>
#include <stdlib.h>

struct traditional {
    opencc_t handle;
};

struct traditional *traditional_open(const char **error_r)
{
    opencc_t handle = opencc_open("s2tw.json");
    if (handle == (opencc_t)-1) {
        *error_r = opencc_error();
        return NULL;
    }
    struct traditional *t = MEM_NEW(struct traditional);
    t->handle = handle;
    return t;
}

void traditional_run(struct traditional *t, struct str s, struct text *out)
{
    if (s.n == 0) return;
    char *made = opencc_convert_utf8(t->handle, s.p, s.n);
    text_add(out, made ? str_of(made) : s);
    if (made) opencc_convert_utf8_free(made);
}

void traditional_close(struct traditional **t)
{
    if (!*t) return;
    opencc_close((*t)->handle);
    free(*t);
    *t = NULL;
}
