/* What the files of the outbox share and nobody else sees. outbox.c claims and keeps time; outbox_send.c makes one sending;
 * outbox_settle.c stores what became of it and how its channel fares; outbox_alarm.c tells persons; outbox_balance.c asks for what is
 * left in an account; outbox_figures.c keeps the gauges; outbox_receipt.c takes receipts; outbox_limits.c reads a channel's settings. */
#pragma once
#include "outbox.h"
#include "channel_log.h"
#include "register.h"
#include "base/arena.h"
#include "base/list.h"
#include "core/backoff.h"
#include "core/quiet.h"

#define CHANNEL_NAME_MAX 40
#define OUTBOX_ID_MAX    200 /* of a provider */
#define OUTBOX_CODE_MAX  64

/* X(id, word): why a person should look at a channel, as in channel_alarms. */
/* clang-format off */
#define OUTBOX_ALARMS(X) \
    X(SETTINGS, "settings") X(MONEY, "money") X(BALANCE, "balance") X(ERRORS, "errors") X(RATE, "rate") X(GONE, "gone") X(DECIDE, "decide")
/* clang-format on */
enum outbox_alarm {
#define X(id, word) ALARM_##id,
    OUTBOX_ALARMS(X)
#undef X
        ALARMS_N
};
const char *outbox_alarm_word(enum outbox_alarm a);
bool outbox_alarm_parse(struct str word, enum outbox_alarm *alarm_r) MUST_CHECK;

/* One channel as this gateway sends through it. Lives as long as the outbox; channels are few. */
struct outbox_lane {
    struct list node;
    char name[CHANNEL_NAME_MAX + 1];
    unsigned out;    /* sendings of this gateway on their way */
    bool misread;    /* a limit in its settings could not be read: said once */
    int failures;    /* in a row over all gateways, as last heard */
    int slowed;      /* "too fast" in a row, as last heard */
    unsigned alarms; /* bits of enum outbox_alarm, as last heard */
    /* Since what is stored, in the order of the outcomes: */
    bool news, well;
    int failed, rated;
    span close;
    /* Gauges, as last heard: */
    double due, oldest, unknown, dead;
    instant balance_next; /* monotonic */
    bool asking;
};
struct outbox_lane *outbox_lane(struct outbox *o,
                                struct str name); /* made when new; never NULL for a configured name */

/* What a channel's settings say, or the defaults. */
struct outbox_limits {
    double rate; /* 0: no limit */
    int parallel, tries;
    struct backoff retry;
    struct quiet quiet;
    bool low_set;
    double low; /* balance */
};
/* False when a setting could not be read; its default counts then. */
bool outbox_limits(const struct gateway *g, const struct channel *ch, struct outbox_limits *l_r) MUST_CHECK;
/* The channel that may take over for this one, or NULL. */
const struct channel_row *outbox_spare(const struct gateway *g, const struct channel_row *row);
bool outbox_sends(const struct channel_row *row); /* active, and set up for sending */

/* A change of an alarm that waits for its transaction. */
struct outbox_notice {
    struct list node;
    char channel[CHANNEL_NAME_MAX + 1];
    char event[61];
    enum outbox_alarm alarm;
    bool up;
    const char *why; /* a constant */
};
/* Does nothing when it would change nothing and nobody needs a reminder. */
void outbox_alarm(struct outbox *o, struct outbox_lane *lane, enum outbox_alarm alarm, bool up,
                  struct str event, const char *why);
/* Adds all that wait to the call, as its last statement; false when there is none. Then outbox_alarms_told with its result. */
bool outbox_alarms_add(struct outbox *o, struct db_call *c) MUST_CHECK;
void outbox_alarms_told(struct outbox *o, const struct db_result *r); /* logs and counts what changed */

enum outbox_end { END_SENT, END_UNKNOWN, END_DEAD, END_DUE, END_MOVED };
/* What became of one sending; waits until it is stored. */
struct outbox_result {
    struct list node;
    u64 id, claim;
    enum outbox_end end;
    span wait;                        /* END_DUE */
    char spare[CHANNEL_NAME_MAX + 1]; /* END_MOVED */
    char *provider_id, *code;         /* never NULL */
    const char *cause, *error;        /* constants; error may be NULL */
};
/* A copy with everything but visible ASCII as '?'; empty when longer than `most`. */
char *outbox_visible(struct str s, size_t most) MUST_CHECK;
/* A provider's error code as it may stand in the clear: cut to OUTBOX_CODE_MAX, and without its digits when it holds so many that they
 * may be a citizen's number. The caller frees it. */
char *outbox_code(struct str s) MUST_CHECK;

struct outbox {
    struct gateway *g;
    struct list lanes;
    unsigned out; /* sendings */
    struct timer look, sweep, drain, settle_again;
    /* claiming: one call at a time */
    bool gathering;               /* the next look is soon */
    bool joined, releasing;       /* the claim that is out carries outcomes; gives a lost claim back */
    bool claiming, again, moving; /* moving: the call that is out also moves messages to other channels */
    u64 claim, lost_claim;        /* the number of the one that is out; of one whose answer got lost */
    instant claim_at;             /* monotonic */
    /* settling: one call at a time, all that ended meanwhile goes with the next */
    struct list results, settling, notices;
    unsigned settle_failures; /* refusals of this batch by the database in a row */
    bool settle_out, settle_alarms;
    bool sweeping, figures;    /* figures: the sweep that is out asks for them */
    unsigned sweeps, balances; /* looks so far; balance calls and their transactions that are out */
    void (*drained)(void *arg);
    void *drained_arg;
};

void outbox_claim(struct outbox *o);
/* A sending is over and its channel has room for another. While more than half of the room is in use the next claim waits a moment, so
 * that it brings several. */
void outbox_room(struct outbox *o, unsigned out, unsigned parallel);
void outbox_drain_look(
    struct outbox *o); /* something ended: when the gateway is stopping, was it the last? */

/* Rows of stmt_outbox_claim. */
enum {
    CLAIM_ID,
    CLAIM_CHANNEL,
    CLAIM_RECIPIENT,
    CLAIM_BODY,
    CLAIM_FORM,
    CLAIM_TRIES,
    CLAIM_SLOWED,
    CLAIM_MOVED,
    CLAIM_EVENT
};
/* Sends one claimed row; its outcome comes by outbox_settled. late: the claim may have expired, so it must not leave. */
void outbox_send(struct outbox *o, const struct db_result *r, int row, u64 claim, bool late);

/* Takes the outcome over; wakes nothing. */
void outbox_settled(struct outbox *o, struct outbox_result *r);
void outbox_settle_flush(struct outbox *o);
/* Puts what waits in front of a claim, into one transaction: the room is free when it is claimed again, and there is one flush to disk
 * less. False when nothing waits, or it has to go by itself: news about channels lock their state before the claim would in its order,
 * and alarms come last. Then outbox_settle_joined when the call has ended. */
bool outbox_settle_news(const struct outbox *o); /* there are such */
bool outbox_settle_join(struct outbox *o, struct db_call *c) MUST_CHECK;
void outbox_settle_joined(struct outbox *o, bool good, const struct db_error *error);
void outbox_settle_again(struct timer *t); /* fires a while after outcomes could not be stored */
void outbox_settle_free(struct outbox *o);

void outbox_balances(struct outbox *o);                                /* asks whom it is time to ask */
void outbox_figures_take(struct outbox *o, const struct db_result *r); /* rows of stmt_outbox_figures */

extern const struct db_stmt stmt_outbox_claim, stmt_outbox_release, stmt_outbox_move, stmt_outbox_look,
    stmt_outbox_settle, stmt_outbox_early, stmt_outbox_health, stmt_outbox_alarms, stmt_outbox_off,
    stmt_outbox_receive, stmt_outbox_keep_early, stmt_outbox_expire, stmt_outbox_decide, stmt_outbox_strand,
    stmt_outbox_empty, stmt_outbox_forget, stmt_outbox_figures, stmt_outbox_balance_turn, stmt_outbox_balance;
