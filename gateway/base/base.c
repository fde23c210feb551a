#include "base/base.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void assert_failed(const char *what, const char *file, int line)
{
    fprintf(stderr, "panic: %s:%d: %s does not hold\n", file, line, what);
    abort();
}

void *mem_alloc(size_t n)
{
    void *p = calloc(1, n ? n : 1);
    ASSERT(p != NULL);
    return p;
}

void *mem_grow(void *p, size_t n)
{
    void *q = realloc(p, n ? n : 1);
    ASSERT(q != NULL);
    return q;
}

char *mem_copy(const char *p, size_t n)
{
    char *q = mem_alloc(n + 1);
    if (n) memcpy(q, p, n);
    return q;
}
