#include "base/arena.h"
#include <stdlib.h>
#include <string.h>

#define BLOCK_MIN 4096

struct arena_block {
    struct arena_block *next;
    size_t used, cap;
    _Alignas(max_align_t) unsigned char bytes[];
};

void arena_init(struct arena *a, size_t max) { *a = (struct arena){.max = max}; }

void arena_free(struct arena *a)
{
    while (a->head) {
        struct arena_block *b = a->head;
        a->head = b->next;
        explicit_bzero(b->bytes, b->used); /* what citizens wrote stays in no freed memory */
        free(b);
    }
    a->used = 0;
}

void *arena_alloc(struct arena *a, size_t n)
{
    const size_t align = _Alignof(max_align_t);
    if (n > a->max - a->used) return NULL;
    size_t take = (n + align - 1) / align * align;
    if (!a->head || take > a->head->cap - a->head->used) {
        size_t cap = MAX(take, (size_t)BLOCK_MIN);
        struct arena_block *b = mem_alloc(sizeof *b + cap);
        b->cap = cap;
        b->next = a->head;
        a->head = b;
    }
    void *p = a->head->bytes + a->head->used;
    a->head->used += take;
    a->used += n;
    return p;
}

struct str arena_str(struct arena *a, struct str s)
{
    char *p = arena_alloc(a, s.n + 1);
    if (!p) return STR_NONE;
    if (s.n) memcpy(p, s.p, s.n);
    return (struct str){p, s.n};
}
