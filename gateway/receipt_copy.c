#include "receipt_copy.h"
#include "ids.h"
#include "messages.h"
#include "metrics.h"
#include "outbox.h"
#include "base/code.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COPIES       2 /* SMS for one receipt, ever */
#define NUMBER_EVERY SPAN_H(8)
#define NUMBER_BURST 3 /* to one number in a day, whatever receipts */

/* The first of the keys that is not taken: so many messages, whoever asks and wherever. Neither the number's hash nor the feedback stand
 * in the row (schema/0023_status.sql). */
const struct db_stmt stmt_slip_copy = {
    "slip_copy",
    "insert into outbox (id, created_at, channel, recipient, body, body_form, dedupe_key, due_at, purpose, event) "
    "select $1, now(), $2, $3, $4, 1, k, now(), 'answer', 'receipt_copy' from unnest($5) k "
    "where not exists (select from outbox o where o.dedupe_key = k) limit 1 on conflict do nothing",
    5,
    {DB_INT8, DB_TEXT, DB_BYTEA, DB_BYTEA, DB_TEXTS}};

struct copying {
    struct gateway *g;
    receipt_copied *done;
    void *arg;
};

bool receipt_copy_may(const struct gateway *g)
{
    return messages_reach(g, str_of(g->cfg.receipt_channel), STR("+86"));
}

static void owed(void *arg, enum db_end end, const struct db_result *const *results, int n,
                 const struct db_error *error)
{
    struct copying *w = arg;
    (void)n, (void)error;
    const bool sent = end == DB_OK && db_affected(results[0]) == 1;
    if (sent) outbox_wake(w->g);
    if (sent) COUNT(RECEIPT_COPIES);
    w->done(w->arg, sent ? REFUSE_NONE : end == DB_OK ? REFUSE_TOO_MANY : REFUSE_UNAVAILABLE, SPAN_US(0));
    free(w);
}

/* Limits by number live in memory, under a key that dies with the process: the number itself is kept nowhere. */
static bool number_may(struct gateway *g, const char *phone, span *wait_r)
{
    u64 h = g->address_key ^ 0x636f7079u;
    for (const char *c = phone; *c; c++) h = (h ^ (u8)*c) * 0x100000001b3u;
    h ^= h >> 29;
    const struct bucket_rate rate = {NUMBER_EVERY, NUMBER_BURST};
    *wait_r = bucket_table_take(&g->status_rate, h | 1, clock_monotonic(), rate);
    return wait_r->us == 0;
}

static void copy_key(const struct gateway *g, const char *receipt, int which, char out[40])
{
    u8 mac[32];
    char n = (char)('0' + which);
    const struct str parts[] = {STR("receipt copy"), str_of(receipt), {&n, 1}};
    struct text t;
    crypto_mac(g->keys, KEY_DEDUPE, parts, ARRAY_LEN(parts), mac);
    text_init(&t, 40);
    text_addz(&t, "copy:");
    hex_put(&t, mac, 16);
    snprintf(out, 40, "%s", text_z(&t));
    text_free(&t);
}

void receipt_copy_send(struct gateway *g, const char receipt[RECEIPT_DIGITS + 1], const char phone[PHONE_MAX],
                       bool english, receipt_copied *done, void *arg)
{
    span wait;
    char grouped[20], key[40];
    struct owed_row row;
    struct arena arena;
    if (!receipt_copy_may(g)) {
        done(arg, REFUSE_UNAVAILABLE, SPAN_US(0));
        return;
    }
    if (!number_may(g, phone, &wait)) {
        done(arg, REFUSE_TOO_MANY, wait);
        return;
    }
    receipt_group(receipt, grouped);
    const struct message_value value = {"receipt", str_of(grouped)};
    const struct owed o = {.id = ids_next(g),
                           .channel = str_of(g->cfg.receipt_channel),
                           .to = str_of(phone),
                           .event = MESSAGE_RECEIPT_COPY,
                           .values = &value,
                           .n_values = 1,
                           .english = english};
    struct copying *w = MEM_NEW(struct copying);
    *w = (struct copying){g, done, arg};
    arena_init(&arena, 256 * 1024);
    struct db_call *c = NULL;
    if (messages_seal(g, &o, &arena, &row)) {
        struct db_params *p = db_params_new(&stmt_slip_copy);
        c = db_call_new(owed, w);
        db_put_i64(p, (i64)o.id);
        db_put_text(p, o.channel);
        db_put_bytes(p, row.recipient);
        db_put_bytes(p, row.body);
        db_array_begin(p, DB_TEXT, COPIES);
        for (int i = 0; i < COPIES; i++) {
            copy_key(g, receipt, i, key);
            db_put_text(p, str_of(key));
        }
        db_array_end(p);
        db_call_add(c, &stmt_slip_copy, p);
    }
    arena_free(&arena);
    if (c && db_call_send(g->lane_public, c)) return;
    free(w);
    done(arg, REFUSE_UNAVAILABLE, SPAN_US(0));
}
