/* The public faces under /open/log/: the key, the signed heads, proofs. JSON for whoever checks the log from outside; nothing in
 * it is anybody's. No key, no session; every address has its bucket. What never changes may be cached for ever. The page for
 * people at /open/log is one of the citizens' (citizen_log.c). */
#pragma once
#include "gateway.h"

/* True: the path is one of these and the request will be answered once by its ticket. */
bool open_route(struct gateway *g, u64 ticket, const struct http_in *in);
extern const struct db_stmt *const open_statements[];
extern const size_t n_open_statements;
