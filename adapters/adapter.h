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
enum verdict_in {
    VERIFY_OK,
    VERIFY_REFUSED, /* answered 403 */
    VERIFY_UNAUTHORIZED, /* answered 401 with the adapter's challenge: what Authorization says is missing or wrong */
};

/* A delivery receipt. Statuses only move forward: sent < delivered, failed, expired. */
enum delivery { DELIVERY_SENT, DELIVERY_DELIVERED, DELIVERY_FAILED, DELIVERY_EXPIRED };
struct receipt_report {
    struct str provider_id; /* id the provider gave at sending; may be empty */
    struct str client_ref;  /* our outbox reference; may be empty */
    struct str to;          /* E.164 */
    enum delivery status;
    struct str raw_status, error_code;
    instant done_at;                 /* us == 0: the provider gave none */
    unsigned part_total, part_index; /* the piece of a long SMS that it is about; 0: the whole */
};
/* What a receipt says about the message: that one piece of several arrived says only "sent", but for the last piece. Providers
 * that report piece by piece send them in order; a piece that failed fails the message at once. */
enum delivery receipt_delivery(const struct receipt_report *r);

/* Which piece of a long SMS an item is, where the provider does not join them itself. Pieces belong together
 * when channel, sender and ref are the same. total 0: the item is whole. */
struct part_info {
    struct str ref;
    unsigned total, index; /* index 1..total */
};

enum item_kind {
    ITEM_WORDS, /* something was said */
    ITEM_ARRIVED, /* no words: somebody followed the account or scanned a plaque (s.plaque when the code says which) */
    ITEM_LEFT, /* no words: somebody unsubscribed; nothing is answered, for nothing would arrive */
};
/* One thing that came in. The door and the channel's name are filled in by the hook, not by the adapter; s.sender is E.164
 * or "<scheme>:<id>" where the provider has no telephone numbers ("wechat:oXXXX"). */
struct inbox_item {
    struct submission s;
    struct part_info part;
    enum item_kind kind;
    struct str to;        /* our number or account, as the provider names it; may be empty */
    struct str sign_name; /* signature of the message that was answered; may be empty */
    bool opt_out;         /* the provider itself took the words as opting out */
    unsigned segments;    /* 0: not said */
    unsigned media;       /* pictures, voice, videos that came along; they are not fetched */
};

#define INBOX_MAX 1000 /* items in one request; a provider's batch is smaller */
struct inbox {
    struct inbox_item *items;
    size_t n_items;
    struct receipt_report *receipts;
    size_t n_receipts;
    /* Elements of a batch that are neither: they are counted and left out, so that they do not take the readable ones along. Their
     * repeat would be no better. When every element is one of them, the push is PARSE_MALFORMED. */
    size_t n_unreadable;
    /* What to answer when everything is stored. parse sets it; the default is 200, text/plain, empty. */
    int ok_status;
    struct str ok_type, ok_body;
    /* Answer at once without storing anything (URL handshakes). */
    bool handshake;
    /* Set by parse beside PARSE_MALFORMED for providers whose refusals are 200 with a body of their own; else 400, empty. */
    struct str malformed_type, malformed_body;
};

/* Room for so many zeroed items and receipts, in the arena; n_items and n_receipts stay 0 and are counted up by parse.
 * False: over INBOX_MAX or the arena is full, PARSE_TOO_MANY. */
struct arena;
bool inbox_reserve(struct inbox *in, struct arena *arena, size_t items, size_t receipts) MUST_CHECK;

enum parse_result {
    PARSE_OK,        /* beside n_unreadable, `reason` says what is wrong with the last of them */
    PARSE_MALFORMED, /* authentic but unreadable: 400, nothing stored, `reason` for the log */
    PARSE_TOO_MANY,  /* over INBOX_MAX: 413 */
};

/* A message to send out. What a citizen is told is a template's event with its parameters and, made of them, the words:
 * providers that only send approved templates take the former (settings template_<event> and params_<event>), the others the
 * latter. */
struct message_param {
    struct str name, value;
};
struct message {
    struct str to;    /* E.164; an address for mail; empty where the channel is one group or subscriber */
    struct str text;  /* UTF-8, whole: the signature 【…】 stands in front of an SMS */
    struct str sign;  /* the signature alone, without brackets; may be empty */
    struct str title; /* subject of a mail, headline of a notice; empty for an SMS */
    struct str client_ref; /* our outbox reference: digits, the same in every try */
    struct str dlr_url;    /* absolute address for delivery receipts, or empty */
    struct str event;      /* "received", "answered" …: the template, or the kind of a webhook event */
    const struct message_param *params; /* in the template's order */
    size_t n_params;
    struct str data;  /* JSON of a webhook event; else empty */
    instant event_at; /* when what is told happened */
    instant now;      /* of this try */
    const u8 *random; /* 16 random octets of this try, for nonces */
    unsigned try;     /* 1 for the first */
};
/* A parameter's value or STR_NONE. */
struct str message_param(const struct message *m, struct str name);
/* For providers with approved templates: the provider's code of the template for m->event (setting template_<event>), or
 * STR_NONE; and the parameters in the order of the setting params_<event> ("receipt,unit"), or the template's own. False when
 * that setting names a parameter which the event does not have. */
struct str message_template(const struct channel *ch, const struct message *m);
bool message_ordered(const struct channel *ch, const struct message *m, struct arena *arena,
                     const struct message_param **params_r, size_t *n_r) MUST_CHECK;

/* What became of a sending. UNKNOWN: it may have left; wait for its receipt, never send again blindly. */
enum sent { SENT_OK, SENT_RETRY, SENT_REFUSED, SENT_UNKNOWN };
/* Why, in so far as somebody has to do something about it. */
enum sent_cause {
    CAUSE_NONE,
    CAUSE_SETTINGS, /* credentials, signature, template or address of the channel are wrong: alarm, and try another channel */
    CAUSE_MONEY,     /* the account is empty: alarm, and try another channel */
    CAUSE_RECIPIENT, /* the number is wrong or does not want it: no channel would do better */
    CAUSE_RATE,      /* too fast for the provider: the whole channel slows down */
    CAUSE_GONE, /* the receiver says for good that it wants nothing more (410): the channel is switched off */
};
struct sent_outcome {
    enum sent sent;
    enum sent_cause cause;
    span retry_after;         /* 0: the outbox decides */
    struct str provider_id;   /* points into the reply or the arena */
    struct str error_code;    /* the provider's, visible ASCII; may be empty */
    const char *for_operator; /* fixed sentence, never NULL */
};

struct hook_answer;
struct adapter {
    const char *name; /* stored in channels.type; never changes */
    enum verdict_in (*verify)(const struct channel *, enum hook, const struct http_in *,
                              const char **reason_r);
    enum parse_result (*parse)(const struct channel *, enum hook, const struct http_in *, struct arena *,
                               struct inbox *, const char **reason_r);
    /* NULL: what a citizen is told goes through the outbox. Else it is the answer to the push itself, for providers that take
     * it only so (a passive reply). False: it cannot be written; the push is then answered as if nothing were told. */
    bool (*answer)(const struct channel *, const struct http_in *, const struct inbox_item *, struct str text,
                   const u8 random[16], struct arena *, struct hook_answer *answer_r);
    /* NULL: cannot send. False: the message cannot be written for this provider (reason in *reason_r). */
    bool (*compose)(const struct channel *, const struct message *, struct arena *, struct http_out *,
                    const char **reason_r);
    void (*judge)(const struct channel *, const struct http_reply *, struct arena *, struct sent_outcome *);
    /* NULL: the provider tells no balance. The call that asks for it, and what is left in the account's own unit. */
    bool (*balance_ask)(const struct channel *, instant now, const u8 random[16], struct arena *,
                        struct http_out *);
    bool (*balance_read)(const struct http_reply *, double *left_r);
    /* What WWW-Authenticate says beside a 401 (RFC 9110 §11.6.1): clients that wait for it present their credentials only then.
     * NULL where verify never says VERIFY_UNAUTHORIZED. */
    const char *challenge;
    /* The setting without which nothing can be sent; NULL: none is needed. */
    const char *send_setting;
    /* Names of settings that this adapter reads, NULL-terminated. A secret one begins with '!' (and may have a second value
     * while it is rotated: secret_all in reading.h); one that ends with '*' stands for all names with that beginning. allow_ip
     * and what the outbox reads of every channel (channel_common_settings) need not be named. */
    const char *const *setting_names;
    /* The receiver tells a repeat by our reference: what may have left (a claim that expired) is sent again, not held. */
    bool repeatable;
    enum adapter_use { USE_SMS, USE_NOTICE, USE_WEBHOOK, USE_MAIL } use; /* what its channels are for */
};

/* Settings of every channel, NULL-terminated: read by hooks and outbox. Described where they are listed, in registry.c. */
extern const char *const channel_common_settings[];
/* How `name` is listed for this adapter: 0 not at all, 1 plain, 2 secret. */
int channel_setting_known(const struct adapter *a, struct str name);

/* What /hooks/… answers: `in` is looked at only when the request was accepted. A refusal's body stays empty,
 * for some gateways send whatever text they get to the citizen as an SMS. */
struct hook_answer {
    int status;
    struct str type, body;
};
struct hook_answer adapter_answer(enum verdict_in, enum parse_result, const struct inbox *in);

extern const struct adapter adapter_aliyun;    /* sms/aliyun.c */
extern const struct adapter adapter_dingtalk;  /* notice/dingtalk.c */
extern const struct adapter adapter_feishu;    /* notice/feishu.c */
extern const struct adapter adapter_gammu;     /* sms/gammu.c */
extern const struct adapter adapter_generic;   /* sms/generic.c */
extern const struct adapter adapter_huawei;    /* sms/huawei.c */
extern const struct adapter adapter_infobip;   /* sms/infobip.c */
extern const struct adapter adapter_kannel;    /* sms/kannel.c */
extern const struct adapter adapter_mail;      /* notice/mail.c */
extern const struct adapter adapter_plivo;     /* sms/plivo.c */
extern const struct adapter adapter_tencent;   /* sms/tencent.c */
extern const struct adapter adapter_twilio;    /* sms/twilio.c */
extern const struct adapter adapter_vonage;    /* sms/vonage.c */
extern const struct adapter adapter_webhook;   /* notice/webhook.c */
extern const struct adapter adapter_wechat;    /* sms/wechat.c */
extern const struct adapter adapter_wecom;     /* notice/wecom.c */
extern const struct adapter adapter_yunpian;   /* sms/yunpian.c */
extern const struct adapter *const adapters[]; /* NULL-terminated, registry.c */
const struct adapter *adapter_find(struct str name);
/* Whether a message can be sent through this channel as it is configured. */
bool channel_sends(const struct adapter *a, const struct channel *ch);
