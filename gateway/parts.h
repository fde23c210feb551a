/* Pieces of long messages: kept sealed before the provider hears OK, joined when the last one is there whatever the order, and
 * after sms_parts_wait stored as they are with a mark where one is missing; what comes later is added to the case. Called by the
 * hooks; the joined words go through gateway/conversation.c like any others. Two gateways may get pieces of one message. */
#pragma once
#include "gateway.h"
#include "adapters/adapter.h"

struct parts *parts_new(struct gateway *g);
void parts_free(struct parts **p);

/* Is this item one of several pieces, and can its pieces be told from those of others? */
bool parts_concern(const struct inbox_item *item);
/* Keeps it; done(arg, true) when that is committed. Everything is copied. */
void parts_take(struct gateway *g, const struct inbox_item *item, void (*done)(void *arg, bool stored),
                void *arg);
extern const struct db_stmt *const parts_statements[];
extern const size_t n_parts_statements;
