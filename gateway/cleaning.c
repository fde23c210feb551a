#include "cleaning.h"
#include "io/nfkc.h"

static bool run_nfkc(void *arg, struct str in, struct text *out)
{
    (void)arg;
    return nfkc_put(in, out);
}
static bool run_simplify(void *arg, struct str in, struct text *out) { return simplify_run(arg, in, out); }

struct normalise_tools cleaning_tools(struct simplify *s)
{
    return (struct normalise_tools){run_nfkc, run_simplify, s};
}
