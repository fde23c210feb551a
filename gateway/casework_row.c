/* A case row: from the database, to JSON. */
#include "casework.h"
#include "register.h"
#include "base/code.h"
#include <string.h>

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
    out->clocks.held_since = db_get_instant(r, row, c++);
    v->callback_tries = (int)db_get_i64(r, row, c++);
    v->callback_day = db_get_i64(r, row, c++);
    if (!db_is_null(r, row, c)) known &= case_state_parse(db_get_text(r, row, c), &v->merged_from);
    c++;
    v->opened = db_get_instant(r, row, c++);
    v->assigned = db_get_instant(r, row, c++);
    v->signed_at = db_get_instant(r, row, c++);
    v->replied = db_get_instant(r, row, c++);
    v->closed = db_get_instant(r, row, c++);
    v->due = out->clocks.handling_due = db_get_instant(r, row, c++);
    out->clocks.due = db_get_instant(r, row, c++);
    if (!db_is_null(r, row, c)) known &= case_clock_parse(db_get_text(r, row, c), &out->clocks.due_clock);
    c++;
    out->urgency = db_get_text(r, row, c++);
    out->channel = db_get_text(r, row, c++);
    out->plaque_unit = db_get_i64(r, row, c++);
    out->merged_into = db_get_i64(r, row, c++);
    out->clocks.warn = db_get_instant(r, row, c++);
    out->clocks.next = db_get_instant(r, row, c++);
    /* 'settle' is no act: the clock only computes what comes next. */
    out->clocks.settle = !db_is_null(r, row, c) && str_eq(db_get_text(r, row, c), STR("settle"));
    if (!db_is_null(r, row, c) && !out->clocks.settle)
        known &= case_act_parse(db_get_text(r, row, c), &out->clocks.next_act);
    c++;
    out->clocks.next_rung = (int)db_get_i64(r, row, c++);
    v->proposed = (int)db_get_i64(r, row, c++);
    v->extended = (int)db_get_i64(r, row, c++);
    v->asked = db_get_instant(r, row, c++);
    v->first_unit = db_get_i64(r, row, c++);
    out->higher = db_get_text(r, row, c++);
    struct str chain = db_get_text(r, row, c++);
    if (chain.n == sizeof out->chain) memcpy(out->chain, chain.p, chain.n);
    ASSERT(c == CASEWORK_COLUMNS_N);
    ASSERT(known); /* the table's checks allow no other words */
}

const char *casework_colour(const struct case_row *row, instant now)
{
    const struct case_clocks *c = &row->clocks;
    if (c->due.us == 0 || !(case_state_open(row->view.state) || row->view.flags & CASE_FLAG_OBJECTED))
        return "green";
    if (!instant_before(now, c->due)) return "red";
    return c->warn.us && !instant_before(now, c->warn) ? "yellow" : "green";
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
    register_unit_json_at(g, v->unit, v->closed, out); /* what is over keeps the names of its day */
    text_addz(out, ",\"about_unit\":");
    register_unit_json_at(g, v->about_unit, v->closed, out);
    text_addz(out, ",\"channel\":");
    json_put(out, row->channel);
    text_addf(
        out,
        ",\"triage\":%s,\"held\":%s,\"confidential\":%s,\"paused\":%s,\"supervised\":%s,\"return_asked\":%s,"
        "\"extension_asked\":%s,\"objected\":%s,\"round\":%d,\"rung\":%d",
        yes(row->triage), yes(row->held), yes(v->flags & CASE_FLAG_CONFIDENTIAL),
        yes(v->flags & CASE_FLAG_PAUSED), yes(v->flags & CASE_FLAG_SUPERVISED),
        yes(v->flags & CASE_FLAG_RETURN_ASKED), yes(v->flags & CASE_FLAG_EXTENSION_ASKED),
        yes(v->flags & CASE_FLAG_OBJECTED), v->round, v->rung);
    json_put_instant(out, "opened_at", v->opened);
    json_put_instant(out, "due_at", row->clocks.due);
    if (row->clocks.due.us) text_addf(out, ",\"due_clock\":\"%s\"", case_clock_word(row->clocks.due_clock));
    json_put_instant(out, "warn_at", row->clocks.warn);
    if (row->higher.n) text_addz(out, ",\"higher\":"), json_put(out, row->higher);
    text_addf(out, ",\"colour\":\"%s\"}", casework_colour(row, clock_now()));
}
