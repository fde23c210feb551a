/* What the files ledger*.c share, and nobody else includes. */
#pragma once
#include "ledger.h"
#include "core/proof.h"

/* What keeps this gateway from signing; told once, counted whenever a head was due. */
enum ledger_hindrance {
    SIGN_FREE,
    SIGN_NO_FILE,  /* the log has a key, its file is not here */
    SIGN_FOREIGN,  /* the file holds another key than the log's */
    SIGN_UNUSABLE, /* the file cannot be read or made */
    SIGN_CLOCK,    /* this clock is behind the newest head */
};

struct ledger {
    struct gateway *g;
    struct timer look;
    bool busy; /* a call is out */
    struct signing_key *key;
    u8 public_key[SIGNING_PUBLIC]; /* of key */
    enum ledger_hindrance told;
    instant covered; /* monotonic: everything committed was under a signed head */
    instant next;    /* wall clock */
};

/* The log as one look found it. */
struct ledger_state {
    struct merkle_edge edge;
    i64 mark, events; /* up to which event the log goes; the last event there is */
    bool has_key;
    u8 key[SIGNING_PUBLIC]; /* the newest of log_keys */
    u64 head_size;          /* 0: no head */
    instant head_at;
};

/* --- ledger_append.c --- */
/* The two statements of a look: stmt_ledger_state and stmt_ledger_acts. */
void append_ask(struct db_call *c);
/* False, after a line in the log: the stored tree lacks a node and nothing may be built on it. */
bool append_state(const struct db_result *r, struct ledger_state *out) MUST_CHECK;
/* Whether these acts are all there were, so that a head may follow. */
bool append_complete(const struct ledger_state *s, const struct db_result *acts);
/* The statement that appends the acts to s->edge; with a key, the head over them as well. It writes nothing, and
 * returns no row, when another gateway has been faster. */
void append_write(struct db_call *c, struct ledger_state *s, const struct db_result *acts,
                  const struct signing_key *key, instant now);

/* --- ledger_key.c --- */
/* Makes sure that l->key is the log's, reading the file again while it is not. */
enum ledger_hindrance key_settle(struct ledger *l, const struct ledger_state *s);
/* For a log without key and head: reads or makes the file and adds the statements that enter it as the log's; two
 * gateways at once end with one key. */
enum ledger_hindrance key_found(struct ledger *l, struct db_call *c);
/* Says why, once for each reason. */
void key_tell(struct ledger *l, enum ledger_hindrance h);
