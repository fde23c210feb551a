#include "register_part.h"
#include "clock.h"
#include "metrics.h"
#include "base/log.h"
#include "base/code.h"
#include <stdlib.h>

#define SNAPSHOT_BYTES (64u << 20)

struct register_book {
    struct snapshot *now;
    bool loading, again;
    struct timer retry;
};

static void load(struct gateway *g);

static void snapshot_free(struct snapshot *s)
{
    if (!s) return;
    routing_free(&s->routing);
    text_free(&s->error);
    arena_free(&s->arena);
    free(s);
}

/* --- compile and swap --- */

static void compile(void *arg)
{
    struct snapshot *s = arg;
    s->routing = routing_build(&s->rows, &s->error);
}

/* Imports only add; the last one tells whether there was another. */
static bool same_calendar(const struct snapshot *a, const struct snapshot *b)
{
    return a->n_calendars == b->n_calendars &&
           a->calendars[a->n_calendars - 1].since.us == b->calendars[b->n_calendars - 1].since.us;
}

static void retry_fires(struct timer *t) { load(t->arg); }

static void loaded(struct gateway *g, bool good)
{
    struct register_book *b = g->book;
    b->loading = false;
    if (!good)
        timer_set(g->loop, &b->retry, SPAN_S(1));
    else if (b->again)
        load(g);
}

static void compiled(void *arg)
{
    struct snapshot *s = arg;
    struct gateway *g = s->g;
    struct register_book *b = g->book;
    if (!b || !s->routing) {
        if (b) {
            COUNT(REGISTER_FAILURES);
            log_line(LOG_ERROR, LOG_ROUTE, "register not taken over; the snapshot before stays",
                     "why=\"%.*s\"", STR_ARG(text_str(&s->error)));
            loaded(g, true); /* the tables must change before it can become right */
        }
        snapshot_free(s);
        return;
    }
    const bool other = !b->now || !same_calendar(b->now, s);
    snapshot_free(b->now);
    b->now = s;
    if (other) clock_calendar_changed(g);
    COUNT(REGISTER_LOADS);
    log_line(LOG_INFO, LOG_ROUTE, "register loaded",
             "units=%zu plaques=%zu categories=%zu words=%zu channels=%zu", s->n_units, s->n_plaques,
             s->n_categories, s->rows.n_words, s->n_channels);
    loaded(g, true);
}

static void have_rows(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct gateway *g = arg;
    (void)n;
    if (!g->book) return;
    if (end != DB_OK) {
        log_line(LOG_WARNING, LOG_ROUTE, "register not read", "sqlstate=%s", error ? error->sqlstate : "");
        loaded(g, false);
        return;
    }
    struct snapshot *s = MEM_NEW(struct snapshot);
    s->g = g;
    arena_init(&s->arena, SNAPSHOT_BYTES);
    text_init(&s->error, 512);
    const bool good = register_rows_take(s, results);
    if (good && loop_offload(g->loop, compile, compiled, s)) return;
    if (!good) {
        COUNT(REGISTER_FAILURES);
        log_line(LOG_ERROR, LOG_ROUTE, "register not taken over", "why=\"%.*s\"",
                 STR_ARG(text_str(&s->error)));
    }
    snapshot_free(s);
    loaded(g, false);
}

static void load(struct gateway *g)
{
    struct register_book *b = g->book;
    if (!b) return;
    if (b->loading) {
        b->again = true;
        return;
    }
    b->again = false;
    struct db_call *c = db_call_new(have_rows, g);
    for (size_t i = 0; i < REGISTER_QUERIES; i++)
        db_call_add(c, register_queries[i], db_params_new(register_queries[i]));
    b->loading = db_call_send(g->lane_public, c);
    if (!b->loading) timer_set(g->loop, &b->retry, SPAN_MS(200));
}

void register_start(struct gateway *g)
{
    g->book = MEM_NEW(struct register_book);
    g->book->retry = (struct timer){.fire = retry_fires, .arg = g};
    load(g);
}

void register_reload(struct gateway *g) { load(g); }

void register_stop(struct gateway *g)
{
    struct register_book *b = g->book;
    if (!b) return;
    timer_stop(&b->retry);
    snapshot_free(b->now);
    free(b);
    g->book = NULL;
}

bool register_ready(const struct gateway *g) { return g->book && g->book->now; }

/* --- look-ups --- */

const struct unit *register_unit(const struct gateway *g, int id)
{
    const struct snapshot *s = g->book->now;
    size_t low = 0, high = s ? s->n_units : 0;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (s->units[mid].id == id) return &s->units[mid];
        if (s->units[mid].id < id)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

void register_unit_json(const struct gateway *g, i64 id, struct text *out)
{
    const struct unit *u = id ? register_unit(g, (int)id) : NULL;
    if (!u) {
        text_addz(out, "null");
        return;
    }
    text_addf(out, "{\"id\":%d,\"short_name\":", u->id);
    json_put(out, u->short_name);
    text_addc(out, '}');
}

const struct unit *register_unit_code(const struct gateway *g, struct str code)
{
    const struct snapshot *s = g->book->now;
    for (size_t i = 0; s && i < s->n_units; i++)
        if (str_eq(s->units[i].code, code)) return &s->units[i];
    return NULL;
}

size_t register_units(const struct gateway *g, const struct unit **all_r)
{
    const struct snapshot *s = g->book->now;
    *all_r = s ? s->units : NULL;
    return s ? s->n_units : 0;
}

#define BSEARCH(s, array, n, key, field)                                                                     \
    for (size_t low = 0, high = (s) ? (s)->n : 0; low < high;) {                                             \
        size_t mid = (low + high) / 2;                                                                       \
        int c = str_cmp((s)->array[mid].field, key);                                                         \
        if (c == 0) return &(s)->array[mid];                                                                 \
        if (c < 0)                                                                                           \
            low = mid + 1;                                                                                   \
        else                                                                                                 \
            high = mid;                                                                                      \
    }                                                                                                        \
    return NULL

const struct plaque_row *register_plaque(const struct gateway *g, struct str number)
{
    const struct snapshot *s = g->book->now;
    BSEARCH(s, plaques, n_plaques, number, number);
}

int register_plaque_unit(const struct gateway *g, const struct plaque_row *p)
{
    const struct unit *u = p ? register_unit(g, p->unit_id) : NULL;
    return u && !str_eq(u->kind, STR("enterprise")) ? u->id : 0;
}

size_t register_plaques(const struct gateway *g, const struct plaque_row **all_r)
{
    const struct snapshot *s = g->book->now;
    *all_r = s ? s->plaques : NULL;
    return s ? s->n_plaques : 0;
}

enum plaque_key_state register_plaque_key(const struct gateway *g, unsigned version)
{
    const struct snapshot *s = g->book->now;
    return s && version < ARRAY_LEN(s->plaque_keys) ? (enum plaque_key_state)s->plaque_keys[version]
                                                    : PLAQUE_KEY_NEVER;
}

const struct category *register_category(const struct gateway *g, struct str code)
{
    const struct snapshot *s = g->book->now;
    BSEARCH(s, categories, n_categories, code, code);
}

static const struct channel_row *channel_any(const struct snapshot *s, struct str name)
{
    BSEARCH(s, channels, n_channels, name, ch.name);
}

const struct channel_row *register_channel(const struct gateway *g, struct str name)
{
    const struct channel_row *row = channel_any(g->book->now, name);
    return row && row->active ? row : NULL;
}

size_t register_channels(const struct gateway *g, const struct channel_row **all_r)
{
    const struct snapshot *s = g->book->now;
    *all_r = s ? s->channels : NULL;
    return s ? s->n_channels : 0;
}

size_t register_categories(const struct gateway *g, const struct category **all_r)
{
    const struct snapshot *s = g->book->now;
    *all_r = s ? s->categories : NULL;
    return s ? s->n_categories : 0;
}

struct str register_template(const struct gateway *g, enum message_event e, bool english)
{
    const struct snapshot *s = g->book->now;
    return s ? s->templates[e][english] : STR_NONE;
}

const struct routing *register_routing(const struct gateway *g)
{
    return g->book->now ? g->book->now->routing : NULL;
}
const struct workdays *register_workdays(const struct gateway *g)
{
    const struct snapshot *s = g->book->now;
    return s ? &s->calendars[s->n_calendars - 1].days : NULL;
}

const struct workdays *register_workdays_at(const struct gateway *g, instant at)
{
    const struct snapshot *s = g->book->now;
    size_t i = s ? s->n_calendars - 1 : 0;
    while (s && i > 0 && instant_before(at, s->calendars[i].since)) i--;
    return s ? &s->calendars[i].days : NULL;
}
int register_triage_unit(const struct gateway *g) { return g->book->now ? g->book->now->triage_unit : 0; }
