/* The page about the public log: what it is, in plain words, the newest head, and how to check. */
#include "citizen_part.h"
#include "ledger.h"
#include "base/code.h"
#include <stdio.h>
#include <stdlib.h>

const struct db_stmt stmt_log_page = {
    "log_page", "select " LEDGER_HEAD_COLUMNS " from log_heads h order by h.size desc limit 1", 0, {0}};

struct showing {
    struct gateway *g;
    u64 ticket;
    enum lang lang;
};

static void put_hex(struct page *p, const char *name, const u8 *bytes, size_t n)
{
    struct text t;
    text_init(&t, 2 * n + 1);
    hex_put(&t, bytes, n);
    page_copy(p, name, text_str(&t));
    text_free(&t);
}

/* r: NULL when the database is away; the page is then shown without a head. */
static void show(const struct showing *s, const struct db_result *r)
{
    struct page p;
    struct ledger_head h = {.size = 0};
    char size[24], at[INSTANT_TEXT_MAX];
    page_open(&p, s->g, s->ticket, s->lang, STR("/open/log"));
    page_put(&p, "title", page_word(&p, "log_title"));
    if (r && db_rows(r)) ledger_head_read(r, 0, 0, &h);
    if (h.size) {
        snprintf(size, sizeof size, "%llu", (unsigned long long)h.size);
        page_copy(&p, "size", str_of(size));
        page_copy(&p, "at", str_of(instant_text_china(h.at, at)));
        put_hex(&p, "root", h.root, sizeof h.root);
        put_hex(&p, "signature", h.signature, sizeof h.signature);
        put_hex(&p, "public_key", h.public_key, sizeof h.public_key);
    } else {
        page_put(&p, "none", page_word(&p, r ? "log_none" : "unavailable_look"));
    }
    page_send(&p, PAGE_LOG, 200, SPAN_US(0));
}

static void have_head(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    (void)n, (void)error;
    show(arg, end == DB_OK ? results[0] : NULL);
    free(arg);
}

bool log_route(struct gateway *g, u64 ticket, const struct http_in *in)
{
    span wait;
    if (!str_eq(in->path, STR("/open/log"))) return false;
    if (!method_reads(in)) {
        page_sorry(g, ticket, in, REFUSE_METHOD);
        return true;
    }
    if (!gateway_rate(g, &g->open_rate, in->peer, g->cfg.open_per_minute, 1, &wait)) {
        page_sorry(g, ticket, in, REFUSE_TOO_MANY);
        return true;
    }
    struct showing *s = MEM_NEW(struct showing);
    *s = (struct showing){.g = g, .ticket = ticket, .lang = reply_lang(in)};
    struct db_call *c = db_call_new(have_head, s);
    db_call_add(c, &stmt_log_page, db_params_new(&stmt_log_page));
    if (!db_call_send(g->lane_public, c)) {
        show(s, NULL);
        free(s);
    }
    return true;
}
