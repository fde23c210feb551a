#include "register_part.h"
#include "clock.h"
#include "metrics.h"
#include "reforms.h"
#include "base/log.h"
#include "base/code.h"
#include <stdlib.h>
#include <string.h>

#define SNAPSHOT_BYTES (64u << 20)

struct register_book {
    struct snapshot *now;
    bool loading, again;
    struct timer retry;
    struct list waste; /* snapshots that nobody holds */
};

static void load(struct gateway *g);

static void model_let_go(struct register_model *m)
{
    if (!m || atomic_fetch_sub(&m->holders, 1) > 1) return;
    learned_free(&m->learned);
    free(m);
}

/* Tens of thousands of words and rows: milliseconds in which nobody would be answered. While the gateway serves, what reads, builds or
 * frees a snapshot stops the process when it finds itself on the loop thread. */
static void off_the_loop(const struct snapshot *s) { ASSERT(!loop_here(s->g->loop) || !s->g->book); }

static void results_free(struct snapshot *s)
{
    for (size_t i = 0; i < REGISTER_QUERIES; i++) {
        db_result_free(s->results[i]);
        s->results[i] = NULL;
    }
}

static void unmake(void *arg)
{
    struct snapshot *s = arg;
    off_the_loop(s);
    results_free(s);
    routing_free(&s->routing);
    model_let_go(s->model);
    model_let_go(s->held);
    text_free(&s->model_bytes);
    text_free(&s->error);
    arena_free(&s->arena);
}

static void unmade(void *arg) { free(arg); }

static void snapshot_free(struct snapshot *s)
{
    if (!s || --s->holders > 0) return;
    if (!s->g->book) { /* the gateway ends */
        unmake(s);
        unmade(s);
    } else if (!loop_offload(s->g->loop, unmake, unmade, s)) {
        list_push(&s->g->book->waste, &s->node); /* the pool is full: with the next one */
    }
}

static void waste_free(struct register_book *b)
{
    struct list *one = list_pop(&b->waste);
    struct snapshot *s = one ? LIST_OF(one, struct snapshot, node) : NULL;
    if (s) s->holders = 1;
    snapshot_free(s);
}

/* --- compile and swap --- */

/* A model that cannot be read stands in nobody's way: the rules decide alone. */
static void read_model(struct snapshot *s)
{
    struct register_model *m = s->model;
    u8 hash[32];
    if (!m || s->model_bytes.n == 0) return;
    crypto_sha256(text_str(&s->model_bytes), hash);
    if (memcmp(hash, s->model_sha256, sizeof hash) != 0)
        m->fault = "its bytes are not those that were stored";
    else
        m->learned = learned_read(text_str(&s->model_bytes), &m->fault);
    text_free(&s->model_bytes);
}

static void compile(void *arg)
{
    struct snapshot *s = arg;
    off_the_loop(s);
    s->read = register_rows_take(s, s->results);
    results_free(s);
    if (!s->read) return;
    read_model(s);
    s->rows.learned = s->model ? s->model->learned : NULL;
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
    waste_free(b);
    if (!good)
        timer_set(g->loop, &b->retry, SPAN_S(1));
    else if (b->again)
        load(g);
}

/* Once for each change of what decides. */
static void tell_model(const struct snapshot *before, const struct snapshot *s)
{
    const int was = before && before->model ? before->model->version : 0,
              now = s->model ? s->model->version : 0;
    if (s->model && s->model->fault && (!before || before->model != s->model)) {
        COUNT(MODEL_FAILURES);
        log_line(LOG_ERROR, LOG_ROUTE, "model not read; the rules decide alone", "version=%d why=\"%s\"", now,
                 s->model->fault);
    } else if (was != now) {
        log_line(LOG_INFO, LOG_ROUTE, now ? "model in force" : "no model in force; the rules decide alone",
                 "version=%d was=%d", now, was);
    }
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
            loaded(g, s->read); /* read: the tables must change before it can become right */
        }
        snapshot_free(s);
        return;
    }
    const bool other = !b->now || !same_calendar(b->now, s);
    tell_model(b->now, s);
    snapshot_free(b->now);
    b->now = s;
    if (other) clock_calendar_changed(g);
    COUNT(REGISTER_LOADS);
    log_line(LOG_INFO, LOG_ROUTE, "register loaded",
             "units=%zu plaques=%zu categories=%zu words=%zu channels=%zu", s->n_units, s->n_plaques,
             s->n_categories, s->rows.n_words, s->n_channels);
    reforms_wake(g);
    loaded(g, true);
}

static void have_rows(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct gateway *g = arg;
    (void)n;
    if (!g->book) {
        for (size_t i = 0; end == DB_OK && i < REGISTER_QUERIES; i++) db_result_free(results[i]);
        return;
    }
    if (end != DB_OK) {
        log_line(LOG_WARNING, LOG_ROUTE, "register not read", "sqlstate=%s", error ? error->sqlstate : "");
        loaded(g, false);
        return;
    }
    struct snapshot *s = MEM_NEW(struct snapshot);
    s->g = g;
    s->holders = 1;
    arena_init(&s->arena, SNAPSHOT_BYTES);
    text_init(&s->error, 512);
    text_init(&s->model_bytes, 0);
    if (g->book->now && (s->held = g->book->now->model)) atomic_fetch_add(&s->held->holders, 1);
    for (size_t i = 0; i < REGISTER_QUERIES; i++) s->results[i] = results[i];
    if (loop_offload(g->loop, compile, compiled, s)) return;
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
    db_call_keep(c);
    for (size_t i = 0; i < REGISTER_QUERIES; i++)
        db_call_add(c, register_queries[i],
                    register_query_params(i, b->now && b->now->model ? b->now->model->version : 0));
    b->loading = db_call_send(g->lane_public, c);
    if (!b->loading) timer_set(g->loop, &b->retry, SPAN_MS(200));
}

void register_start(struct gateway *g)
{
    g->book = MEM_NEW(struct register_book);
    list_init(&g->book->waste);
    g->book->retry = (struct timer){.fire = retry_fires, .arg = g};
    load(g);
}

void register_reload(struct gateway *g) { load(g); }

void register_stop(struct gateway *g)
{
    struct register_book *b = g->book;
    if (!b) return;
    timer_stop(&b->retry);
    g->book = NULL; /* from here on nobody is kept waiting */
    snapshot_free(b->now);
    for (struct list *it = list_pop(&b->waste); it; it = list_pop(&b->waste)) {
        LIST_OF(it, struct snapshot, node)->holders = 1;
        snapshot_free(LIST_OF(it, struct snapshot, node));
    }
    free(b);
}

struct snapshot *register_hold(struct gateway *g)
{
    struct snapshot *s = g->book ? g->book->now : NULL;
    if (s) s->holders++;
    return s;
}

void register_let_go(struct snapshot **s)
{
    snapshot_free(*s);
    *s = NULL;
}

const struct routing_rows *register_held_rows(const struct snapshot *s) { return &s->rows; }
const struct routing *register_held_routing(const struct snapshot *s) { return s->routing; }
int register_held_version(const struct snapshot *s) { return s->rules_version; }

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

#define SUPERIORS_MAX  8
#define SUCCESSORS_MAX 32 /* one behind the other; the schema lets nobody follow itself */

const struct unit *register_unit_now(const struct gateway *g, int id)
{
    const struct unit *u = register_unit(g, id);
    for (int depth = 0; u && u->retired && u->successor_id && depth < SUCCESSORS_MAX; depth++)
        u = register_unit(g, u->successor_id);
    return u && !u->retired ? u : NULL;
}

bool register_unit_follows(const struct gateway *g, int heir, int of_unit)
{
    const struct snapshot *s = g->book->now;
    int known[SUCCESSORS_MAX] = {of_unit};
    size_t n = 1;
    for (size_t at = 0; at < n; at++) {
        const struct unit *u = register_unit(g, known[at]);
        if (known[at] == heir) return true;
        if (!u || !u->successor_id) continue;
        for (size_t i = 0; i <= s->rows.n_shares && n < ARRAY_LEN(known); i++) {
            const bool last = i == s->rows.n_shares;
            if (!last && s->rows.shares[i].unit_id != u->id) continue;
            const int next = last ? u->successor_id : s->rows.shares[i].heir_id;
            bool met = false;
            for (size_t k = 0; k < n; k++) met |= known[k] == next;
            if (!met) known[n++] = next;
        }
    }
    return false;
}

bool register_unit_below(const struct gateway *g, int unit, int of_unit)
{
    const struct unit *u = register_unit(g, unit);
    for (int depth = 0; u && depth < SUPERIORS_MAX; depth++) {
        if (depth && str_eq(u->kind, STR("office"))) return false;
        if (register_unit_follows(g, u->id, of_unit)) return true;
        u = u->parent_id ? register_unit(g, u->parent_id) : NULL;
    }
    return false;
}

struct str register_unit_name(const struct gateway *g, const struct unit *u, instant at, bool is_short)
{
    const struct snapshot *s = g->book->now;
    const i64 day = china_day(at);
    for (size_t i = 0; at.us && s && i < s->n_names; i++) {
        const struct former_name *f = &s->names[i];
        if (f->unit_id == u->id && f->until > day) return is_short ? f->short_name : f->name;
    }
    return is_short ? u->short_name : u->name;
}

void register_unit_json(const struct gateway *g, i64 id, struct text *out)
{
    register_unit_json_at(g, id, (instant){0}, out);
}

void register_unit_json_at(const struct gateway *g, i64 id, instant at, struct text *out)
{
    const struct unit *u = id ? register_unit(g, (int)id) : NULL;
    if (!u) {
        text_addz(out, "null");
        return;
    }
    text_addf(out, "{\"id\":%d,\"short_name\":", u->id);
    json_put(out, register_unit_name(g, u, at, true));
    text_addc(out, '}');
}

void register_unit_whole_json(const struct gateway *g, i64 id, struct text *out)
{
    const struct unit *u = id ? register_unit(g, (int)id) : NULL;
    if (!u) {
        text_addz(out, "null");
        return;
    }
    text_addf(out, "{\"id\":%d,\"code\":", u->id);
    json_put(out, u->code);
    text_addz(out, ",\"name\":");
    json_put(out, u->name);
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
    if (u && u->retired && p->heir_id) u = register_unit(g, p->heir_id);
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
int register_rules_version(const struct gateway *g) { return g->book->now ? g->book->now->rules_version : 0; }
int register_model(const struct gateway *g)
{
    const struct register_model *m = g->book->now ? g->book->now->model : NULL;
    return m && m->learned ? m->version : 0;
}
const char *register_model_fault(const struct gateway *g)
{
    const struct register_model *m = g->book->now ? g->book->now->model : NULL;
    return m ? m->fault : NULL;
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
