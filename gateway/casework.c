#include "casework.h"
#include "metrics.h"
#include "register.h"
#include "ids.h"
#include "base/arena.h"
#include "base/code.h"
#include "base/log.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct db_stmt stmt_casework_enter = {
    "casework_enter",
    "select staff_id, login, name, unit_id, unit_name, home_unit_id, array_to_string(roles, ','), must_change, my_unit(), my_home() "
    "from staff_enter($1)",
    1,
    {DB_BYTEA}};
const struct db_stmt stmt_casework_role = {
    "casework_role",
    "select set_config('role', 'mashangdu_staff', true), set_config('msd.writing', $1, true)",
    1,
    {DB_TEXT}};
const struct db_stmt stmt_casework_read = {
    "casework_read",
    "select " CASEWORK_COLUMNS ", "
    "exists (select from case_units cu where cu.case_id = c.id and cu.unit_id = my_unit()), "
    "exists (select from case_shares cs where cs.case_id = c.id and cs.staff_id = staff_now()) "
    "from cases c where c.id = $1",
    1,
    {DB_INT8}};

/* One statement: nothing happens unless the version is still the one that was judged. Events come last. */
const struct db_stmt stmt_casework_write = {
    "casework_write",
    "with u as (update cases set version = version + 1, state = $3, category = $4, level = $5, unit_id = $6, limit_amount = $7, "
    "  flags = $8, held = $9, triage = $10, round = $11, rung = $12, ending = $13, handler_id = $14, asker_id = $15, "
    "  asked_amount = $16, pause_cause = $17, pause_until = $18, held_since = $19, callback_tries = $20, callback_day = $21, "
    "  merged_from = $22, merged_into = $23, assigned_at = $24, signed_at = $25, replied_at = $26, closed_at = $27, "
    "  handling_due = $28, due_at = $29, due_clock = $30 where id = $1 and version = $2 returning id, version), "
    "a as (insert into acts (id, case_id, version, at, act, actor, staff_id, role, from_state, to_state, unit_id, reason, words, "
    "  public, data) select $31, u.id, u.version, $32, $33->>'act', $33->>'actor', nullif($33->>'staff', '0')::integer, "
    "  $33->>'role', $33->>'from', $33->>'to', nullif($33->>'unit', '0')::integer, $33->>'reason', $33->>'words', "
    "  ($33->>'public')::boolean, $33->'data' from u), "
    "cu as (insert into case_units select u.id, ($33->>'co_unit')::integer from u where $33->>'co_unit' <> '0' on conflict do nothing), "
    "cs as (insert into case_shares select u.id, ($33->>'share')::integer from u where $33->>'share' <> '0' on conflict do nothing) "
    "select u.version, events_append($34, $35, $36, $37, $38, $39) from u",
    39,
    {DB_INT8,        DB_INT4,  DB_TEXT,        DB_TEXT,        DB_INT4,        DB_INT4,        DB_INT4,
     DB_TEXTS,       DB_BOOL,  DB_BOOL,        DB_INT4,        DB_INT4,        DB_TEXT,        DB_INT4,
     DB_INT4,        DB_INT4,  DB_TEXT,        DB_TIMESTAMPTZ, DB_TIMESTAMPTZ, DB_INT4,        DB_INT8,
     DB_TEXT,        DB_INT8,  DB_TIMESTAMPTZ, DB_TIMESTAMPTZ, DB_TIMESTAMPTZ, DB_TIMESTAMPTZ, DB_TIMESTAMPTZ,
     DB_TIMESTAMPTZ, DB_TEXT,  DB_INT8,        DB_TIMESTAMPTZ, DB_JSONB,       DB_TEXTS,       DB_INT8S,
     DB_INT4S,       DB_INT4S, DB_BOOLS,       DB_JSONBS}};

u32 casework_roles(struct str words)
{
    u32 mask = 0;
    while (words.n) {
        struct str word;
        enum staff_role role;
        str_cut(words, ',', &word, &words);
        if (staff_role_parse(word, &role)) mask |= ROLE_BIT(role);
    }
    return mask;
}

static u32 flags_of(struct str words)
{
    u32 mask = 0, flag;
    while (words.n) {
        struct str word;
        str_cut(words, ',', &word, &words);
        if (case_flag_parse(word, &flag)) mask |= flag;
    }
    return mask;
}

void casework_row(const struct db_result *r, int row, struct case_row *out)
{
    int c = 0;
    struct case_view *v = &out->view;
    memset(out, 0, sizeof *out);
    v->id = db_get_i64(r, row, c++);
    v->version = db_get_i64(r, row, c++);
    bool known = case_state_parse(db_get_text(r, row, c++), &v->state);
    known &= nature_parse(db_get_text(r, row, c++), &v->nature);
    out->category = db_get_text(r, row, c++);
    v->level = (int)db_get_i64(r, row, c++);
    v->unit = db_get_i64(r, row, c++);
    v->about_unit = db_get_i64(r, row, c++);
    v->limit_amount = (int)db_get_i64(r, row, c++);
    v->flags = flags_of(db_get_text(r, row, c++));
    out->held = db_get_bool(r, row, c++);
    out->triage = db_get_bool(r, row, c++);
    v->round = (int)db_get_i64(r, row, c++);
    v->rung = (int)db_get_i64(r, row, c++);
    known &= case_ending_parse(db_get_text(r, row, c++), &v->ending);
    v->handler = db_get_i64(r, row, c++);
    v->asker = db_get_i64(r, row, c++);
    v->asked_amount = (int)db_get_i64(r, row, c++);
    known &= pause_cause_parse(db_get_text(r, row, c++), &v->pause_cause);
    v->pause_until = db_get_instant(r, row, c++);
    out->held_since = db_get_instant(r, row, c++);
    v->callback_tries = (int)db_get_i64(r, row, c++);
    v->callback_day = db_get_i64(r, row, c++);
    if (!db_is_null(r, row, c)) known &= case_state_parse(db_get_text(r, row, c), &v->merged_from);
    c++;
    v->opened = db_get_instant(r, row, c++);
    v->assigned = db_get_instant(r, row, c++);
    v->signed_at = db_get_instant(r, row, c++);
    v->replied = db_get_instant(r, row, c++);
    v->closed = db_get_instant(r, row, c++);
    v->due = db_get_instant(r, row, c++);
    out->due = db_get_instant(r, row, c++);
    if (!db_is_null(r, row, c)) known &= case_clock_parse(db_get_text(r, row, c), &out->due_clock);
    c++;
    out->urgency = db_get_text(r, row, c++);
    out->channel = db_get_text(r, row, c++);
    out->plaque_unit = db_get_i64(r, row, c++);
    out->merged_into = db_get_i64(r, row, c++);
    ASSERT(known); /* the table's checks allow no other words */
}

const char *casework_colour(const struct case_row *row, instant now)
{
    if (row->due.us == 0 || !case_state_open(row->view.state)) return "green";
    if (now.us >= row->due.us) return "red";
    i64 start = row->view.assigned.us ? row->view.assigned.us : row->view.opened.us;
    return now.us - start >= (row->due.us - start) / 4 * 3 ? "yellow" : "green";
}

static void put_unit(struct gateway *g, i64 id, struct text *out)
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

static const char *yes(bool b) { return b ? "true" : "false"; }

void casework_json(struct gateway *g, const struct case_row *row, struct text *out)
{
    const struct case_view *v = &row->view;
    const struct category *cat = register_category(g, row->category);
    text_addf(
        out, "{\"id\":%lld,\"version\":%lld,\"state\":\"%s\",\"nature\":\"%s\",\"level\":%d,\"urgency\":",
        (long long)v->id, (long long)v->version, case_state_word(v->state), nature_word(v->nature), v->level);
    json_put(out, row->urgency);
    text_addz(out, ",\"category\":{\"code\":");
    json_put(out, row->category);
    text_addz(out, ",\"name\":");
    json_put(out, cat ? cat->name : row->category);
    text_addz(out, "},\"unit\":");
    put_unit(g, v->unit, out);
    text_addz(out, ",\"about_unit\":");
    put_unit(g, v->about_unit, out);
    text_addz(out, ",\"channel\":");
    json_put(out, row->channel);
    text_addf(
        out,
        ",\"triage\":%s,\"held\":%s,\"confidential\":%s,\"paused\":%s,\"supervised\":%s,\"return_asked\":%s,"
        "\"extension_asked\":%s,\"round\":%d,\"rung\":%d",
        yes(row->triage), yes(row->held), yes(v->flags & CASE_FLAG_CONFIDENTIAL),
        yes(v->flags & CASE_FLAG_PAUSED), yes(v->flags & CASE_FLAG_SUPERVISED),
        yes(v->flags & CASE_FLAG_RETURN_ASKED), yes(v->flags & CASE_FLAG_EXTENSION_ASKED), v->round, v->rung);
    json_put_instant(out, "opened_at", v->opened);
    json_put_instant(out, "due_at", row->due);
    if (row->due.us) text_addf(out, ",\"due_clock\":\"%s\"", case_clock_word(row->due_clock));
    text_addf(out, ",\"colour\":\"%s\"}", casework_colour(row, clock_now()));
}

void casework_enter(struct db_call *c, const u8 session[32], u64 writing)
{
    struct db_params *who = db_params_new(&stmt_casework_enter), *role = db_params_new(&stmt_casework_role);
    char id[24];
    db_put_bytes(who, (struct str){(const char *)session, 32});
    snprintf(id, sizeof id, "%llu", (unsigned long long)writing);
    db_put_text(role, str_of(id));
    db_call_add(c, &stmt_casework_enter, who);
    db_call_add(c, &stmt_casework_role, role);
}

/* --- one act: read, judge, write --- */

struct doing {
    struct gateway *g;
    struct arena arena;
    u8 session[32];
    bool staff;
    u64 case_id;
    struct act_request req;
    struct str category;
    struct case_row before;
    struct outcome outcome;
    i64 co_unit, share;
    casework_done *done;
    void *arg;
};

static void finish(struct doing *d, enum refusal r, const char *detail, i64 version)
{
    struct casework_result result = {r, detail ? detail : "", d->case_id, version};
    if (r == REFUSE_NONE) COUNT(ACTS);
    if (r == REFUSE_CASE_CHANGED) COUNT(ACT_CONFLICTS);
    d->done(d->arg, &result);
    arena_free(&d->arena);
    free(d);
}

static void log_failure(const char *what, enum db_end end, const struct db_error *e)
{
    log_line(LOG_ERROR, LOG_STAFF, what, "end=%s sqlstate=%s constraint=%s text=\"%s\"",
             end == DB_LOST ? "lost" : "failed", e ? e->sqlstate : "", e ? e->constraint : "",
             e ? e->message : "");
}

static enum refusal refusal_of(enum db_end end, const struct db_error *e)
{
    if (end == DB_LOST || !e || strncmp(e->sqlstate, "MSDQ", 4) == 0 || strncmp(e->sqlstate, "57", 2) == 0)
        return REFUSE_UNAVAILABLE;
    if (strcmp(e->sqlstate, "42501") == 0) return REFUSE_FORBIDDEN;
    if (strcmp(e->constraint, "cases_never_reported_unit") == 0) return REFUSE_RECUSED;
    if (strncmp(e->sqlstate, "23", 2) == 0) return REFUSE_ACT_ILLEGAL;
    return REFUSE_INTERNAL;
}

static void written(void *arg, enum db_end end, const struct db_result *const *results, int n,
                    const struct db_error *error)
{
    struct doing *d = arg;
    if (end != DB_OK) {
        log_failure("act not stored", end, error);
        finish(d, refusal_of(end, error), NULL, 0);
        return;
    }
    const struct db_result *r = results[n - 1];
    if (db_rows(r) == 0)
        finish(d, REFUSE_CASE_CHANGED, NULL, 0);
    else
        finish(d, REFUSE_NONE, NULL, db_get_i64(r, 0, 0));
}

/* The clocks after the act: handling_due runs through all rounds and stops; one other clock may run beside it. */
static void settle_clocks(struct doing *d, struct case_row *after)
{
    struct gateway *g = d->g;
    const struct outcome *o = &d->outcome;
    const struct workdays *cal = register_workdays(g);
    struct deadline_rules rules = deadline_defaults();
    instant now = d->req.now, due = {0};
    int year = 0;
    bool loaded = true;
    const u32 handling = 1u << CLOCK_HANDLING;

    if (after->due.us && (o->clocks_stop & 1u << after->due_clock)) after->due.us = 0;
    const u32 held = handling | (after->due.us ? 1u << after->due_clock : 0);
    if ((o->clocks_hold & held) && after->held_since.us == 0) after->held_since = now;
    if (after->due.us && after->held_since.us && (o->clocks_resume & 1u << after->due_clock) &&
        after->due_clock != CLOCK_HANDLING &&
        deadline_resume(&rules, cal, after->due_clock, after->view.level, after->due, after->held_since, now,
                        &due, &year, NULL))
        after->due = due;
    if ((o->clocks_resume & handling) && after->held_since.us) {
        if (after->view.due.us && deadline_resume(&rules, cal, CLOCK_HANDLING, after->view.level,
                                                  after->view.due, after->held_since, now, &due, &year, NULL))
            after->view.due = due;
        after->held_since.us = 0;
    }
    if (o->clocks_stop & handling) after->view.due.us = 0, after->held_since.us = 0;
    if (o->extend_by && after->view.due.us &&
        deadline_extend(&rules, cal, after->view.level, after->view.due, o->extend_by, &due, &year, NULL))
        after->view.due = due;
    for (int clock = 0; clock < CLOCKS_N; clock++) {
        if (!(o->clocks_start & 1u << clock)) continue;
        if (!deadline_due(&rules, cal, (enum case_clock)clock, after->view.level, after->view.round, now,
                          &due, &year, NULL)) {
            loaded = false;
            continue;
        }
        if (clock == CLOCK_HANDLING)
            after->view.due = due, after->held_since.us = 0;
        else
            after->due = due, after->due_clock = (enum case_clock)clock;
    }
    bool beside = after->due.us && after->due_clock != CLOCK_HANDLING;
    if (!beside) {
        bool runs = after->view.due.us && after->held_since.us == 0 &&
                    (after->view.state == CASE_ASSIGNED || after->view.state == CASE_HANDLING);
        after->due.us = runs ? after->view.due.us : 0;
        after->due_clock = CLOCK_HANDLING;
    }
    if (!loaded) log_line(LOG_WARNING, LOG_STAFF, "no calendar for a deadline", "year=%d", year);
}

/* Who of a unit may see the case: nobody before it is assigned or while it is held. */
static int visible_unit(const struct case_row *row)
{
    return row->held || row->view.state == CASE_DISCOVERED ? 0 : (int)row->view.unit;
}

static void put_nullable_i32(struct db_params *p, i64 v)
{
    if (v)
        db_put_i32(p, (int)v);
    else
        db_put_null(p);
}

static const char *acting_role(const struct doing *d)
{
    if (!d->staff || !d->outcome.row) return NULL;
    u32 fit = d->req.actor.roles & d->outcome.row->who;
    for (int r = 0; r < ROLES_N; r++)
        if (fit & ROLE_BIT(r)) return staff_role_word((enum staff_role)r);
    return NULL;
}

static void put_member(struct text *t, const char *name, struct str value)
{
    if (value.n == 0) return;
    text_addf(t, "%s\"%s\":", t->p[t->n - 1] == '{' ? "" : ",", name);
    json_put(t, value);
}

/* The act as one JSON parameter: its fields vary, its row does not. */
static void put_act(struct doing *d, const struct case_row *after, struct text *t)
{
    const struct act_request *q = &d->req;
    char until[INSTANT_TEXT_MAX];
    const char *role = acting_role(d);
    bool public_words = d->outcome.row->citizen != NULL;
    text_addf(
        t,
        "{\"act\":\"%s\",\"actor\":\"%s\",\"staff\":\"%lld\",\"from\":\"%s\",\"to\":\"%s\",\"unit\":\"%lld\",\"public\":%s,"
        "\"co_unit\":\"%lld\",\"share\":\"%lld\"",
        case_act_word(q->act), actor_kind_word(q->actor.kind), (long long)q->actor.staff,
        case_state_word(d->before.view.state), case_state_word(after->view.state), (long long)q->unit,
        yes(public_words), (long long)d->co_unit, (long long)d->share);
    if (role) text_addf(t, ",\"role\":\"%s\"", role);
    put_member(t, "reason", q->reason);
    put_member(t, "words", q->text);
    text_addz(t, ",\"data\":{");
    put_member(t, "ground", q->ground);
    put_member(t, "way", q->way);
    put_member(t, "receiver", q->receiver);
    if (!str_eq(d->category, d->before.category)) put_member(t, "category", d->category);
    if (q->target) text_addf(t, "%s\"target\":%lld", t->p[t->n - 1] == '{' ? "" : ",", (long long)q->target);
    if (q->amount) text_addf(t, "%s\"amount\":%d", t->p[t->n - 1] == '{' ? "" : ",", q->amount);
    if (q->evidence) text_addf(t, "%s\"evidence\":%d", t->p[t->n - 1] == '{' ? "" : ",", q->evidence);
    if (q->rung) text_addf(t, "%s\"rung\":%d", t->p[t->n - 1] == '{' ? "" : ",", q->rung);
    if (q->rating) text_addf(t, "%s\"rating\":%d", t->p[t->n - 1] == '{' ? "" : ",", q->rating);
    if (q->until.us) put_member(t, "until", str_of(instant_text(q->until, until)));
    if (q->pause_cause) put_member(t, "pause_cause", str_of(pause_cause_word(q->pause_cause)));
    text_addz(t, "}}");
}

static void write_outcome(struct doing *d)
{
    struct gateway *g = d->g;
    struct case_row after = d->before;
    struct case_view *v = &after.view;
    struct text act, data, left;
    const int old_unit = visible_unit(&d->before);

    *v = d->outcome.view;
    v->due = d->before.view.due;
    if (v->unit == 0) v->unit = register_triage_unit(g); /* a granted return goes back to the triage desk */
    after.category = d->category;
    if (d->req.act == ACT_ASSIGN) after.held = after.triage = false;
    if (d->req.act == ACT_MERGE) after.merged_into = d->req.target;
    if (d->req.act == ACT_UNMERGE) after.merged_into = 0;
    d->co_unit = d->req.act == ACT_CO_ASSIGN ? d->req.unit : 0;
    d->share = d->req.act == ACT_SHARE ? d->req.person : 0;
    settle_clocks(d, &after);
    const int new_unit = visible_unit(&after);
    const bool leaves = old_unit && old_unit != new_unit;
    const size_t n_events = leaves ? 2 : 1;
    const int hidden = v->nature == NATURE_REPORT ? (int)v->about_unit : 0;

    struct db_params *p = db_params_new(&stmt_casework_write);
    db_put_i64(p, (i64)d->case_id);
    db_put_i32(p, (int)d->before.view.version);
    db_put_text(p, str_of(case_state_word(v->state)));
    db_put_text(p, after.category);
    db_put_i32(p, v->level);
    db_put_i32(p, (int)v->unit);
    db_put_i32(p, v->limit_amount);
    size_t n_flags = 0;
    for (unsigned b = 0; b < CASE_FLAGS_N; b++) n_flags += v->flags >> b & 1;
    db_array_begin(p, DB_TEXT, n_flags);
    for (unsigned b = 0; b < CASE_FLAGS_N; b++)
        if (v->flags >> b & 1) db_put_text(p, str_of(case_flag_word(b)));
    db_array_end(p);
    db_put_bool(p, after.held);
    db_put_bool(p, after.triage);
    db_put_i32(p, v->round);
    db_put_i32(p, v->rung);
    db_put_text(p, str_of(case_ending_word(v->ending)));
    put_nullable_i32(p, v->handler);
    put_nullable_i32(p, v->asker);
    db_put_i32(p, v->asked_amount);
    db_put_text(p, str_of(pause_cause_word(v->pause_cause)));
    db_put_instant(p, v->pause_until);
    db_put_instant(p, after.held_since);
    db_put_i32(p, v->callback_tries);
    db_put_i64(p, v->callback_day);
    db_put_text(p, v->state == CASE_MERGED ? str_of(case_state_word(v->merged_from)) : STR_NONE);
    if (after.merged_into)
        db_put_i64(p, after.merged_into);
    else
        db_put_null(p);
    db_put_instant(p, v->assigned);
    db_put_instant(p, v->signed_at);
    db_put_instant(p, v->replied);
    db_put_instant(p, v->closed);
    db_put_instant(p, v->due);
    db_put_instant(p, after.due);
    db_put_text(p, after.due.us ? str_of(case_clock_word(after.due_clock)) : STR_NONE);

    u64 act_id = ids_next(g);
    text_init(&act, 256 * 1024);
    put_act(d, &after, &act);
    db_put_i64(p, (i64)act_id);
    db_put_instant(p, d->req.now);
    db_put_json(p, text_str(&act));

    text_init(&data, 8192);
    text_init(&left, 64);
    v->version = d->before.view.version + 1;
    casework_json(g, &after, &data);
    text_addf(&left, "{\"id\":%llu}", (unsigned long long)d->case_id);
    db_array_begin(p, DB_TEXT, n_events);
    if (leaves) db_put_text(p, STR("case.left"));
    db_put_text(p, STR("case.changed"));
    db_array_end(p);
    db_array_begin(p, DB_INT8, n_events);
    for (size_t i = 0; i < n_events; i++) db_put_i64(p, (i64)d->case_id);
    db_array_end(p);
    db_array_begin(p, DB_INT4, n_events);
    if (leaves) db_put_i32(p, old_unit);
    put_nullable_i32(p, new_unit);
    db_array_end(p);
    db_array_begin(p, DB_INT4, n_events);
    for (size_t i = 0; i < n_events; i++) put_nullable_i32(p, hidden);
    db_array_end(p);
    db_array_begin(p, DB_BOOL, n_events);
    for (size_t i = 0; i < n_events; i++) db_put_bool(p, (v->flags & CASE_FLAG_CONFIDENTIAL) != 0);
    db_array_end(p);
    db_array_begin(p, DB_JSONB, n_events);
    if (leaves) db_put_json(p, text_str(&left));
    db_put_json(p, text_str(&data));
    db_array_end(p);
    bool whole = !act.overflow && !data.overflow && act_id != 0;
    text_free(&act);
    text_free(&data);
    text_free(&left);

    struct db_call *c = db_call_new(written, d);
    if (d->staff) casework_enter(c, d->session, d->case_id);
    db_call_add(c, &stmt_casework_write, p);
    if (!whole) {
        db_call_drop(&c);
        finish(d, REFUSE_UNAVAILABLE, NULL, 0);
    } else if (!db_call_send(d->staff ? g->lane_staff : g->lane_public, c)) {
        finish(d, REFUSE_UNAVAILABLE, NULL, 0);
    }
}

/* Stations handle for their unit; nothing is given to a unit that no longer exists. */
static bool settle_unit(struct doing *d)
{
    if (!d->req.unit) return true;
    const struct unit *u = register_unit(d->g, (int)d->req.unit);
    if (u && u->retired && u->successor_id) u = register_unit(d->g, u->successor_id);
    if (u && str_eq(u->kind, STR("station"))) u = register_unit(d->g, u->parent_id);
    if (!u || u->retired) return false;
    d->req.unit = u->id;
    return true;
}

static void judge(struct doing *d)
{
    struct case_view judged = d->before.view;
    const struct category *cat = d->category.n ? register_category(d->g, d->category) : NULL;
    if (!settle_unit(d) || (d->category.n && !cat)) {
        finish(d, REFUSE_UNKNOWN_FIELD, NULL, 0);
        return;
    }
    if (!cat) {
        d->category = arena_str(&d->arena, d->before.category);
    } else {
        judged.level = cat->level;
        judged.limit_amount = cat->limit_amount;
        if (cat->confidential) judged.flags |= CASE_FLAG_CONFIDENTIAL;
    }
    if (d->req.act == ACT_ASSIGN && judged.nature == NATURE_REPORT && judged.about_unit &&
        judged.about_unit == d->req.unit) {
        finish(d, REFUSE_RECUSED, "举报件不得交由被举报单位办理。", 0);
        return;
    }
    enum refusal r = caseflow_apply(&judged, &d->req, &d->outcome);
    if (r != REFUSE_NONE)
        finish(d, r, d->outcome.detail, 0);
    else
        write_outcome(d);
}

static void read_case(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct doing *d = arg;
    if (end != DB_OK) {
        log_failure("case not read", end, error);
        finish(d, refusal_of(end, error), NULL, 0);
        return;
    }
    const struct db_result *row = d->staff ? results[CASEWORK_FIRST] : results[0];
    (void)n;
    if (d->staff) {
        const struct db_result *who = results[CASEWORK_WHO];
        if (db_rows(who) == 0) {
            finish(d, REFUSE_SESSION_NEEDED, NULL, 0);
            return;
        }
        if (db_get_bool(who, 0, 7)) {
            finish(d, REFUSE_FORBIDDEN, "请先修改初始密码。", 0);
            return;
        }
        d->req.actor = (struct actor){.kind = ACTOR_STAFF,
                                      .staff = db_get_i64(who, 0, 0),
                                      .roles = casework_roles(db_get_text(who, 0, 6)),
                                      .unit = db_get_i64(who, 0, 8),
                                      .home_unit = db_get_i64(who, 0, 9)};
    }
    if (db_rows(row) == 0) {
        finish(d, REFUSE_CASE_UNKNOWN, NULL, 0);
        return;
    }
    casework_row(row, 0, &d->before);
    d->before.category = arena_str(&d->arena, d->before.category);
    d->before.urgency = arena_str(&d->arena, d->before.urgency);
    d->before.channel = arena_str(&d->arena, d->before.channel);
    if (d->staff) {
        d->req.actor.co_unit = db_get_bool(row, 0, 36);
        d->req.actor.shared = db_get_bool(row, 0, 37);
    }
    judge(d);
}

void casework_act(struct gateway *g, const u8 session[32], u64 case_id, const struct act_request *req,
                  struct str category, casework_done *done, void *arg)
{
    struct doing *d = MEM_NEW(struct doing);
    d->g = g;
    d->case_id = case_id;
    d->done = done;
    d->arg = arg;
    d->req = *req;
    d->staff = session != NULL;
    arena_init(&d->arena, 256 * 1024);
    if (session) memcpy(d->session, session, 32);
    struct str *texts[] = {&d->req.reason, &d->req.text, &d->req.ground, &d->req.way, &d->req.receiver};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (texts[i]->n) *texts[i] = arena_str(&d->arena, *texts[i]);
    if (category.n) d->category = arena_str(&d->arena, category);

    struct db_call *c = db_call_new(read_case, d);
    struct db_params *id = db_params_new(&stmt_casework_read);
    db_put_i64(id, (i64)case_id);
    if (session) casework_enter(c, session, 0);
    db_call_add(c, &stmt_casework_read, id);
    if (!db_call_send(session ? g->lane_staff : g->lane_public, c)) finish(d, REFUSE_UNAVAILABLE, NULL, 0);
}
