/* What a unit has published (晒, M06): its duties, matters, time limits and answers, each with the day it was published and the
 * post that approved it, and the newest figures. Only what two persons have let through is ever read here (schema/0026_landing.sql). */
#include "citizen_part.h"
#include "base/log.h"
#include <stdlib.h>
#include <string.h>

#define PREFIX    STR("/open/units/")
#define SHOWN_MAX 60
#define CODE_MAX  16

const struct db_stmt stmt_units_open = {
    "units_open",
    "select kind, title, words, published_at, approver_post from publications "
    "where unit_id = $1 and state = 'published' order by published_at desc, id desc limit $2",
    2,
    {DB_INT4, DB_INT4}};
enum { COL_KIND, COL_TITLE, COL_WORDS, COL_PUBLISHED, COL_POST };

struct showing {
    struct gateway *g;
    u64 ticket;
    enum lang lang;
    char code[CODE_MAX];
};

/* A row's own sentence: the day and the post stand in it. */
static struct str sentence(struct page *p, const struct db_result *r, int row)
{
    char at[INSTANT_TEXT_MAX];
    page_put(p, "approver", page_post(p, db_get_text(r, row, COL_POST)));
    page_copy(p, "published",
              (struct str){instant_text_china(db_get_instant(r, row, COL_PUBLISHED), at), 10});
    return page_word(p, "open_by");
}

static void put_rows(struct page *p, const struct db_result *r)
{
    static const struct {
        const char *kind, *word;
    } kinds[] = {{"party", "open_party"},
                 {"government", "open_government"},
                 {"affairs", "open_affairs"},
                 {"service", "open_service"},
                 {"answer", "open_answered"}};
    const int n = MIN(db_rows(r), SHOWN_MAX);
    for (int i = 0; i < n; i++) {
        struct template_data *row = template_row(p->data, "items");
        for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
            if (str_eq(db_get_text(r, i, COL_KIND), str_of(kinds[k].kind)))
                template_put(row, "kind", page_word(p, kinds[k].word));
        template_put(row, "heading", page_chinese(p, db_get_text(r, i, COL_TITLE)));
        template_put(row, "words", page_chinese(p, db_get_text(r, i, COL_WORDS)));
        template_put(row, "by", sentence(p, r, i));
    }
    page_flag(p, "none", n == 0);
    page_flag(p, "more", db_rows(r) > n);
}

/* r: NULL when the database is away; what the register knows is shown nevertheless. */
static void show(const struct showing *s, const struct unit *u, const struct db_result *r)
{
    struct page p;
    struct text back;
    page_open(&p, s->g, s->ticket, s->lang, STR("/"));
    text_init(&back, 60);
    text_add(&back, PREFIX);
    text_addz(&back, s->code);
    page_copy(&p, "back", text_str(&back));
    text_free(&back);
    page_put(&p, "unit", u->name);
    page_put(&p, "title", page_chinese(&p, u->name));
    put_unit_told(&p, u);
    if (r)
        put_rows(&p, r);
    else
        page_put(&p, "error", page_word(&p, "unavailable_look"));
    page_send(&p, PAGE_UNITS_OPEN, 200, SPAN_US(0));
}

static const struct unit *unit_of(const struct showing *s)
{
    return register_ready(s->g) ? register_unit_code(s->g, str_of(s->code)) : NULL;
}

static void have_rows(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct showing *s = arg;
    const struct unit *u = unit_of(s); /* the register may have been swapped meanwhile */
    (void)n;
    if (end != DB_OK)
        log_line(LOG_WARNING, LOG_WEB, "what a unit published was not read", "sqlstate=%s",
                 error ? error->sqlstate : "");
    if (u) show(s, u, end == DB_OK ? results[0] : NULL);
    free(s);
}

bool units_open_route(struct gateway *g, u64 ticket, const struct http_in *in)
{
    span wait;
    if (!str_starts(in->path, PREFIX)) return false;
    const struct str code = {in->path.p + PREFIX.n, in->path.n - PREFIX.n};
    struct showing *s = MEM_NEW(struct showing);
    *s = (struct showing){.g = g, .ticket = ticket, .lang = reply_lang(in)};
    if (code.n && code.n < sizeof s->code) memcpy(s->code, code.p, code.n);
    const struct unit *u = unit_of(s);
    enum refusal r = REFUSE_NONE;
    if (!method_reads(in))
        r = REFUSE_METHOD;
    else if (!register_ready(g))
        r = REFUSE_UNAVAILABLE;
    else if (!u || str_eq(u->kind, STR("enterprise")))
        r = REFUSE_NOT_FOUND;
    else if (!gateway_rate(g, &g->open_rate, in->peer, g->cfg.open_per_minute, 1, &wait))
        r = REFUSE_TOO_MANY;
    if (r != REFUSE_NONE) {
        page_sorry(g, ticket, in, r);
        free(s);
        return true;
    }
    struct db_call *c = db_call_new(have_rows, s);
    struct db_params *p = db_params_new(&stmt_units_open);
    db_put_i32(p, u->id);
    db_put_i32(p, SHOWN_MAX + 1);
    db_call_add(c, &stmt_units_open, p);
    if (!db_call_send(g->lane_public, c)) {
        show(s, u, NULL);
        free(s);
    }
    return true;
}
