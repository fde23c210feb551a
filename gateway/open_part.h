/* What the files open*.c share, and nobody else includes. */
#pragma once
#include "open.h"
#include "reply.h"

/* A request that waits for the database. */
struct asking {
    struct gateway *g;
    u64 ticket;
    enum lang lang;
    u8 leaf[32];       /* proof: the act's hash */
    u64 first, second; /* consistency; proof: index and size */
};
struct asking *asking_new(struct gateway *g, u64 ticket, const struct http_in *in);
/* Sends the call; when the database is away, answers and frees. */
void asking_send(struct asking *a, struct db_call *c);
/* Answers and frees. */
void asking_refuse(struct asking *a, enum refusal r);
/* cache: Cache-Control. */
void asking_answer(struct asking *a, struct str json, const char *cache);
/* Whether the database answered; if not, the request has been. */
bool asking_good(struct asking *a, enum db_end end, const struct db_error *error) MUST_CHECK;
#define CACHE_NEVER  "no-store"
#define CACHE_ALWAYS "public, max-age=31536000, immutable"

/* A number in the query: decimal digits. False when it is absent or no such number. */
bool open_number(const struct http_in *in, const char *name, u64 *value_r) MUST_CHECK;

/* open_proof.c: GET /open/log/proof?leaf=…&size=…, /open/log/consistency?first=…&second=… */
void open_proof(struct gateway *g, u64 ticket, const struct http_in *in);
void open_consistency(struct gateway *g, u64 ticket, const struct http_in *in);
extern const struct db_stmt stmt_open_leaf, stmt_open_size;
