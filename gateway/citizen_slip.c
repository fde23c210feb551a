/* What stands by a new receipt, so that nobody goes past it: the slip to take home, and the code by SMS to a number that is then
 * forgotten. A slip of a report names no unit and does not say what it is of (promise P4). The receipt comes by a form and
 * stands in no address. */
#include "citizen_part.h"
#include "intake.h"
#include "messages.h"
#include "receipt_copy.h"
#include "base/code.h"
#include "base/log.h"
#include "core/receipt.h"
#include "qr/slip.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLIP_PURPOSE "slip"
#define COPY_PURPOSE "copy"
#define COPY_TOKENS  2 /* an SMS costs these beside the one of every form with a receipt */
#define SLIP_ARENA   (1u << 20)

const struct db_stmt stmt_slip_find = {
    "slip_find",
    "select f.receipt_hash, f.received_at, coalesce(f.plaque, ''), coalesce(c.confidential, false) or f.nature_said is not distinct from 'report', "
    "coalesce(left(f.words, 300), '') from feedback f left join cases c on c.id = f.case_id where f.receipt_hash = $1",
    1,
    {DB_BYTEA}};
/* --- on the page --- */

void receipt_put(struct page *p, const char receipt[17])
{
    char grouped[20], token[FORM_TOKEN_MAX];
    receipt_group(receipt, grouped);
    page_copy(p, "receipt", str_of(receipt));
    page_copy(p, "receipt_grouped", str_of(grouped));
    form_token_make(p->g->keys, str_of(receipt), STR(SLIP_PURPOSE), clock_now(), token);
    page_copy(p, "token_slip", str_of(token));
    page_flag(p, "may_copy", receipt_copy_may(p->g));
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

static void copied(void *arg, enum refusal r, span wait)
{
    show(arg, r, r == REFUSE_UNAVAILABLE ? SPAN_S(5) : wait, r == REFUSE_NONE ? "copy_sent" : NULL);
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
        receipt_copy_send(s->g, s->receipt, s->phone, s->lang == LANG_EN, copied, s);
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
