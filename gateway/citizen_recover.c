/* "/status/lost": somebody has lost a receipt and left a telephone number. Whatever number is typed, the answer is the same bytes at
 * the same time: it is given before anything is looked up. If the number was left with a matter of the last year, its receipts go
 * to that very number by SMS. Reports are never found here; the page sends those who reported to 追责问责组 in person, which it
 * says to everybody. */
#include "citizen_part.h"
#include "ids.h"
#include "intake.h"
#include "messages.h"
#include "metrics.h"
#include "outbox.h"
#include "base/code.h"
#include "base/log.h"
#include "core/conversation.h"
#include "core/receipt.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOST_PURPOSE "lost"
#define LOST_TOKENS  3
#define LOST_ARENA   (1u << 20)
#define RECEIPTS_MAX 3 /* of one SMS, newest first */

/* Nothing when that number was answered so often today: the limit holds over all gateways. */
const struct db_stmt stmt_recover_find = {
    "recover_find",
    "select f.id, f.receipt_hash, coalesce(left(f.words, 300), ''), "
    "(select count(*) from outbox o where o.recipient_hash = $1 and o.purpose = 'answer' and o.event = 'receipts_lost' "
    "  and (o.created_at at time zone 'Asia/Shanghai')::date = (now() at time zone 'Asia/Shanghai')::date), "
    "(now() at time zone 'Asia/Shanghai')::date::text from feedback_contacts p join feedback f on f.id = p.feedback_id "
    "left join cases c on c.id = f.case_id where p.person = $1 and f.received_at > now() - interval '1 year' "
    "and not coalesce(c.confidential, false) and f.nature_said is distinct from 'report' "
    "and not exists (select from sealed_reports s where s.feedback_id = f.id) "
    "and (select count(*) from outbox o where o.recipient_hash = $1 and o.purpose = 'answer' and o.event = 'receipts_lost' "
    "  and o.created_at > now() - interval '1 day') < 2 "
    "order by f.received_at desc limit 3",
    1,
    {DB_BYTEA}};

static void show(struct gateway *g, u64 ticket, enum lang lang, struct str phone, enum refusal r, span retry,
                 bool sent)
{
    struct page p;
    char token[FORM_TOKEN_MAX];
    int status = 200;
    page_open(&p, g, ticket, lang, STR("/status/lost"));
    page_put(&p, "title", page_word(&p, "lost_title"));
    page_flag(&p, "sent", sent);
    if (!sent) {
        form_token_make(g->keys, STR(""), STR(LOST_PURPOSE), clock_now(), token);
        page_copy(&p, "token", str_of(token));
        if (phone.n <= 100) page_copy(&p, "phone", phone);
        page_flag(&p, "can_send", messages_reach(g, str_of(g->cfg.receipt_channel), STR("+86")));
    }
    if (r != REFUSE_NONE) status = page_refuse(&p, r);
    if (r == REFUSE_CONTACT_BAD) page_put(&p, "error", page_word(&p, "phone_bad"));
    page_send(&p, PAGE_LOST, status, retry);
}

/* --- behind the answer --- */

struct recovering {
    struct gateway *g;
    char phone[PHONE_MAX];
    u8 person[32];
};

static void recovering_free(struct recovering *w)
{
    crypto_wipe(w, sizeof *w);
    free(w);
}

/* Of the n-th message to that number on that day: of many who ask at the same moment one is answered, whichever gateway they ask. */
static void put_key(const struct recovering *w, u64 n, struct str day, struct text *out)
{
    char which[24];
    u8 mac[32];
    snprintf(which, sizeof which, "%llu", (unsigned long long)n);
    const struct str parts[] = {
        STR("lost receipts"), {(const char *)w->person, sizeof w->person}, day, str_of(which)};
    crypto_mac(w->g->keys, KEY_DEDUPE, parts, ARRAY_LEN(parts), mac);
    text_addz(out, "lost:");
    hex_put(out, mac, 16);
}

static void owed(void *arg, enum db_end end, const struct db_result *const *results, int n,
                 const struct db_error *error)
{
    struct gateway *g = arg;
    (void)n;
    if (end == DB_OK && db_affected(results[0]) > 0) { /* else another one of the same moment was faster */
        COUNT(RECEIPTS_RECOVERED);
        outbox_wake(g);
    } else if (end != DB_OK) {
        log_line(LOG_ERROR, LOG_WEB, "lost receipts not owed", "sqlstate=%s", error ? error->sqlstate : "");
    }
}

static void have_receipts(void *arg, enum db_end end, const struct db_result *const *results, int n,
                          const struct db_error *error)
{
    struct recovering *w = arg;
    struct gateway *g = w->g;
    struct text list, key;
    bool english = false;
    (void)n;
    if (end != DB_OK)
        log_line(LOG_ERROR, LOG_WEB, "lost receipts not read", "sqlstate=%s", error ? error->sqlstate : "");
    text_init(&list, 200);
    text_init(&key, 64);
    for (int i = 0; end == DB_OK && i < db_rows(results[0]); i++) {
        char receipt[17], grouped[20];
        u8 hash[32];
        struct str kept = db_get_text(results[0], i, 1);
        receipt_of_feedback(g, (u64)db_get_i64(results[0], i, 0), receipt);
        receipt_hash(g, receipt, hash);
        if (kept.n != sizeof hash || !crypto_same(kept.p, hash, sizeof hash)) continue;
        receipt_group(receipt, grouped);
        english = talk_english(db_get_text(results[0], i, 2));
        text_addf(&list, "%s%s", list.n ? "，" : "", grouped);
    }
    if (list.n) {
        const struct message_value value = {"receipts", text_str(&list)};
        put_key(w, (u64)db_get_i64(results[0], 0, 3), db_get_text(results[0], 0, 4), &key);
        const struct owed o = {.id = ids_next(g),
                               .channel = str_of(g->cfg.receipt_channel),
                               .to = str_of(w->phone),
                               .event = MESSAGE_RECEIPTS_LOST,
                               .values = &value,
                               .n_values = 1,
                               .english = english,
                               .dedupe_key = text_str(&key)};
        struct db_call *c = db_call_new(owed, g);
        if (!messages_owe(g, c, &o))
            db_call_drop(&c);
        else if (!db_call_send(g->lane_public, c))
            log_line(LOG_ERROR, LOG_WEB, "lost receipts not owed", "sqlstate=%s", "");
    }
    text_free(&list);
    text_free(&key);
    recovering_free(w);
}

static void search(struct gateway *g, const char phone[PHONE_MAX])
{
    struct recovering *w = MEM_NEW(struct recovering);
    *w = (struct recovering){.g = g};
    memcpy(w->phone, phone, sizeof w->phone);
    messages_person(g, str_of(w->phone), w->person);
    struct db_call *c = db_call_new(have_receipts, w);
    struct db_params *p = db_params_new(&stmt_recover_find);
    db_put_bytes(p, (struct str){(const char *)w->person, sizeof w->person});
    db_call_add(c, &stmt_recover_find, p);
    if (!db_call_send(g->lane_public, c)) recovering_free(w);
}

void recover_take(struct gateway *g, u64 ticket, const struct http_in *in)
{
    struct arena arena;
    struct webform form;
    char phone[PHONE_MAX] = "", key[FORM_KEY_MAX];
    instant issued;
    span wait = SPAN_US(0);
    if (!str_eq(in->method, STR("POST"))) {
        show(g, ticket, reply_lang(in), STR_NONE, REFUSE_NONE, wait, false);
        return;
    }
    arena_init(&arena, LOST_ARENA);
    enum refusal r = form_acceptable(g, in, &form);
    struct str typed = webform_get(&form, &arena, "phone");
    if (r == REFUSE_NONE && !form_token_check(g->keys, webform_get(&form, &arena, "token"), STR(""),
                                              STR(LOST_PURPOSE), in->at, key, &issued))
        r = REFUSE_FORM_EXPIRED;
    if (r == REFUSE_NONE && !phone_normalise(typed, phone)) r = REFUSE_CONTACT_BAD;
    if (r == REFUSE_NONE && !messages_reach(g, str_of(g->cfg.receipt_channel), str_of(phone)))
        r = REFUSE_UNAVAILABLE;
    if (r == REFUSE_NONE &&
        !gateway_rate(g, &g->status_rate, in->peer, g->cfg.status_per_minute, LOST_TOKENS, &wait))
        r = REFUSE_TOO_MANY;
    /* The answer first: it cannot depend on what is found, nor can its time. */
    show(g, ticket, reply_lang(in), typed, r, wait, r == REFUSE_NONE);
    if (r == REFUSE_NONE) search(g, phone);
    arena_free(&arena);
}
