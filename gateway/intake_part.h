/* Inside of intake: what one submission on its way and one batch are, and what its three files owe each other.
 * intake_item.c makes an item (checked, cleaned, masked, routed), intake_store.c writes batches into statements,
 * intake.c queues, sends, repeats and answers. Nobody else includes this. */
#pragma once
#include "intake.h"
#include "messages.h"
#include "base/arena.h"
#include "base/list.h"
#include "core/clocks.h"
#include "core/proof.h"

/* What a case row is opened with. */
struct opening {
    enum nature nature;
    struct str category, reason;
    const char *urgency;
    int level, unit, about_unit, plaque_unit, limit;
    bool held, assigned; /* assigned: by the router, in the same transaction */
    struct case_clocks clocks;
    int first_unit;   /* 0: nobody has it yet */
    struct str flags; /* words with commas */
};

/* What goes into the record of an opening act (core/proof.h). */
struct opening_act {
    u8 salt[PROOF_SALT], words[HASH_BYTES], hash[HASH_BYTES];
};

/* One submission on its way. Everything it points to is in its arena. */
struct item {
    struct list node;
    struct arena arena;
    struct submission s;
    u64 id, case_id, act_id, outbox_id; /* act_id + 1 is the router's assigning act */
    instant arrived, waiting_since;     /* wall clock; monotonic */
    char receipt[17];
    u8 receipt_hash[32], body_digest[32];
    struct str clean, masked, contact, decision, event;
    struct owed_row owed; /* the acknowledgement; outbox_id 0: none */
    int unit, hidden;     /* who may see its event */
    u8 service_hash[32];  /* of s.service, when there is one (ratings.h) */
    u8 person[32];        /* of contact or sender, when `findable` */
    u8 tail[32];          /* of its last four digits; the first half is stored */
    bool confidential, opens_case, acknowledge, findable;
    bool to_seal, english;  /* a report whose words are sealed; which language its sender is answered in */
    struct str plain_key;   /* of the door, of a sealed one: asked for, never stored */
    struct item_seal *seal; /* how that went; NULL: not sealed */
    struct opening opening;
    u8 salt[16]; /* of the feedback */
    struct opening_act receive, assign;
    char receive_data[PROOF_RECEIVE_DATA_MAX];
    unsigned tries;
    bool alone; /* its batch failed: it goes by itself */
    struct intake *in;
    intake_done *done;
    void *arg;
};

struct batch {
    struct intake *in;
    struct list items;
    size_t n;
};

/* Fills an item from a submission that passed submission_check. REFUSE_NONE, or why not; the register must be
 * ready. acknowledge: an SMS with the receipt is owed to the sender. */
enum refusal item_make(struct gateway *g, struct item *it, const struct submission *s,
                       bool acknowledge) MUST_CHECK;
/* What comes of an item whose words are where they stay: contact, acknowledgement, the record. item_make has done it unless to_seal. */
void item_bind(struct gateway *g, struct item *it);
/* New ids, and with them a new receipt and whatever is bound to an id. Never for a sealed one. */
void item_renumber(struct gateway *g, struct item *it);

/* Parameters of the two statements; each runs over the batch's items in order. */
struct db_params *store_params(const struct batch *b);
struct db_params *store_repeat_params(const struct batch *b); /* ord counts from 0 */

/* Rows that only some submissions bring, beside their feedback and in its transaction: one statement each, sent when an
 * item of the batch wants it. Its arrays have one element for each such item, in order. The statement joins feedback by id, so
 * that a repeat leaves nothing, and says on conflict do nothing, for a batch whose outcome was unknown comes again. It runs
 * behind the store, under the lock of event_head: it only inserts, and waits for nobody. */
struct intake_more {
    const struct db_stmt *stmt;
    bool (*wanted)(const struct item *it);
    struct db_params *(*params)(const struct batch *b); /* walks the items that are wanted */
};
void intake_more_add(struct db_call *c, const struct batch *b);
/* One column of such a statement: `put` for each item `it` of the batch that is wanted. */
#define MORE_EACH(b, wanted, it)                                                                             \
    LIST_EACH(&(b)->items, node_##it)                                                                        \
    for (struct item *it = LIST_OF(node_##it, struct item, node); it && wanted(it); it = NULL)
#define MORE_COLUMN(p, type, b, wanted, it, put)                                                             \
    do {                                                                                                     \
        size_t n_##it = 0;                                                                                   \
        MORE_EACH(b, wanted, it) { n_##it++; }                                                               \
        db_array_begin((p), (type), n_##it);                                                                 \
        MORE_EACH(b, wanted, it) { put; }                                                                    \
        db_array_end(p);                                                                                     \
    } while (0)

/* intake_seal.c: reports. item_hide: receipt, key and digest that nobody can compute later; part of item_make. item_seal: the rest on the
 * pool, then done(it, good) once; false when it did not start. Until then the words are in the item, afterwards in its body alone. */
#define SEALED_WORDS "（举报内容已加密，仅限有权人员凭密钥查看）"
void item_hide(struct gateway *g, struct item *it);
bool item_seal(struct gateway *g, struct item *it, void (*done)(struct item *it, bool good)) MUST_CHECK;
void item_seal_free(struct item *it);
extern const struct intake_more intake_files; /* media_keep.c: s.files become the feedback's */
extern const struct db_stmt stmt_media_bind_feedback;
extern const struct intake_more intake_sealed;
extern const struct db_stmt stmt_intake_sealed;

/* citizen_enterprise.c: visits asked for by an enterprise's code. */
extern const struct intake_more intake_bookings;
extern const struct db_stmt stmt_intake_bookings;

/* intake_guard.c: challenges that were used up, and marks. */
extern const struct intake_more intake_pow, intake_marks;
extern const struct db_stmt stmt_intake_pow, stmt_intake_marks;

/* intake_position.c: where it is, and which open case was chosen as the same. */
extern const struct intake_more intake_places, intake_joins;
extern const struct db_stmt stmt_intake_places, stmt_intake_joins;

/* intake_entry.c: who of the office wrote it down. */
extern const struct intake_more intake_entries;
extern const struct db_stmt stmt_intake_entries;

/* intake_contacts.c: telephone numbers under a keyed hash, by which a lost receipt is found. */
extern const struct intake_more intake_contacts, intake_tails;
extern const struct db_stmt stmt_intake_contacts, stmt_intake_tails;
