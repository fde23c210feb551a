/* What stands by a new receipt, so that nobody goes past it: the slip to take home, and the code by SMS to a number that is then
 * forgotten. A slip of a report names no unit and does not say what it is of (promise P4). The receipt comes by a form and
 * stands in no address. */
#include "citizen_part.h"
#include "ids.h"
#include "intake.h"
#include "messages.h"
#include "metrics.h"
#include "outbox.h"
#include "base/code.h"
#include "base/log.h"
#include "core/receipt.h"
#include "qr/slip.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLIP_PURPOSE "slip"
#define COPY_PURPOSE "copy"
#define COPIES       2 /* SMS for one receipt, ever */
#define NUMBER_EVERY SPAN_H(8)
#define NUMBER_BURST 3 /* to one number in a day, whatever receipts */
#define COPY_TOKENS  2 /* an SMS costs these beside the one of every form with a receipt */
#define SLIP_ARENA   (1u << 20)

const struct db_stmt stmt_slip_find = {
    "slip_find",
    "select f.receipt_hash, f.received_at, coalesce(f.plaque, ''), coalesce(c.confidential, false) or f.nature_said is not distinct from 'report', "
    "coalesce(left(f.words, 300), '') from feedback f left join cases c on c.id = f.case_id where f.receipt_hash = $1",
    1,
    {DB_BYTEA}};
/* The first of the keys that is not taken: so many messages, whoever asks and wherever. Neither the number's hash nor the feedback stand
 * in the row (schema/0023_status.sql). */
const struct db_stmt stmt_slip_copy = {
    "slip_copy",
    "insert into outbox (id, created_at, channel, recipient, body, body_form, dedupe_key, due_at, purpose, event) "
    "select $1, now(), $2, $3, $4, 1, k, now(), 'answer', 'receipt_copy' from unnest($5) k "
    "where not exists (select from outbox o where o.dedupe_key = k) limit 1 on conflict do nothing",
    5,
    {DB_INT8, DB_TEXT, DB_BYTEA, DB_BYTEA, DB_TEXTS}};

/* --- on the page --- */

static bool can_send(const struct gateway *g)
{
    return messages_reach(g, str_of(g->cfg.receipt_channel), STR("+86"));
}

void receipt_put(struct page *p, const char receipt[17])
{
    char grouped[20], token[FORM_TOKEN_MAX];
    receipt_group(receipt, grouped);
    page_copy(p, "receipt", str_of(receipt));
    page_copy(p, "receipt_grouped", str_of(grouped));
    form_token_make(p->g->keys, str_of(receipt), STR(SLIP_PURPOSE), clock_now(), token);
    page_copy(p, "token_slip", str_of(token));
    page_flag(p, "may_copy", can_send(p->g));
    form_token_make(p->g->keys, str_of(receipt), STR(COPY_PURPOSE), clock_now(), token);
    page_copy(p, "token_copy", str_of(token));
}

/* --- a form with a receipt: judged, then the receipt is looked up --- */

struct slipping {
    struct gateway *g;
    u64 ticket;
    enum lang lang;
    struct arena arena;
    char receipt[RECEIPT_DIGITS + 1], phone[PHONE_MAX];
    u8 hash[32];
    struct str peer;
    bool copy; /* by SMS, else the slip */
    enum slip_format format;
    struct slip slip;
    struct text out;
    bool good;
    const char *error;
};

static void slipping_free(struct slipping *s)
{
    text_free(&s->out);
    arena_free(&s->arena);
    crypto_wipe(s, sizeof *s);
    free(s);
}

/* The page with the receipt again, and what came of it. */
static void show(struct slipping *s, enum refusal r, span retry, const char *notice)
{
    struct page p;
    int status = 200;
    page_open(&p, s->g, s->ticket, s->lang, STR("/status"));
    page_put(&p, "title", page_word(&p, "slip_title"));
    receipt_put(&p, s->receipt);
    if (notice) page_put(&p, "notice", page_word(&p, notice));
    if (r != REFUSE_NONE) status = page_refuse(&p, r);
    if (r == REFUSE_CONTACT_BAD) page_put(&p, "error", page_word(&p, "phone_bad"));
    page_flag(&p, "bad_phone", r == REFUSE_CONTACT_BAD);
    page_send(&p, PAGE_SLIP, status, retry);
    slipping_free(s);
}

/* --- the slip --- */

static void draw(void *arg)
{
    struct slipping *s = arg;
    s->good = slip_print(&s->slip, s->format, &s->out, &s->error);
}

static void drawn(void *arg)
{
    static const struct {
        const char *type, *disposition;
    } facts[] = {[SLIP_PDF] = {"application/pdf", "attachment; filename=\"mashangdu.pdf\""},
                 [SLIP_PNG] = {"image/png", "attachment; filename=\"mashangdu.png\""}};
    struct slipping *s = arg;
    if (!s->good) {
        log_line(LOG_WARNING, LOG_WEB, "slip not drawn", "why=\"%s\"", s->error ? s->error : "");
        show(s, REFUSE_INTERNAL, SPAN_US(0), NULL);
        return;
    }
    const struct http_header h = {STR("content-disposition"), str_of(facts[s->format].disposition)};
    reply_file(s->g, s->ticket, 200, facts[s->format].type, text_str(&s->out), "no-store", &h, 1);
    slipping_free(s);
}

/* Words of the reader's language; they outlive the page that they come from. */
static struct str word(struct slipping *s, struct page *p, const char *key)
{
    return arena_str(&s->arena, page_word(p, key));
}

static void fill(struct slipping *s, const struct db_result *r)
{
    struct page p;
    struct text url;
    char day[INSTANT_TEXT_MAX];
    const struct unit *moved_to, *u = NULL;
    const bool neutral = db_get_bool(r, 0, 3);
    struct str plaque = db_get_text(r, 0, 2);
    const struct plaque_row *row = plaque.n ? register_plaque(s->g, plaque) : NULL;
    if (row) u = plaque_unit(s->g, row, &moved_to);
    text_init(&url, 1000);
    messages_status_link(s->g, &url);
    page_open(&p, s->g, s->ticket, s->lang, STR("/status"));
    s->slip = (struct slip){.title = word(s, &p, "slip_h"), .receipt = str_of(s->receipt)};
    s->slip.url = arena_str(&s->arena, text_str(&url));
    if (!neutral) {
        struct str on = {instant_text_china(db_get_instant(r, 0, 1), day), 10};
        page_copy(&p, "day", on);
        s->slip.facts[0] = u ? arena_str(&s->arena, u->name) : STR("");
        s->slip.facts[1] = word(s, &p, "slip_day");
    }
    s->slip.how[0] = word(s, &p, "slip_how_1");
    s->slip.how[1] = s->slip.url;
    s->slip.how[2] = word(s, &p, "slip_how_2");
    s->slip.how[3] = word(s, &p, "slip_how_3");
    s->slip.how[4] = word(s, &p, "slip_foot");
    arena_free(&p.arena);
    text_free(&url);
}

/* --- the code by SMS --- */

static void owed(void *arg, enum db_end end, const struct db_result *const *results, int n,
                 const struct db_error *error)
{
    struct slipping *s = arg;
    (void)n, (void)error;
    if (end != DB_OK) {
        show(s, REFUSE_UNAVAILABLE, SPAN_S(5), NULL);
        return;
    }
    const bool sent = db_affected(results[0]) == 1;
    if (sent) outbox_wake(s->g);
    if (sent) COUNT(RECEIPT_COPIES);
    show(s, sent ? REFUSE_NONE : REFUSE_TOO_MANY, SPAN_US(0), sent ? "copy_sent" : NULL);
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

static void copy_key(const struct slipping *s, int which, char out[40])
{
    u8 mac[32];
    char n = (char)('0' + which);
    const struct str parts[] = {STR("receipt copy"), str_of(s->receipt), {&n, 1}};
    struct text t;
    crypto_mac(s->g->keys, KEY_DEDUPE, parts, ARRAY_LEN(parts), mac);
    text_init(&t, 40);
    text_addz(&t, "copy:");
    hex_put(&t, mac, 16);
    snprintf(out, 40, "%s", text_z(&t));
    text_free(&t);
}

static void copy(struct slipping *s)
{
    span wait;
    char grouped[20], key[40];
    struct owed_row row;
    struct arena arena;
    if (!can_send(s->g)) {
        show(s, REFUSE_UNAVAILABLE, SPAN_US(0), NULL);
        return;
    }
    if (!number_may(s->g, s->phone, &wait)) {
        show(s, REFUSE_TOO_MANY, wait, NULL);
        return;
    }
    receipt_group(s->receipt, grouped);
    const struct message_value value = {"receipt", str_of(grouped)};
    const struct owed o = {.id = ids_next(s->g),
                           .channel = str_of(s->g->cfg.receipt_channel),
                           .to = str_of(s->phone),
                           .event = MESSAGE_RECEIPT_COPY,
                           .values = &value,
                           .n_values = 1,
                           .english = s->lang == LANG_EN};
    arena_init(&arena, 256 * 1024);
    struct db_call *c = NULL;
    if (messages_seal(s->g, &o, &arena, &row)) {
        struct db_params *p = db_params_new(&stmt_slip_copy);
        c = db_call_new(owed, s);
        db_put_i64(p, (i64)o.id);
        db_put_text(p, o.channel);
        db_put_bytes(p, row.recipient);
        db_put_bytes(p, row.body);
        db_array_begin(p, DB_TEXT, COPIES);
        for (int i = 0; i < COPIES; i++) {
            copy_key(s, i, key);
            db_put_text(p, str_of(key));
        }
        db_array_end(p);
        db_call_add(c, &stmt_slip_copy, p);
    }
    arena_free(&arena);
    if (!c || !db_call_send(s->g->lane_public, c)) show(s, REFUSE_UNAVAILABLE, SPAN_S(5), NULL);
}

static void found(void *arg, enum db_end end, const struct db_result *const *results, int n,
                  const struct db_error *error)
{
    struct slipping *s = arg;
    (void)n, (void)error;
    if (end != DB_OK) {
        show(s, REFUSE_UNAVAILABLE, SPAN_S(5), NULL);
        return;
    }
    const struct db_result *r = results[0];
    struct str hash = db_rows(r) == 1 ? db_get_text(r, 0, 0) : STR_NONE;
    if (hash.n != sizeof s->hash || !crypto_same(hash.p, s->hash, sizeof s->hash)) {
        status_wrong(s->g, s->ticket, s->lang, s->peer, str_of(s->receipt));
        slipping_free(s);
        return;
    }
    if (s->copy) {
        copy(s);
        return;
    }
    fill(s, r);
    text_init(&s->out, SLIP_BYTES_MAX);
    if (!loop_offload(s->g->loop, draw, drawn, s)) show(s, REFUSE_UNAVAILABLE, SPAN_S(2), NULL);
}

static void take(struct gateway *g, u64 ticket, const struct http_in *in, bool copy)
{
    struct slipping *s = MEM_NEW(struct slipping);
    struct webform form;
    char key[FORM_KEY_MAX];
    instant issued;
    span wait;
    *s = (struct slipping){.g = g, .ticket = ticket, .lang = reply_lang(in), .copy = copy};
    arena_init(&s->arena, SLIP_ARENA);
    text_init(&s->out, 1);
    if (!status_admit(g, ticket, in, &s->arena, &form, s->receipt)) {
        slipping_free(s);
        return;
    }
    s->peer = arena_str(&s->arena, in->peer);
    receipt_hash(g, s->receipt, s->hash);
    s->format = str_eq(webform_get(&form, &s->arena, "as"), STR("png")) ? SLIP_PNG : SLIP_PDF;
    if (!form_token_check(g->keys, webform_get(&form, &s->arena, "token"), str_of(s->receipt),
                          copy ? STR(COPY_PURPOSE) : STR(SLIP_PURPOSE), in->at, key, &issued)) {
        show(s, REFUSE_FORM_EXPIRED, SPAN_US(0), NULL);
        return;
    }
    if (copy && !phone_normalise(webform_get(&form, &s->arena, "phone"), s->phone)) {
        show(s, REFUSE_CONTACT_BAD, SPAN_US(0), NULL);
        return;
    }
    if (copy && !gateway_rate(g, &g->status_rate, in->peer, g->cfg.status_per_minute, COPY_TOKENS, &wait)) {
        show(s, REFUSE_TOO_MANY, wait, NULL);
        return;
    }
    struct db_call *c = db_call_new(found, s);
    struct db_params *p = db_params_new(&stmt_slip_find);
    db_put_bytes(p, (struct str){(const char *)s->hash, sizeof s->hash});
    db_call_add(c, &stmt_slip_find, p);
    if (!db_call_send(g->lane_public, c)) show(s, REFUSE_UNAVAILABLE, SPAN_S(5), NULL);
}

bool slip_route(struct gateway *g, u64 ticket, const struct http_in *in)
{
    const bool copy = str_eq(in->path, STR("/slip/send"));
    if (!copy && !str_eq(in->path, STR("/slip"))) return false;
    if (str_eq(in->method, STR("POST")))
        take(g, ticket, in, copy);
    else if (method_reads(in))
        reply_redirect(g, ticket, "/status"); /* somebody reloads the address: the receipt opens it again */
    else
        page_sorry(g, ticket, in, REFUSE_METHOD);
    return true;
}
