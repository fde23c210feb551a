/* A doubly linked list whose nodes sit inside the objects. A node is in one list or in none;
 * an object's state is the list it is in. */
#pragma once
#include "base/base.h"

struct list {
    struct list *next, *prev;
};

static inline void list_init(struct list *l) { l->next = l->prev = l; }
static inline bool list_empty(const struct list *l) { return l->next == l; }

static inline void list_push(struct list *l, struct list *node) /* at the end */
{
    node->prev = l->prev;
    node->next = l;
    l->prev->next = node;
    l->prev = node;
}

static inline void list_remove(struct list *node) /* harmless on a node that is in no list */
{
    node->prev->next = node->next;
    node->next->prev = node->prev;
    list_init(node);
}

static inline struct list *list_pop(struct list *l) /* first node, or NULL */
{
    if (list_empty(l)) return NULL;
    struct list *n = l->next;
    list_remove(n);
    return n;
}

#define LIST_EACH(l, it)                                                                                     \
    for (struct list *it = (l)->next, *it##_next = it->next; it != (l); it = it##_next, it##_next = it->next)
#define LIST_OF(node, type, member) CONTAINER_OF(node, type, member)
