#include "io/nfkc.h"
#include <stdlib.h>
#include <utf8proc.h>

bool nfkc_put(struct str s, struct text *out)
{
    utf8proc_uint8_t *made = NULL;
    if (s.n == 0) return true;
    utf8proc_ssize_t n = utf8proc_map((const utf8proc_uint8_t *)s.p, (utf8proc_ssize_t)s.n, &made,
                                      UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT);
    if (n < 0) return false;
    bool had = out->overflow;
    out->overflow = false;
    text_add(out, (struct str){(const char *)made, (size_t)n});
    bool fits = !out->overflow;
    out->overflow = had || !fits;
    free(made);
    return fits;
}
