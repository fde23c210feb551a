#include "intake_part.h"
#include "ids.h"
#include "keymark.h"
#include "metrics.h"
#include "outbox.h"
#include "register.h"
#include "sealed.h"
#include "base/log.h"
#include <stdlib.h>
#include <string.h>

#define SINGLE_TRIES 4         /* of one item alone, before it is refused as an error of ours */
#define WAIT_FOR_DB  SPAN_S(2) /* unsent items wait this long for a lost database to come back */
#define SWEEP_EVERY  SPAN_MS(250)

struct intake {
    struct gateway *g;
    struct list queue;
    size_t n_queue;
    size_t n_sealing;  /* on the pool, soon in the queue */
    struct batch *out; /* in flight; NULL: none */
    struct timer sweep;
    bool closing;
};

static void flush(void *arg);

static void tell(struct item *it, enum refusal r, bool repeated)
{
    struct intake_result result = {.refusal = r,
                                   .repeated = repeated,
                                   .feedback_id = it->id,
                                   .report = it->confidential,
                                   .case_id = it->opens_case ? it->case_id : 0};
    if (r == REFUSE_NONE) memcpy(result.receipt, it->receipt, sizeof result.receipt);
    if (r == REFUSE_UNAVAILABLE) result.retry = SPAN_S(5);
    it->done(it->arg, &result);
}

static void item_free(struct item *it)
{
    item_seal_free(it);
    arena_free(&it->arena);
    free(it);
}

static void refuse(struct item *it, enum refusal r)
{
    tell(it, r, false);
    item_free(it);
}

static void queue(struct intake *in, struct item *it)
{
    list_push(&in->queue, &it->node);
    in->n_queue++;
    loop_wake(in->g->loop); /* the end of this turn sends it */
}

static void have_sealed(struct item *it, bool good)
{
    struct intake *in = it->in;
    in->n_sealing--;
    if (in->closing || !good) {
        refuse(it, REFUSE_UNAVAILABLE);
    } else {
        item_bind(in->g, it);
        queue(in, it);
    }
}

void intake_submit(struct gateway *g, const struct submission *s, bool acknowledge, intake_done *done,
                   void *arg)
{
    struct intake *in = g->intake;
    struct item *it = MEM_NEW(struct item);
    it->done = done;
    it->arg = arg;
    arena_init(&it->arena, 4u << 20);
    enum refusal r = submission_check(s);
    if (r != REFUSE_NONE) {
        refuse(it, r);
        return;
    }
    if (in->closing || !g->key_right || !register_ready(g) || !sealed_known(g) || !ids_ready(g) ||
        !db_lane_up(g->lane_intake) || in->n_queue + in->n_sealing >= (size_t)g->cfg.intake_queue) {
        refuse(it, REFUSE_UNAVAILABLE);
        return;
    }
    r = item_make(g, it, s, acknowledge);
    if (r != REFUSE_NONE) {
        refuse(it, r);
        return;
    }
    it->in = in;
    if (!it->to_seal) {
        queue(in, it);
    } else if (item_seal(g, it, have_sealed)) {
        in->n_sealing++;
    } else {
        refuse(it, REFUSE_UNAVAILABLE);
    }
}

/* --- the batch --- */

static void stored(struct intake *in, struct item *it, bool repeated)
{
    struct gateway *g = in->g;
    count_latency(instant_sub(clock_monotonic(), it->waiting_since));
    if (repeated)
        COUNT(INTAKE_REPEATS);
    else
        count_stored(it->s.door, it->s.nature);
    if (it->outbox_id && !repeated) outbox_wake(g);
    tell(it, REFUSE_NONE, repeated);
    item_free(it);
}

/* Items that turned out to be repeats get the answer of the first. */
static void have_repeats(void *arg, enum db_end end, const struct db_result *const *results, int n,
                         const struct db_error *error)
{
    struct batch *b = arg;
    struct intake *in = b->in;
    struct gateway *g = in->g;
    (void)n, (void)error;
    int at = 0;
    for (struct list *node; (node = list_pop(&b->items)) != NULL; at++) {
        struct item *it = LIST_OF(node, struct item, node);
        int row = -1;
        for (int i = 0; end == DB_OK && i < db_rows(results[0]); i++)
            if (db_get_i64(results[0], i, 0) == at) row = i;
        if (row < 0) {
            refuse(it, REFUSE_UNAVAILABLE);
            continue;
        }
        u64 first = (u64)db_get_i64(results[0], row, 1);
        struct str body = db_get_text(results[0], row, 3);
        if (first != it->id && (body.n != 32 || !crypto_same(body.p, it->body_digest, 32))) {
            refuse(it, REFUSE_KEY_REUSED);
            continue;
        }
        bool repeated =
            first != it->id; /* its own row: the commit had gone through before the connection broke */
        it->id = first;
        it->case_id = (u64)db_get_i64(results[0], row, 2);
        it->opens_case = it->case_id != 0;
        if (!it->to_seal) receipt_of_feedback(g, first, it->receipt);
        stored(in, it, repeated);
    }
    free(b);
}

static void ask_repeats(struct intake *in, struct batch *b)
{
    struct db_call *c = db_call_new(have_repeats, b);
    db_call_add(c, &stmt_intake_repeats, store_repeat_params(b));
    if (db_call_send(in->g->lane_public, c)) return;
    for (struct list *node; (node = list_pop(&b->items)) != NULL;)
        refuse(LIST_OF(node, struct item, node), REFUSE_UNAVAILABLE);
    free(b);
}

/* Back to the head of the queue, in their order. */
static void requeue(struct intake *in, struct batch *b, bool alone)
{
    while (!list_empty(&b->items)) {
        struct list *node = b->items.prev;
        struct item *it = LIST_OF(node, struct item, node);
        list_remove(node);
        it->alone |= alone;
        node->next = in->queue.next; /* push in front */
        node->prev = &in->queue;
        in->queue.next->prev = node;
        in->queue.next = node;
        in->n_queue++;
    }
    free(b);
}

/* What the statements of intake_more.c refuse by a code of their own. */
static enum refusal refused_by(const struct db_error *e)
{
    static const struct {
        const char *state, *constraint;
        enum refusal r;
    } all[] = {{"MSD90", "", REFUSE_SERVICE_OVER},
               {"MSD91", "", REFUSE_RATED_BEFORE},
               {"MSD62", "", REFUSE_KEY_REUSED},
               {"23505", "ratings_once_service", REFUSE_RATED_BEFORE},
               {"23505", "ratings_once_matter", REFUSE_RATED_BEFORE}};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        if (strcmp(e->sqlstate, all[i].state) == 0 && strcmp(e->constraint, all[i].constraint) == 0)
            return all[i].r;
    return REFUSE_NONE;
}

static void batch_failed(struct intake *in, struct batch *b, const struct db_error *e)
{
    struct item *it = LIST_OF(b->items.next, struct item, node);
    if (b->n > 1) {
        log_line(LOG_WARNING, LOG_INTAKE, "batch failed, its items go one by one",
                 "items=%zu sqlstate=%s constraint=%s", b->n, e->sqlstate, e->constraint);
        count_add(COUNT_INTAKE_RETRIED_SINGLY, b->n);
        requeue(in, b, true);
        return;
    }
    it->tries++;
    if (strcmp(e->constraint, "feedback_receipt_hash_key") == 0 && it->tries < SINGLE_TRIES) {
        /* Another receipt: this one is taken. A sealed one has no other: it met itself, and will be found as a repeat. */
        if (!it->to_seal) item_renumber(in->g, it);
        requeue(in, b, true);
    } else if (refused_by(e) != REFUSE_NONE) {
        list_remove(&it->node);
        refuse(it, refused_by(e));
        free(b);
    } else if (strcmp(e->constraint, "pow_used_pkey") == 0) {
        list_remove(&it->node);
        refuse(it, REFUSE_PROVE); /* another submission was let in by this challenge */
        free(b);
    } else if (db_passing(e) && it->tries < SINGLE_TRIES) {
        requeue(in, b, true);
    } else {
        log_line(LOG_ERROR, LOG_INTAKE, "submission not stored", "sqlstate=%s constraint=%s text=\"%s\"",
                 e->sqlstate, e->constraint, e->message);
        list_remove(&it->node);
        refuse(it, db_passing(e) ? REFUSE_UNAVAILABLE : REFUSE_INTERNAL);
        free(b);
    }
}

static void batch_stored(struct intake *in, struct batch *b, const struct db_result *fresh)
{
    struct batch *repeats = NULL;
    int rows = db_rows(fresh);
    COUNT(INTAKE_BATCHES);
    count_add(COUNT_INTAKE_BATCH_ITEMS, (u64)rows);
    for (struct list *node; (node = list_pop(&b->items)) != NULL;) {
        struct item *it = LIST_OF(node, struct item, node);
        bool is_fresh = rows == (int)b->n;
        for (int i = 0; !is_fresh && i < rows; i++) is_fresh = (u64)db_get_i64(fresh, i, 0) == it->id;
        if (is_fresh) {
            stored(in, it, false);
            continue;
        }
        if (!repeats) {
            repeats = MEM_NEW(struct batch);
            repeats->in = in;
            list_init(&repeats->items);
        }
        list_push(&repeats->items, &it->node);
        repeats->n++;
    }
    free(b);
    if (repeats) ask_repeats(in, repeats);
}

static void batch_done(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct batch *b = arg;
    struct intake *in = b->in;
    (void)n;
    in->out = NULL;
    if (end == DB_OK) {
        /* The next batch goes out before this one is answered: the database works while we write. */
        flush(in);
        batch_stored(in, b, results[0]);
    } else if (end == DB_LOST) {
        log_line(LOG_WARNING, LOG_INTAKE, "connection lost with a batch out; it is sent again", "items=%zu",
                 b->n);
        count_add(COUNT_INTAKE_UNKNOWN, b->n);
        requeue(in, b, false);
    } else {
        batch_failed(in, b, error);
    }
}

static void flush(void *arg)
{
    struct intake *in = arg;
    if (in->out || in->n_queue == 0 || !db_lane_up(in->g->lane_intake)) return;
    struct batch *b = MEM_NEW(struct batch);
    b->in = in;
    list_init(&b->items);
    while (!list_empty(&in->queue) && b->n < (size_t)in->g->cfg.intake_batch) {
        struct item *it = LIST_OF(in->queue.next, struct item, node);
        if (it->alone && b->n > 0) break;
        list_remove(&it->node);
        list_push(&b->items, &it->node);
        in->n_queue--;
        b->n++;
        if (it->alone) break;
    }
    struct db_call *c = db_call_new(batch_done, b);
    db_call_add(c, &stmt_intake_store, store_params(b));
    intake_more_add(c, b);
    TRACE(INTAKE, "batch out", "items=%zu waiting=%zu", b->n, in->n_queue);
    in->out = b;
    if (!db_call_send(in->g->lane_intake, c)) {
        in->out = NULL;
        requeue(in, b, false);
    }
}

/* Items that were never sent while the database is away are refused: nothing of them is stored, so "not submitted" is true.
 * Items whose outcome is unknown stay; their peer is told 503 by the web part and may ask again with the same key. */
static void sweep_fires(struct timer *t)
{
    struct intake *in = t->arg;
    instant now = clock_monotonic();
    timer_set(in->g->loop, t, SWEEP_EVERY);
    keymark_check(in->g);
    (void)ids_ready(in->g); /* asks for the first block once the database is up: nobody's submission has to */
    flush(in);
    if (db_lane_up(in->g->lane_intake)) return;
    LIST_EACH(&in->queue, node)
    {
        struct item *it = LIST_OF(node, struct item, node);
        if (now.us - it->waiting_since.us < WAIT_FOR_DB.us) continue;
        list_remove(&it->node);
        in->n_queue--;
        refuse(it, REFUSE_UNAVAILABLE);
    }
}

struct intake *intake_new(struct gateway *g)
{
    struct intake *in = MEM_NEW(struct intake);
    in->g = g;
    list_init(&in->queue);
    in->sweep = (struct timer){.fire = sweep_fires, .arg = in};
    timer_set(g->loop, &in->sweep, SWEEP_EVERY);
    loop_on_turn_end(g->loop, flush, in);
    return in;
}

void intake_free(struct intake **inp)
{
    struct intake *in = *inp;
    if (!in) return;
    in->closing = true;
    while (in->n_sealing) (void)loop_turn(in->g->loop); /* the pool ends what it began */
    ASSERT(!in->out);                                   /* db_free has ended every call before */
    timer_stop(&in->sweep);
    for (struct list *node; (node = list_pop(&in->queue)) != NULL;)
        refuse(LIST_OF(node, struct item, node), REFUSE_UNAVAILABLE);
    free(in);
    *inp = NULL;
}

size_t intake_waiting(const struct intake *in)
{
    return in->n_queue + in->n_sealing + (in->out ? in->out->n : 0);
}
