/* What stands between a door and intake: how much may come from one household, one neighbourhood of addresses, at one plaque, from one
 * telephone number, with the same words. Nobody is shut out for what others do: over a limit there is a way through, by a proof of
 * work that the page's script does alone (ALTCHA), or, without script, by a wait of some seconds. An urgent text needs neither: it
 * is stored and marked. Nothing is dropped in silence.
 * Called by the forms, the JSON door and the web socket. Counters live minutes, in memory, under a key that dies with the process:
 * no address, number or device is kept (promise P11), and a 举报 carries no mark at all. Mechanism M04, M05. */
#pragma once
#include "gateway.h"
#include "core/submission.h"

struct guard;
struct guard *guard_new(struct gateway *g);
void guard_free(struct guard **gd);

/* Ceiling of the arena that a check may fill: urgency is judged by the router. */
#define GUARD_ARENA (4u << 20)

struct guard_ask {
    struct str peer;  /* address as the listener saw it, or as a trusted proxy told it */
    struct str agent; /* User-Agent, or empty */
    struct str proof; /* the form field altcha, or empty */
    instant issued;   /* when the form was handed out; us == 0: it was no form */
    instant now;
    bool trapped; /* the field that nobody sees was filled in */
    struct arena *arena;
};
/* sub holds words, plaque, contact, rating and nature already. REFUSE_NONE: let it in; sub->marks and sub->pow tell what was
 * noticed and used up (in the arena). REFUSE_PROVE: there is a way through, *wait_r is the one without script. REFUSE_TOO_MANY: not
 * before *wait_r. */
enum refusal guard_check(struct gateway *g, const struct guard_ask *ask, struct submission *sub,
                         span *wait_r);
/* A fresh challenge as JSON, valid for some minutes. */
void guard_challenge(struct gateway *g, instant now, struct text *out);
