#include "plaques.h"
#include "metrics.h"
#include "register.h"
#include "base/log.h"
#include "core/workdays.h"
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS      4096 /* a power of two */
#define ROWS_MAX   3000 /* plaques times days in one interval; more are not counted, and told */
#define ALARMS_N   5
#define EARTH_M    6371000.0
#define AGENT_SEEN 400 /* bytes of a user agent that are looked at */

static const struct db_stmt stmt_plaque_days = {
    "plaque_days", "select plaque_days_add($1, $2, $3, $4)", 4, {DB_TEXTS, DB_INT4S, DB_INT4S, DB_INT4S}};
const struct db_stmt *const plaques_statements[] = {&stmt_plaque_days};
const size_t n_plaques_statements = ARRAY_LEN(plaques_statements);

struct tally {
    char number[PLAQUE_NUMBER_MAX]; /* "": fits no plaque of ours */
    int day;                        /* since 1970; 0: the slot is free */
    int n[PLAQUE_EVENTS_N];
};
struct batch {
    struct plaques *p;
    size_t n;
    struct tally rows[];
};
struct plaques {
    struct gateway *g;
    struct tally *slots;
    size_t n;
    bool writing, ending;
    struct timer timer;
    void (*done)(void *arg);
    void *arg;
};

/* --- tags --- */

void plaques_tag(const struct gateway *g, const char *number, unsigned version, char tag_r[PLAQUE_TAG_MAX])
{
    struct text message;
    u8 mac[32];
    ASSERT(version < PLAQUE_KEY_VERSIONS);
    text_init(&message, 64);
    plaque_tag_message(number, version, &message);
    struct str part = text_str(&message);
    crypto_mac(g->keys, KEY_PLAQUE_0 + version, &part, 1, mac);
    text_free(&message);
    plaque_tag_make(mac, version, tag_r);
}

enum plaque_tag_kind plaques_tag_judge(const struct gateway *g, const char *number, const char *tag,
                                       const struct plaque_row *row)
{
    char right[PLAQUE_TAG_MAX];
    unsigned version;
    if (!plaque_tag_version(str_of(tag), &version)) return PLAQUE_TAG_FORGED;
    plaques_tag(g, number, version, right);
    if (!crypto_same(tag, right, PLAQUE_TAG_LEN)) return PLAQUE_TAG_FORGED;
    const enum plaque_key_state key = register_plaque_key(g, version);
    if (key == PLAQUE_KEY_NEVER) return PLAQUE_TAG_FORGED;
    return key == PLAQUE_KEY_WITHDRAWN || (row && version < row->key_version) ? PLAQUE_TAG_REVOKED
                                                                              : PLAQUE_TAG_RIGHT;
}

/* --- who counts --- */

static bool says(struct str s, const char *const *words)
{
    char low[AGENT_SEEN];
    const size_t n = MIN(s.n, sizeof low);
    for (size_t i = 0; i < n; i++) low[i] = (char)tolower((unsigned char)s.p[i]);
    for (; *words; words++)
        if (str_find((struct str){low, n}, str_of(*words)) != SIZE_MAX) return true;
    return false;
}

/* Whether a person looks: not HEAD, not a prefetch, not a crawler that says so. */
static bool person(const struct http_in *in)
{
    static const char *const early[] = {"prefetch", "prerender", "preview", NULL};
    static const char *const machines[] = {
        "bot",  "crawl",   "spider", "slurp",  "preview", "externalhit", "monitor",  "probe", "curl/",
        "wget", "python-", "java/",  "okhttp", "axios",   "go-http",     "headless", "scan",  NULL};
    static const struct str purposes[] = {{"purpose", 7}, {"sec-purpose", 11}, {"x-moz", 5}};
    if (!str_eq(in->method, STR("GET"))) return false;
    for (size_t i = 0; i < ARRAY_LEN(purposes); i++)
        if (says(http_header_get(in, purposes[i]), early)) return false;
    struct str agent = http_header_get(in, STR("user-agent"));
    return agent.n > 0 && !says(agent, machines);
}

/* --- adding up --- */

static struct tally *tally_of(struct plaques *p, struct str number, int day)
{
    u64 h = 14695981039346656037u ^ (u64)day;
    for (size_t i = 0; i < number.n; i++) h = (h ^ (u8)number.p[i]) * 1099511628211u;
    for (size_t at = (size_t)(h ^ h >> 29) % SLOTS;; at = (at + 1) % SLOTS) {
        struct tally *t = &p->slots[at];
        if (t->day == day && str_eq(str_of(t->number), number)) return t;
        if (t->day) continue;
        if (p->n == ROWS_MAX) return NULL;
        p->n++;
        t->day = day;
        memcpy(t->number, number.p, number.n);
        t->number[number.n] = '\0';
        return t;
    }
}

static void add(struct plaques *p, struct str number, int day, const int n[PLAQUE_EVENTS_N])
{
    struct tally *t = number.n < PLAQUE_NUMBER_MAX ? tally_of(p, number, day) : NULL;
    if (!t) COUNT(PLAQUE_COUNTS_LOST);
    for (int i = 0; t && i < PLAQUE_EVENTS_N; i++) t->n[i] += n[i];
}

static void count_one(struct gateway *g, struct str number, enum plaque_event e)
{
    int n[PLAQUE_EVENTS_N] = {0};
    n[e] = 1;
    if (g->plaques) add(g->plaques, number, (int)china_day(clock_now()), n);
}

void plaques_scanned(struct gateway *g, const struct http_in *in, struct str tail)
{
    char number[PLAQUE_NUMBER_MAX], tag[PLAQUE_TAG_MAX];
    enum plaque_tag_kind kind = PLAQUE_TAG_RIGHT;
    /* The other language, or the way back from a form, is no second scan. */
    if (!person(in) || str_eq(http_header_get(in, STR("sec-fetch-site")), STR("same-origin"))) return;
    const enum plaque_path path = plaque_path_parse(tail, number, tag);
    if (path == PLAQUE_PATH_MALFORMED || !register_ready(g)) return;
    const struct plaque_row *row = register_plaque(g, str_of(number));
    if (path == PLAQUE_PATH_SIGNED) kind = plaques_tag_judge(g, number, tag, row);
    if (path == PLAQUE_PATH_BARE && !row) return; /* a slip of the finger */
    COUNT(PLAQUE_SCANS);
    count_one(g, row ? row->number : STR(""),
              kind == PLAQUE_TAG_FORGED || !row ? PLAQUE_FORGED
              : kind == PLAQUE_TAG_REVOKED      ? PLAQUE_REVOKED
              : row->state == PLAQUE_VOID       ? PLAQUE_VOIDED
              : row->state == PLAQUE_RETIRED    ? PLAQUE_OUTDATED
              : path == PLAQUE_PATH_BARE        ? PLAQUE_TYPED
                                                : PLAQUE_SCAN);
}

void plaques_entered(struct gateway *g, const struct http_in *in, struct str number, enum nature kind)
{
    if (number.n && kind != NATURE_REPORT && person(in)) count_one(g, number, PLAQUE_ENTRY);
}

/* Metres on the sphere; good to a few per thousand, and what is asked is hundreds of metres. */
static double metres(double lat_a, double lon_a, double lat_b, double lon_b)
{
    const double k = M_PI / 180, x = (lon_b - lon_a) * k * cos((lat_a + lat_b) / 2 * k),
                 y = (lat_b - lat_a) * k;
    return EARTH_M * sqrt(x * x + y * y);
}

void plaques_sent(struct gateway *g, struct str number, enum nature kind, const struct position *at,
                  bool report)
{
    const struct plaque_row *row = number.n ? register_plaque(g, number) : NULL;
    if (!row || report || kind == NATURE_REPORT) return;
    count_one(g, row->number,
              kind == NATURE_RATE        ? PLAQUE_RATE
              : kind == NATURE_SUPERVISE ? PLAQUE_SUPERVISE
                                         : PLAQUE_ASK);
    if (at->point && row->point &&
        metres(at->lat, at->lon, row->lat, row->lon) - at->accuracy > g->cfg.plaque_far)
        count_one(g, row->number, PLAQUE_FAR);
}

/* --- writing --- */

static void flush(struct plaques *p);

static void finish(struct plaques *p)
{
    void (*done)(void *arg) = p->done;
    p->done = NULL;
    if (done) done(p->arg);
}

static void written(void *arg, enum db_end end, const struct db_result *const *results, int n,
                    const struct db_error *error)
{
    struct batch *b = arg;
    struct plaques *p = b->p;
    (void)n;
    p->writing = false;
    if (end == DB_OK) {
        const i64 alarms = db_get_i64(results[0], 0, 0);
        if (alarms) {
            count_add(COUNT_PLAQUE_ALARMS, (u64)alarms);
            log_line(LOG_WARNING, LOG_WEB, "scans of plaques that need a look", "alarms=%lld",
                     (long long)alarms);
        }
    } else {
        /* Certainly not stored: once more. Lost on the way: perhaps stored, and nothing is counted twice. */
        log_line(LOG_WARNING, LOG_WEB, "counts of scans were not written", "rows=%zu sqlstate=%s", b->n,
                 error ? error->sqlstate : "");
        for (size_t i = 0; i < b->n; i++) {
            if (end == DB_FAILED && !p->ending)
                add(p, str_of(b->rows[i].number), b->rows[i].day, b->rows[i].n);
            else
                COUNT(PLAQUE_COUNTS_LOST);
        }
    }
    free(b);
    if (!p->done) return;
    if (end == DB_OK && p->n)
        flush(p);
    else
        finish(p);
}

static struct db_params *params_of(const struct batch *b)
{
    const struct config *c = &b->p->g->cfg;
    const int after[ALARMS_N] = {c->plaque_alarm_scans, c->plaque_alarm_scans, c->plaque_alarm_scans,
                                 c->plaque_retired_scans, c->plaque_alarm_scans};
    struct db_params *q = db_params_new(&stmt_plaque_days);
    db_array_begin(q, DB_TEXT, b->n);
    for (size_t i = 0; i < b->n; i++) db_put_text(q, str_of(b->rows[i].number));
    db_array_end(q);
    db_array_begin(q, DB_INT4, b->n);
    for (size_t i = 0; i < b->n; i++) db_put_i32(q, b->rows[i].day);
    db_array_end(q);
    db_array_begin(q, DB_INT4, b->n * PLAQUE_EVENTS_N);
    for (size_t i = 0; i < b->n; i++)
        for (int k = 0; k < PLAQUE_EVENTS_N; k++) db_put_i32(q, b->rows[i].n[k]);
    db_array_end(q);
    db_array_begin(q, DB_INT4, ALARMS_N);
    for (int i = 0; i < ALARMS_N; i++) db_put_i32(q, after[i]);
    db_array_end(q);
    return q;
}

static void flush(struct plaques *p)
{
    if (p->writing || p->n == 0 || !db_lane_up(p->g->lane_public)) return;
    struct batch *b = mem_alloc(sizeof *b + p->n * sizeof b->rows[0]);
    b->p = p;
    b->n = 0;
    for (size_t i = 0; i < SLOTS; i++)
        if (p->slots[i].day) b->rows[b->n++] = p->slots[i];
    struct db_call *c = db_call_new(written, b);
    db_call_add(c, &stmt_plaque_days, params_of(b));
    p->writing = db_call_send(p->g->lane_public, c);
    if (p->writing) {
        memset(p->slots, 0, SLOTS * sizeof *p->slots);
        p->n = 0;
    } else {
        free(b); /* stays counted; the next time */
    }
}

static void timer_fires(struct timer *t)
{
    struct plaques *p = t->arg;
    timer_set(p->g->loop, t, p->g->cfg.plaque_flush);
    flush(p);
}

struct plaques *plaques_new(struct gateway *g)
{
    struct plaques *p = MEM_NEW(struct plaques);
    p->g = g;
    p->slots = mem_alloc(SLOTS * sizeof *p->slots);
    memset(p->slots, 0, SLOTS * sizeof *p->slots);
    p->timer = (struct timer){.fire = timer_fires, .arg = p};
    timer_set(g->loop, &p->timer, g->cfg.plaque_flush);
    return p;
}

void plaques_drain(struct plaques *p, void (*done)(void *arg), void *arg)
{
    p->done = done;
    p->arg = arg;
    flush(p);
    if (!p->writing) finish(p);
}

void plaques_free(struct plaques **p)
{
    if (!*p) return;
    ASSERT(!(*p)->writing); /* db_free has ended every call before */
    timer_stop(&(*p)->timer);
    free((*p)->slots);
    free(*p);
    *p = NULL;
}

/* --- coverage --- */

bool plaques_needed(const struct unit *u) { return str_eq(u->kind, STR("unit")) && !u->retired; }

int plaques_active_at(const struct gateway *g, const struct unit *u)
{
    const struct plaque_row *all;
    const size_t n = register_plaques(g, &all);
    int active = 0;
    for (size_t i = 0; i < n; i++) {
        if (all[i].state != PLAQUE_ACTIVE) continue;
        const struct unit *at = register_unit(g, all[i].unit_id);
        active += at && (at->id == u->id || (str_eq(at->kind, STR("station")) && at->parent_id == u->id));
    }
    return active;
}
