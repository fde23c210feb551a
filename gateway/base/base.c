#include "base/base.h"
#include <malloc.h>
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

/* From this size on a block is a mapping of its own. The C library would raise the border to the largest block that was freed, and every
 * thread that once sorted the postings of a segment or drew a page would keep what that took. */
#define OWN_MAPPING (256 * 1024)

/* An allocator that stands in for the C library's may refuse, and has ways of its own. */
void mem_lives_long(void) { (void)mallopt(M_MMAP_THRESHOLD, OWN_MAPPING); }

char *mem_copy(const char *p, size_t n)
{
    char *q = mem_alloc(n + 1);
    if (n) memcpy(q, p, n);
    return q;
}
