/* The contract between the gateway and a provider (SMS gateway, messenger, exchange partner).
 *
 * An adapter translates; it never talks. verify and parse read one request that io/web received, compose
 * writes one request that io/httpc will make, judge reads the answer. All four are pure: no socket, no
 * file, no clock (the instant is in http_in.at or given), no memory but the arena. So each can be tested by
 * rows, replayed and fuzzed without a network. One const struct per provider, listed by hand in registry.c. */
#pragma once
#include "base/arena.h"
#include "base/http.h"
#include "core/submission.h"

/* One configured channel as an adapter sees it: settings by name, e.g. "sendsms_url". */
struct channel_setting {
    struct str name, value;
};
struct channel {
    struct str name; /* as in /hooks/{channel}/… */
    const struct channel_setting *settings;
    size_t n_settings;
};
/* The setting's value or STR_NONE. */
struct str channel_setting(const struct channel *ch, struct str name);

enum hook { HOOK_MO, HOOK_DLR }; /* which of /hooks/{channel}/{key}/mo and /dlr was called */

/* The secret path part has been checked before verify is called. */
enum verdict_in { VERIFY_OK, VERIFY_REFUSED };

/* A delivery receipt. Statuses only move forward: sent < delivered, failed, expired. */
enum delivery { DELIVERY_SENT, DELIVERY_DELIVERED, DELIVERY_FAILED, DELIVERY_EXPIRED };
struct receipt_report {
    struct str provider_id; /* id the provider gave at sending; may be empty */
    struct str client_ref;  /* our outbox reference; may be empty */
    struct str to;          /* E.164 */
    enum delivery status;
    struct str raw_status, error_code;
    instant done_at; /* us == 0: the provider gave none */
};

/* Which piece of a long SMS an item is, where the provider does not join them itself. Pieces belong together
 * when channel, sender and ref are the same. total 0: the item is whole. */
struct part_info {
    struct str ref;
    unsigned total, index; /* index 1..total */
};

#define INBOX_MAX 64 /* items in one request; a provider's batch is smaller */
struct inbox {
    struct submission items[INBOX_MAX];
    struct part_info parts[INBOX_MAX]; /* parts[i] belongs to items[i] */
    size_t n_items;
    struct receipt_report receipts[INBOX_MAX];
    size_t n_receipts;
    /* What to answer when everything is stored. parse sets it; the default is 200, text/plain, empty. */
    int ok_status;
    struct str ok_type, ok_body;
    /* Answer at once without storing anything (URL handshakes). */
    bool handshake;
};

enum parse_result {
    PARSE_OK,
    PARSE_MALFORMED, /* authentic but unreadable: 400, nothing stored, `reason` for the log */
    PARSE_TOO_MANY,  /* over INBOX_MAX: 413 */
};

/* A message to send out. */
struct message {
    struct str to;         /* E.164 */
    struct str text;       /* UTF-8 */
    struct str client_ref; /* our outbox reference: digits */
    struct str dlr_url;    /* absolute address for delivery receipts, or empty */
};

/* What became of a sending. UNKNOWN: it may have left; wait for its receipt, never send again blindly. */
enum sent { SENT_OK, SENT_RETRY, SENT_REFUSED, SENT_UNKNOWN };
struct sent_outcome {
    enum sent sent;
    span retry_after;         /* 0: the outbox decides */
    bool our_fault;           /* settings or credentials are wrong: alarm the operator */
    struct str provider_id;   /* points into the reply or the arena */
    const char *for_operator; /* fixed sentence, never NULL */
};

struct adapter {
    const char *name; /* stored in channels.type; never changes */
    enum verdict_in (*verify)(const struct channel *, enum hook, const struct http_in *,
                              const char **reason_r);
    enum parse_result (*parse)(const struct channel *, enum hook, const struct http_in *, struct arena *,
                               struct inbox *, const char **reason_r);
    /* NULL: cannot send. False: the message cannot be written for this provider (reason in *reason_r). */
    bool (*compose)(const struct channel *, const struct message *, struct arena *, struct http_out *,
                    const char **reason_r);
    void (*judge)(const struct channel *, const struct http_reply *, struct arena *, struct sent_outcome *);
    /* The setting without which nothing can be sent; NULL: none is needed. */
    const char *send_setting;
    /* Names of settings that this adapter reads, NULL-terminated; secret ones begin with '!'. */
    const char *const *setting_names;
};

/* What /hooks/… answers: `in` is looked at only when the request was accepted. A refusal's body stays empty,
 * for some gateways send whatever text they get to the citizen as an SMS. */
struct hook_answer {
    int status;
    struct str type, body;
};
struct hook_answer adapter_answer(enum verdict_in, enum parse_result, const struct inbox *in);

extern const struct adapter adapter_kannel;    /* sms/kannel.c */
extern const struct adapter *const adapters[]; /* NULL-terminated, registry.c */
const struct adapter *adapter_find(struct str name);
/* Whether a message can be sent through this channel as it is configured. */
bool channel_sends(const struct adapter *a, const struct channel *ch);
