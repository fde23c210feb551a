#include "tool_routing.h"
#include <stdlib.h>
#include <string.h>

static struct str keep(struct arena *a, const char *z) { return *z ? arena_str(a, str_of(z)) : STR(""); }

static void *keep_rows(struct arena *a, int n, size_t each)
{
    return arena_alloc(a, (size_t)(n ? n : 1) * each);
}

static bool rows_from(struct db_rows *units, struct db_rows *categories, struct db_rows *words,
                      struct arena *a, struct routing_rows *rows_r)
{
    int nu = db_rows_count(units), nc = db_rows_count(categories), nw = db_rows_count(words);
    struct routing_unit *u = keep_rows(a, nu, sizeof *u);
    struct routing_category *c = keep_rows(a, nc, sizeof *c);
    struct routing_word *w = keep_rows(a, nw, sizeof *w);
    if (!u || !c || !w) return false;
    for (int i = 0; i < nu; i++)
        u[i] = (struct routing_unit){.id = (int)cmd_number(units, i, 0),
                                     .code = keep(a, db_rows_text(units, i, 1)),
                                     .kind = keep(a, db_rows_text(units, i, 2)),
                                     .class = keep(a, db_rows_text(units, i, 3)),
                                     .name = keep(a, db_rows_text(units, i, 4)),
                                     .short_name = keep(a, db_rows_text(units, i, 5)),
                                     .aliases = keep(a, db_rows_text(units, i, 6)),
                                     .parent_id = (int)cmd_number(units, i, 7),
                                     .successor_id = (int)cmd_number(units, i, 8)};
    for (int i = 0; i < nc; i++) {
        enum nature n;
        if (!nature_parse(str_of(db_rows_text(categories, i, 3)), &n))
            n = NATURE_UNKNOWN; /* headings have none */
        c[i] = (struct routing_category){
            keep(a, db_rows_text(categories, i, 0)), keep(a, db_rows_text(categories, i, 1)),
            keep(a, db_rows_text(categories, i, 2)), n,
            (int)cmd_number(categories, i, 4),       (int)cmd_number(categories, i, 5),
            db_rows_text(categories, i, 6)[0] == 't'};
    }
    for (int i = 0; i < nw; i++)
        w[i] = (struct routing_word){keep(a, db_rows_text(words, i, 0)), keep(a, db_rows_text(words, i, 1)),
                                     keep(a, db_rows_text(words, i, 2)),
                                     strtod(db_rows_text(words, i, 3), NULL)};
    *rows_r = (struct routing_rows){.units = u,
                                    .n_units = (size_t)nu,
                                    .categories = c,
                                    .n_categories = (size_t)nc,
                                    .words = w,
                                    .n_words = (size_t)nw};
    return true;
}

/* Former names, each as two of them when the short one differs, and who takes over what of a unit that was divided. */
static bool names_from(struct db_rows *names, struct db_rows *shares, struct arena *a,
                       struct routing_rows *rows)
{
    int nn = db_rows_count(names), ns = db_rows_count(shares);
    struct routing_name *n = keep_rows(a, nn, sizeof *n);
    struct routing_share *h = keep_rows(a, ns, sizeof *h);
    if (!n || !h) return false;
    for (int i = 0; i < nn; i++)
        n[i] = (struct routing_name){(int)cmd_number(names, i, 0), keep(a, db_rows_text(names, i, 1)),
                                     keep(a, db_rows_text(names, i, 2))};
    for (int i = 0; i < ns; i++) {
        const char *by = db_rows_text(shares, i, 2);
        h[i] = (struct routing_share){(int)cmd_number(shares, i, 0), (int)cmd_number(shares, i, 1),
                                      strcmp(by, "category") == 0 ? SHARE_CATEGORY
                                      : strcmp(by, "place") == 0  ? SHARE_PLACE
                                                                  : SHARE_OTHER,
                                      keep(a, db_rows_text(shares, i, 3))};
    }
    rows->names = n;
    rows->n_names = (size_t)nn;
    rows->shares = h;
    rows->n_shares = (size_t)ns;
    return true;
}

bool tool_routing_rows(const char *command, struct db_tool *db, struct arena *a, struct routing_rows *rows_r)
{
    static const char *const sql[] = {
        "select id, code, kind, class, name, short_name, array_to_string(aliases, '|'), coalesce(parent_id, 0), "
        "coalesce(case when retired_on <= current_date then successor_id end, 0) from units where kind <> 'enterprise' order by id",
        "select code, coalesce(parent, ''), name, coalesce(default_nature, ''), default_unit_id, "
        "coalesce(level, 3), confidential from categories order by code collate \"C\"",
        "select kind, word, value, weight::float8 from routing_words order by id",
        "select n.unit_id, x.name, to_char(n.until, 'FMYYYY年FMMM月FMDD日') from unit_names n, lateral (select n.name union select n.short_name) x "
        "order by n.unit_id, n.until, n.id, x.name",
        "select unit_id, heir_id, by, value from unit_shares order by unit_id, ordinal"};
    struct db_rows *got[ARRAY_LEN(sql)] = {NULL};
    bool good = true;
    for (size_t i = 0; good && i < ARRAY_LEN(sql); i++)
        good = (got[i] = cmd_query(command, db, sql[i], 0, NULL)) != NULL;
    if (good &&
        !(good = rows_from(got[0], got[1], got[2], a, rows_r) && names_from(got[3], got[4], a, rows_r)))
        (void)cmd_fail(command, "the tables of units, categories and words are too large");
    for (size_t i = 0; i < ARRAY_LEN(sql); i++)
        if (got[i]) db_rows_free(&got[i]);
    return good;
}
