#include "outbox_part.h"
#include "metrics.h"
#include <stdlib.h>
#include <string.h>

struct receipt {
    i64 ref;
    char *provider_id, *error; /* never NULL */
    const char *state;
    bool found;
};

/* One push: matched with the messages it speaks of; what finds none is kept, for it may have been faster than the answer that
 * tells its id. */
struct receipts {
    struct gateway *g;
    char *channel;
    struct receipt *all;
    size_t n;
    void (*done)(void *arg, bool stored);
    void *arg;
};

static const char *delivery_state(enum delivery d)
{
    switch (d) {
    case DELIVERY_SENT:
        return "sent";
    case DELIVERY_DELIVERED:
        return "delivered";
    case DELIVERY_FAILED:
    case DELIVERY_EXPIRED:
        break;
    }
    return "failed";
}

static void finish(struct receipts *r, bool stored)
{
    r->done(r->arg, stored);
    for (size_t i = 0; i < r->n; i++) {
        free(r->all[i].provider_id);
        free(r->all[i].error);
    }
    free(r->all);
    free(r->channel);
    free(r);
}

static void kept(void *arg, enum db_end end, const struct db_result *const *results, int n,
                 const struct db_error *error)
{
    (void)results, (void)n, (void)error;
    finish(arg, end == DB_OK);
}

/* Only an id can find its message later: a reference that finds nothing now is none of ours. */
static bool keep_early(struct receipts *r)
{
    size_t early = 0;
    for (size_t i = 0; i < r->n; i++) early += !r->all[i].found && r->all[i].provider_id[0];
    if (early == 0) return false;
    struct db_call *c = db_call_new(kept, r);
    struct db_params *p = db_params_new(&stmt_outbox_keep_early);
    db_put_text(p, str_of(r->channel));
#define EARLY(value)                                                                                         \
    db_array_begin(p, DB_TEXT, early);                                                                       \
    for (size_t i = 0; i < r->n; i++) {                                                                      \
        const struct receipt *it = &r->all[i];                                                               \
        if (!it->found && it->provider_id[0]) db_put_text(p, str_of(value));                                 \
    }                                                                                                        \
    db_array_end(p)
    EARLY(it->provider_id);
    EARLY(it->state);
    EARLY(it->error);
#undef EARLY
    db_call_add(c, &stmt_outbox_keep_early, p);
    if (!db_call_send(r->g->lane_outbox, c)) finish(r, false);
    return true;
}

static void received(void *arg, enum db_end end, const struct db_result *const *results, int n,
                     const struct db_error *error)
{
    struct receipts *r = arg;
    (void)n, (void)error;
    if (end != DB_OK) {
        finish(r, false);
        return;
    }
    for (int i = 0; i < db_rows(results[0]); i++) {
        i64 place = db_get_i64(results[0], i, 0);
        if (place >= 1 && place <= (i64)r->n) r->all[place - 1].found = true;
    }
    for (size_t i = 0; i < r->n; i++)
        if (r->all[i].found)
            COUNT(OUTBOX_RECEIPTS);
        else
            COUNT(OUTBOX_RECEIPTS_STRANGE);
    if (!keep_early(r)) finish(r, true);
}

void outbox_receipts(struct gateway *g, struct str channel, const struct receipt_report *reports, size_t n,
                     void (*done)(void *arg, bool stored), void *arg)
{
    struct receipts *r = MEM_NEW(struct receipts);
    *r = (struct receipts){
        .g = g, .channel = mem_copy(channel.p, channel.n), .n = n, .done = done, .arg = arg};
    r->all = mem_alloc((n + 1) * sizeof *r->all);
    for (size_t i = 0; i < n; i++) {
        const struct receipt_report *from = &reports[i];
        struct str id = from->provider_id, error = from->error_code;
        u64 ref;
        r->all[i] = (struct receipt){
            .ref = str_u64(from->client_ref, INT64_MAX, &ref) ? (i64)ref : 0,
            .provider_id = outbox_visible(id, OUTBOX_ID_MAX),
            .error = outbox_code(error),
            .state = delivery_state(receipt_delivery(from)),
        };
    }
    struct db_call *c = db_call_new(received, r);
    struct db_params *p = db_params_new(&stmt_outbox_receive);
    db_put_text(p, channel);
    db_array_begin(p, DB_INT8, n);
    for (size_t i = 0; i < n; i++) db_put_i64(p, r->all[i].ref);
    db_array_end(p);
#define TEXTS(member)                                                                                        \
    db_array_begin(p, DB_TEXT, n);                                                                           \
    for (size_t i = 0; i < n; i++) db_put_text(p, str_of(r->all[i].member));                                 \
    db_array_end(p)
    TEXTS(provider_id);
    TEXTS(state);
    TEXTS(error);
#undef TEXTS
    db_call_add(c, &stmt_outbox_receive, p);
    if (!db_call_send(g->lane_outbox, c)) finish(r, false);
}
