#include "register_part.h"
#include "base/json.h"
#include "base/log.h"
#include "core/workdays.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct db_stmt stmt_register_units = {
    "register_units",
    "select units.id, code, kind, name, short_name, array_to_string(aliases, '|'), class, coalesce(parent_id, 0), "
    "coalesce(successor_id, 0), coalesce(phone, ''), coalesce(hours, ''), retired_on is not null and retired_on <= date '1970-01-01' + $1, "
    "coalesce(duties, ''), coalesce(post_in_charge, ''), coalesce(address, ''), coalesce(rated, 0), coalesce(satisfied, 0), "
    "coalesce(due, 0), coalesce(on_time, 0), coalesce(received, 0), coalesce(answered, 0), coalesce(from_day - date '1970-01-01', 0), "
    "coalesce(to_day - date '1970-01-01', 0), published_at, coalesce(approver_post, ''), retired_on - date '1970-01-01' "
    "from units left join figures_open f on f.unit_id = case kind when 'station' then parent_id else units.id end order by units.id",
    1,
    {DB_INT4}};
const struct db_stmt stmt_register_plaques = {
    "register_plaques",
    "select p.number, p.unit_id, coalesce(p.window_name, ''), p.key_version, p.state, coalesce(p.successor, ''), w.lat, w.lon, "
    "coalesce(h.heir_id, 0) from plaques p left join plaque_walls w on w.number = p.number left join plaque_heirs h on h.number = p.number order by p.number collate \"C\"",
    0,
    {0}};
const struct db_stmt stmt_register_plaque_keys = {
    "register_plaque_keys", "select version, withdrawn_at is not null from plaque_keys", 0, {0}};
const struct db_stmt stmt_register_categories = {
    "register_categories",
    "select code, coalesce(parent, ''), name, coalesce(default_nature, ''), default_unit_id, coalesce(level, 3), "
    "coalesce(case limit_unit when 'hour' then limit_amount * 60 else limit_amount end, 5), confidential from categories "
    "order by code collate \"C\"",
    0,
    {0}};
const struct db_stmt stmt_register_words = {
    "register_words",
    "select kind, word, value, weight::float8, (select max(version) from rule_versions) from routing_words order by id",
    0,
    {0}};
const struct db_stmt stmt_register_calendar = {
    "register_calendar",
    "select v.year, v.version, v.imported_at, (d.day - date '1970-01-01')::bigint, d.kind "
    "from calendar_versions v join calendar_version_days d using (year, version) order by v.year, v.version, d.day",
    0,
    {0}};
const struct db_stmt stmt_register_channels = {
    "register_channels",
    "select name, type, key_hash, settings, old_key_hash, old_key_until, active from channels order by name collate \"C\"",
    0,
    {0}};
const struct db_stmt stmt_register_templates = {
    "register_templates",
    "select event, lang = 'en', version, text from message_templates order by event, lang, version desc",
    0,
    {0}};

const struct db_stmt stmt_register_names = {
    "register_names",
    "select unit_id, name, short_name, until - date '1970-01-01' from unit_names order by unit_id, until, id",
    0,
    {0}};

const struct db_stmt stmt_register_shares = {
    "register_shares",
    "select unit_id, heir_id, by, value from unit_shares order by unit_id, ordinal",
    0,
    {0}};
/* The model in force; its bytes only when it is not the one that is held already. */
const struct db_stmt stmt_register_model = {
    "register_model",
    "select version, sha256, case when version <> $1 then bytes end from route_models where state = 'live'",
    1,
    {DB_INT4}};

enum {
    Q_UNITS,
    Q_PLAQUES,
    Q_CATEGORIES,
    Q_WORDS,
    Q_CALENDAR,
    Q_CHANNELS,
    Q_TEMPLATES,
    Q_PLAQUE_KEYS,
    Q_NAMES,
    Q_SHARES,
    Q_MODEL
};
const struct db_stmt *const register_queries[REGISTER_QUERIES] = {
    &stmt_register_units,    &stmt_register_plaques,  &stmt_register_categories, &stmt_register_words,
    &stmt_register_calendar, &stmt_register_channels, &stmt_register_templates,  &stmt_register_plaque_keys,
    &stmt_register_names,    &stmt_register_shares,   &stmt_register_model,
};

struct db_params *register_query_params(size_t i, int model)
{
    struct db_params *p = db_params_new(register_queries[i]);
    if (i == Q_UNITS) db_put_i32(p, (int)china_day(clock_now()));
    if (i == Q_MODEL) db_put_i32(p, model);
    return p;
}

static void *rows_alloc(struct snapshot *s, size_t n, size_t each)
{
    void *p = arena_alloc(&s->arena, (n ? n : 1) * each);
    if (!p) text_addz(&s->error, "the register is larger than a snapshot may be");
    return p;
}

static struct str keep(struct snapshot *s, const struct db_result *r, int row, int col)
{
    struct str v = db_get_text(r, row, col);
    return v.n ? arena_str(&s->arena, v) : STR("");
}

static struct str keep_day(struct snapshot *s, i64 day)
{
    char text[48];
    const struct civil c = civil_from_days(day);
    snprintf(text, sizeof text, "%d年%d月%d日", c.year, c.month, c.day);
    return arena_str(&s->arena, str_of(text));
}

static bool take_units(struct snapshot *s, const struct db_result *r)
{
    s->n_units = (size_t)db_rows(r);
    struct routing_unit *ru = rows_alloc(s, s->n_units, sizeof *ru);
    if (!ru || !(s->units = rows_alloc(s, s->n_units, sizeof *s->units))) return false;
    for (int i = 0; i < (int)s->n_units; i++) {
        struct unit *u = &s->units[i];
        *u = (struct unit){.id = (int)db_get_i64(r, i, 0),
                           .code = keep(s, r, i, 1),
                           .kind = keep(s, r, i, 2),
                           .name = keep(s, r, i, 3),
                           .short_name = keep(s, r, i, 4),
                           .class = keep(s, r, i, 6),
                           .parent_id = (int)db_get_i64(r, i, 7),
                           .successor_id = (int)db_get_i64(r, i, 8),
                           .phone = keep(s, r, i, 9),
                           .hours = keep(s, r, i, 10),
                           .retired = db_get_bool(r, i, 11),
                           .duties = keep(s, r, i, 12),
                           .post = keep(s, r, i, 13),
                           .address = keep(s, r, i, 14),
                           .figures = {.rated = {db_get_i64(r, i, 16), db_get_i64(r, i, 15)},
                                       .on_time = {db_get_i64(r, i, 18), db_get_i64(r, i, 17)},
                                       .answered = {db_get_i64(r, i, 20), db_get_i64(r, i, 19)},
                                       .from = db_get_i64(r, i, 21),
                                       .to = db_get_i64(r, i, 22),
                                       .at = db_get_instant(r, i, 23),
                                       .by = keep(s, r, i, 24)}};
        if (str_eq(u->code, STR("U000"))) s->triage_unit = u->id;
        if (str_eq(u->kind, STR("enterprise"))) continue; /* no matter ever goes to one */
        ru[s->rows.n_units++] =
            (struct routing_unit){.id = u->id,
                                  .code = u->code,
                                  .kind = u->kind,
                                  .class = u->class,
                                  .name = u->name,
                                  .short_name = u->short_name,
                                  .aliases = keep(s, r, i, 5),
                                  .parent_id = u->parent_id,
                                  .successor_id = u->retired ? u->successor_id : 0,
                                  .gone_on = u->retired ? keep_day(s, db_get_i64(r, i, 25)) : STR_NONE};
    }
    s->rows.units = ru;
    return true;
}

static enum plaque_state plaque_state_of(struct str word)
{
    if (str_eq(word, STR("active"))) return PLAQUE_ACTIVE;
    if (str_eq(word, STR("retired"))) return PLAQUE_RETIRED;
    return str_eq(word, STR("void")) ? PLAQUE_VOID : PLAQUE_ISSUED;
}

static bool take_plaques(struct snapshot *s, const struct db_result *r)
{
    s->n_plaques = (size_t)db_rows(r);
    if (!(s->plaques = rows_alloc(s, s->n_plaques, sizeof *s->plaques))) return false;
    for (int i = 0; i < (int)s->n_plaques; i++)
        s->plaques[i] = (struct plaque_row){.number = keep(s, r, i, 0),
                                            .unit_id = (int)db_get_i64(r, i, 1),
                                            .window_name = keep(s, r, i, 2),
                                            .key_version = (unsigned)db_get_i64(r, i, 3),
                                            .state = plaque_state_of(db_get_text(r, i, 4)),
                                            .successor = keep(s, r, i, 5),
                                            .heir_id = (int)db_get_i64(r, i, 8),
                                            .point = !db_is_null(r, i, 6),
                                            .lat = db_is_null(r, i, 6) ? 0 : db_get_f64(r, i, 6),
                                            .lon = db_is_null(r, i, 7) ? 0 : db_get_f64(r, i, 7)};
    return true;
}

static bool take_plaque_keys(struct snapshot *s, const struct db_result *r)
{
    for (int i = 0; i < db_rows(r); i++)
        s->plaque_keys[(size_t)db_get_i64(r, i, 0) % ARRAY_LEN(s->plaque_keys)] =
            db_get_bool(r, i, 1) ? PLAQUE_KEY_WITHDRAWN : PLAQUE_KEY_GOOD;
    return true;
}

static bool take_categories(struct snapshot *s, const struct db_result *r)
{
    s->n_categories = (size_t)db_rows(r);
    struct routing_category *rc = rows_alloc(s, s->n_categories, sizeof *rc);
    if (!rc || !(s->categories = rows_alloc(s, s->n_categories, sizeof *s->categories))) return false;
    for (int i = 0; i < (int)s->n_categories; i++) {
        struct category *c = &s->categories[i];
        enum nature nature = NATURE_UNKNOWN;
        if (!nature_parse(db_get_text(r, i, 3), &nature)) nature = NATURE_UNKNOWN; /* headings have none */
        *c = (struct category){.code = keep(s, r, i, 0),
                               .name = keep(s, r, i, 2),
                               .default_unit_id = (int)db_get_i64(r, i, 4),
                               .level = (int)db_get_i64(r, i, 5),
                               .limit_amount = (int)db_get_i64(r, i, 6),
                               .nature = nature,
                               .confidential = db_get_bool(r, i, 7)};
        rc[i] = (struct routing_category){.code = c->code,
                                          .parent = keep(s, r, i, 1),
                                          .name = c->name,
                                          .nature = nature,
                                          .unit_id = c->default_unit_id,
                                          .level = c->level,
                                          .confidential = c->confidential};
    }
    s->rows.categories = rc;
    s->rows.n_categories = s->n_categories;
    return true;
}

static bool take_words(struct snapshot *s, const struct db_result *r)
{
    size_t n = (size_t)db_rows(r);
    struct routing_word *rw = rows_alloc(s, n, sizeof *rw);
    if (!rw) return false;
    for (int i = 0; i < (int)n; i++)
        rw[i] =
            (struct routing_word){keep(s, r, i, 0), keep(s, r, i, 1), keep(s, r, i, 2), db_get_f64(r, i, 3)};
    s->rows.words = rw;
    s->rows.n_words = n;
    s->rules_version = n ? (int)db_get_i64(r, 0, 4) : 0;
    return true;
}

/* One version of one year, as the query's rows have it. */
struct year_version {
    int year, version;
    instant imported;
    int first, n; /* its rows */
};

/* Is `v` what counted at `since`? The newest of its year that was there, or else the first one. */
static bool in_force(const struct year_version *all, size_t n, const struct year_version *v, instant since)
{
    for (size_t i = 0; i < n; i++) {
        const struct year_version *o = &all[i];
        if (o->year != v->year || o == v) continue;
        if (o->version > v->version && !instant_before(since, o->imported)) return false;
        if (o->version < v->version && instant_before(since, v->imported)) return false;
    }
    return true;
}

static bool calendar_build(struct snapshot *s, const struct db_result *r, const struct year_version *all,
                           size_t n, struct calendar *c, struct workday_row *rows)
{
    size_t n_rows = 0, bad;
    for (size_t v = 0; v < n; v++) {
        if (!in_force(all, n, &all[v], c->since)) continue;
        for (int i = all[v].first; i < all[v].first + all[v].n; i++)
            rows[n_rows++] = (struct workday_row){civil_from_days(db_get_i64(r, i, 3)),
                                                  str_eq(db_get_text(r, i, 4), STR("workday"))};
    }
    if (!workdays_build(rows, n_rows, &c->days, &bad)) {
        text_addf(&s->error, "calendar row %zu cannot be right", bad);
        return false;
    }
    for (size_t v = 0; v < n; v++)
        if (in_force(all, n, &all[v], c->since)) workdays_set_version(&c->days, all[v].year, all[v].version);
    return true;
}

static int by_since(const void *a, const void *b)
{
    const struct calendar *x = a, *y = b;
    return (x->since.us > y->since.us) - (x->since.us < y->since.us);
}

static bool take_calendar(struct snapshot *s, const struct db_result *r)
{
    const size_t n_rows = (size_t)db_rows(r);
    struct workday_row *rows = rows_alloc(s, n_rows, sizeof *rows);
    struct year_version *all = rows_alloc(s, n_rows, sizeof *all);
    size_t n = 0, n_since = 0;
    if (!rows || !all) return false;
    for (int i = 0; i < (int)n_rows; i++) {
        const int year = (int)db_get_i64(r, i, 0), version = (int)db_get_i64(r, i, 1);
        if (n == 0 || all[n - 1].year != year || all[n - 1].version != version)
            all[n++] = (struct year_version){year, version, db_get_instant(r, i, 2), i, 0};
        all[n - 1].n++;
    }
    instant *since = rows_alloc(s, n, sizeof *since);
    if (!since) return false;
    for (size_t i = 0; i < n; i++) { /* one import may bring several years */
        bool known = false;
        for (size_t k = 0; k < n_since && !known; k++) known = since[k].us == all[i].imported.us;
        if (!known) since[n_since++] = all[i].imported;
    }
    if (n_since == 0) since[n_since++].us = 0; /* nothing was imported yet: a calendar without a year */
    struct calendar *c = rows_alloc(s, n_since, sizeof *c);
    if (!c) return false;
    for (size_t i = 0; i < n_since; i++) c[i].since = since[i];
    qsort(c, n_since, sizeof *c, by_since);
    const size_t skip = n_since > CALENDARS_MAX ? n_since - CALENDARS_MAX : 0;
    s->calendars = c + skip;
    s->n_calendars = n_since - skip;
    for (size_t i = 0; i < s->n_calendars; i++)
        if (!calendar_build(s, r, all, n, &s->calendars[i], rows)) return false;
    return true;
}

/* A channel whose settings cannot be opened is left out and logged: the others go on. */
static bool take_channels(struct snapshot *s, const struct db_result *r)
{
    size_t n = (size_t)db_rows(r);
    if (!(s->channels = rows_alloc(s, n, sizeof *s->channels))) return false;
    for (int i = 0; i < (int)n; i++) {
        struct channel_row *c = &s->channels[s->n_channels];
        const char *why;
        struct text plain;
        text_init(&plain, 64 * 1024);
        c->ch.name = keep(s, r, i, 0);
        c->adapter = adapter_find(db_get_text(r, i, 1));
        struct str hash = db_get_text(r, i, 2);
        bool opened = c->adapter && hash.n == 32 &&
                      crypto_open(s->g->keys, KEY_CHANNEL, c->ch.name, db_get_text(r, i, 3), &plain);
        struct json *doc = opened ? json_parse(text_str(&plain), plain.max, &why) : NULL;
        size_t count = json_count(doc);
        struct channel_setting *set = doc ? arena_alloc(&s->arena, (count + 1) * sizeof *set) : NULL;
        if (set) {
            memcpy(c->key_hash, hash.p, 32);
            c->active = db_get_bool(r, i, 6);
            if (db_get_text(r, i, 4).n == 32) {
                memcpy(c->old_key_hash, db_get_text(r, i, 4).p, 32);
                c->old_key_until = db_get_instant(r, i, 5);
            }
            for (const char *key = json_next_key(doc, NULL); key; key = json_next_key(doc, key))
                set[c->ch.n_settings++] = (struct channel_setting){
                    arena_str(&s->arena, str_of(key)), arena_str(&s->arena, json_str(json_get(doc, key)))};
            c->ch.settings = set;
            s->n_channels++;
        } else {
            log_line(LOG_ERROR, LOG_HOOKS,
                     "channel left out: unknown type or settings sealed with another key", "channel=%.*s",
                     STR_ARG(c->ch.name));
        }
        json_free(&doc);
        text_free(&plain);
    }
    return true;
}

/* What a person wrote past the desk, or an event of a newer program, must not silence the gateway: the version before counts. */
static bool take_templates(struct snapshot *s, const struct db_result *r)
{
    for (int i = 0; i < db_rows(r); i++) {
        enum message_event e;
        if (!message_event_parse(db_get_text(r, i, 0), &e)) continue;
        struct str *t = &s->templates[e][db_get_bool(r, i, 1)];
        if (t->n) continue;
        if (message_template_fault(e, db_get_text(r, i, 3)))
            log_line(LOG_ERROR, LOG_ROUTE, "wording passed over: the version before counts",
                     "event=%s version=%lld", message_event_word(e), (long long)db_get_i64(r, i, 2));
        else
            *t = keep(s, r, i, 3);
    }
    for (int e = 0; e < MESSAGE_EVENTS_N; e++)
        if (s->templates[e][0].n == 0 || s->templates[e][1].n == 0) {
            text_addf(&s->error, "no wording of event %s", message_event_word((enum message_event)e));
            return false;
        }
    return true;
}

static bool take_names(struct snapshot *s, const struct db_result *r)
{
    s->n_names = (size_t)db_rows(r);
    if (!(s->names = rows_alloc(s, s->n_names, sizeof *s->names))) return false;
    struct routing_name *rn = rows_alloc(s, 2 * s->n_names, sizeof *rn);
    if (!rn) return false;
    for (int i = 0; i < (int)s->n_names; i++)
        s->names[i] = (struct former_name){.unit_id = (int)db_get_i64(r, i, 0),
                                           .name = keep(s, r, i, 1),
                                           .short_name = keep(s, r, i, 2),
                                           .until = db_get_i64(r, i, 3)};
    for (size_t i = 0; i < s->n_names; i++) {
        const struct former_name *f = &s->names[i];
        const struct str until = keep_day(s, f->until);
        rn[s->rows.n_names++] = (struct routing_name){f->unit_id, f->name, until};
        if (!str_eq(f->name, f->short_name))
            rn[s->rows.n_names++] = (struct routing_name){f->unit_id, f->short_name, until};
    }
    s->rows.names = rn;
    return true;
}

static bool take_shares(struct snapshot *s, const struct db_result *r)
{
    const size_t n = (size_t)db_rows(r);
    struct routing_share *rs = rows_alloc(s, n, sizeof *rs);
    if (!rs) return false;
    for (int i = 0; i < (int)n; i++) {
        const struct str by = db_get_text(r, i, 2);
        rs[i] = (struct routing_share){.unit_id = (int)db_get_i64(r, i, 0),
                                       .heir_id = (int)db_get_i64(r, i, 1),
                                       .by = str_eq(by, STR("category")) ? SHARE_CATEGORY
                                             : str_eq(by, STR("place"))  ? SHARE_PLACE
                                                                         : SHARE_OTHER,
                                       .value = keep(s, r, i, 3)};
    }
    s->rows.shares = rs;
    s->rows.n_shares = n;
    return true;
}

/* What was held is shared; another one is copied, to be checked and read on the pool. */
static bool take_model(struct snapshot *s, const struct db_result *r)
{
    if (db_rows(r) == 0) return true;
    const int version = (int)db_get_i64(r, 0, 0);
    const struct str hash = db_get_text(r, 0, 1);
    if (db_is_null(r, 0, 2) && s->held && s->held->version == version) {
        s->model = s->held;
        atomic_fetch_add(&s->held->holders, 1);
        return true;
    }
    s->model = MEM_NEW(struct register_model);
    *s->model = (struct register_model){.version = version, .holders = 1};
    if (hash.n == sizeof s->model_sha256) memcpy(s->model_sha256, hash.p, hash.n);
    text_init(&s->model_bytes, LEARNED_BYTES_MAX);
    text_add(&s->model_bytes, db_get_text(r, 0, 2));
    return true;
}

bool register_rows_take(struct snapshot *s, const struct db_result *const *results)
{
    return take_units(s, results[Q_UNITS]) && take_plaques(s, results[Q_PLAQUES]) &&
           take_categories(s, results[Q_CATEGORIES]) && take_words(s, results[Q_WORDS]) &&
           take_calendar(s, results[Q_CALENDAR]) && take_channels(s, results[Q_CHANNELS]) &&
           take_templates(s, results[Q_TEMPLATES]) && take_plaque_keys(s, results[Q_PLAQUE_KEYS]) &&
           take_names(s, results[Q_NAMES]) && take_shares(s, results[Q_SHARES]) &&
           take_model(s, results[Q_MODEL]);
}
