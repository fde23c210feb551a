#include "cmd_channel_replay.h"
#include "notices.h"
#include "adapters/reading.h"
#include <stdio.h>
#include <string.h>

#define NAME       "channel"
#define NUMBER_MAX 24

/* A number of an event, or an instant. */
struct range_end {
    char number[NUMBER_MAX], at[INSTANT_TEXT_MAX];
};

static bool limit_read(const char *written, struct range_end *l)
{
    u64 n;
    struct text t;
    struct str s = str_trim(str_of(written));
    *l = (struct range_end){0};
    if (str_u64(s, INT64_MAX, &n) && n > 0) {
        snprintf(l->number, sizeof l->number, "%llu", (unsigned long long)n);
        return true;
    }
    text_init(&t, 64);
    text_add(&t, s);
    if (s.n == 10) text_addz(&t, " 00:00");
    if (t.n == 16) text_addz(&t, ":00");
    const instant at = read_time(text_str(&t), CHINA_OFFSET);
    text_free(&t);
    if (at.us) instant_text(at, l->at);
    return at.us != 0;
}

static bool subscriber(struct db_tool *db, const char *name)
{
    struct db_rows *r = cmd_query(NAME, db, "select type from channels where name = $1", 1, &name);
    if (!r) return false;
    const struct adapter *a = db_rows_count(r) ? adapter_find(str_of(db_rows_text(r, 0, 0))) : NULL;
    db_rows_free(&r);
    if (!a) (void)cmd_fail(NAME, "there is no channel %s of a type that this program knows", name);
    if (a && !notices_replayable(a)) {
        (void)cmd_fail(NAME, "%s is no subscriber: only webhooks tell a repeat from something new", name);
        return false;
    }
    return a != NULL;
}

bool channel_replay(struct db_tool *db, const char *name, const char *from, const char *to)
{
    struct range_end f, t = {0};
    const char *error;
    if (!limit_read(from, &f) || (to && !limit_read(to, &t))) {
        (void)cmd_fail(NAME, "--from and --to take an event's number or a time such as \"2026-03-18 10:00\"");
        return false;
    }
    if (!subscriber(db, name)) return false;
    const char *const params[] = {name, f.number[0] ? f.number : NULL, t.number[0] ? t.number : NULL,
                                  f.at[0] ? f.at : NULL, t.at[0] ? t.at : NULL};
    struct db_rows *r = db_tool_query(
        db,
        "select id::text, first::text, last::text from notices_replay($1, $2::bigint, $3::bigint, $4::timestamptz, $5::timestamptz)",
        5, params, &error);
    if (!r) {
        const char *state = db_tool_sqlstate(db);
        (void)cmd_fail(NAME, "%s",
                       strcmp(state, "MSD80") == 0   ? "the channel is switched off"
                       : strcmp(state, "MSD81") == 0 ? "a replay of this channel is still running"
                       : strcmp(state, "MSD82") == 0 ? "nothing happened in that range"
                                                     : error);
        return false;
    }
    printf("replay=%s from=%s to=%s\n", db_rows_text(r, 0, 0), db_rows_text(r, 0, 1), db_rows_text(r, 0, 2));
    db_rows_free(&r);
    return true;
}
