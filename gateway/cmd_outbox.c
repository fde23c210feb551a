/* `mashangdu outbox`: messages owed to the outside, for a person who has to decide. Shows neither numbers nor words nor cases: the
 * functions of schema/0013_outbox.sql do not give them away. */
#include "cmd.h"
#include "outbox.h"
#include <stdio.h>
#include <string.h>

#define NAME    "outbox"
#define ALL_MAX 1000

static const char help[] =
    "usage: mashangdu outbox list [--channel NAME] [--state STATE]... [--older SPAN] [--limit N]\n"
    "       mashangdu outbox show ID\n"
    "       mashangdu outbox redrive (ID... | --channel NAME --state STATE... [--older SPAN]) [--even-unknown] [--through "
    "NAME]\n"
    "       mashangdu outbox drop (ID... | --channel NAME --state STATE... [--older SPAN])\n"
    "Messages owed to citizens, groups and subscribers. Without --state, list shows what waits for a person: dead, "
    "failed, decide.\n"
    "  --state STATE    due, claimed, sent, delivered, failed, unknown, dead, held, dropped; decide: unknown for "
    "longer than outbox_patience\n"
    "  --older SPAN     nothing has changed for so long, e.g. 10m, 2h, 3d\n"
    "  --limit N        at most so many, the newest first (100; at most 1000)\n"
    "  --even-unknown   also what may have arrived: only when the provider says that it did not, or people get it "
    "twice\n"
    "  --through NAME   send it through that channel instead\n"
    "  redrive          sends again what is dead or failed; drop gives it up for good and empties it. Both are written "
    "to audit_log\n"
    "Needs no key: numbers and words stay sealed.\n";

static const char sql_list[] =
    "select id, to_char(created_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS'), channel, first_channel, "
    "state, decide, purpose, event, urgent, tries, "
    "to_char(due_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS'), to_char(changed_at at time zone "
    "'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS'), "
    "cause, last_error, error_code, redriven, kept, provider_id "
    "from outbox_list($1::text[], $2, make_interval(secs => $3::float8), $4::bigint, $5::integer)";

struct filter {
    const char *channel, *older, *limit;
    struct cmd_many states;
    struct text states_array; /* "{dead,failed}" */
    char seconds[32];
};

static const char *const states[] = {"due",     "claimed", "sent", "delivered", "failed",
                                     "unknown", "dead",    "held", "dropped",   "decide"};

/* The words are from the list above: no quoting is needed in the array. */
static bool take_states(struct filter *f, const char *by_default)
{
    text_init(&f->states_array, 1000);
    text_addc(&f->states_array, '{');
    for (size_t i = 0; i < f->states.n; i++) {
        bool known = false;
        for (size_t k = 0; k < ARRAY_LEN(states); k++)
            known = known || strcmp(states[k], f->states.items[i]) == 0;
        if (!known) {
            (void)cmd_misuse(NAME, "%s is no state", f->states.items[i]);
            return false;
        }
        text_addf(&f->states_array, "%s%s", i ? "," : "", f->states.items[i]);
    }
    if (f->states.n == 0) text_addz(&f->states_array, by_default);
    text_addc(&f->states_array, '}');
    return true;
}

static bool take_older(struct filter *f)
{
    static const struct {
        char unit;
        u64 seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
    u64 n;
    if (!f->older) return true;
    size_t digits = strlen(f->older);
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        if (digits < 2 || f->older[digits - 1] != units[i].unit) continue;
        if (!str_u64((struct str){f->older, digits - 1}, 1000000, &n)) break;
        n *= units[i].seconds;
        snprintf(f->seconds, sizeof f->seconds, "%llu", (unsigned long long)n);
        return true;
    }
    (void)cmd_misuse(NAME, "--older is a length like 10m, 2h or 3d");
    return false;
}

static struct db_rows *rows_of(struct db_tool *db, struct filter *f, const char *below, const char *most)
{
    const char *const params[] = {f->states_array.n ? text_z(&f->states_array) : NULL, f->channel,
                                  f->seconds[0] ? f->seconds : NULL, below, most};
    return cmd_query(NAME, db, sql_list, ARRAY_LEN(params), params);
}

static const char *z(const struct db_rows *r, int row, int col)
{
    const char *v = db_rows_text(r, row, col);
    return v ? v : "";
}

static bool yes(const struct db_rows *r, int row, int col) { return z(r, row, col)[0] == 't'; }

static const char *advice(const struct db_rows *r, int i)
{
    return outbox_advice(str_of(z(r, i, OUTBOX_STATE)), str_of(z(r, i, OUTBOX_CAUSE)),
                         yes(r, i, OUTBOX_DECIDE), yes(r, i, OUTBOX_KEPT), false);
}

static int list(struct db_tool *db, struct filter *f)
{
    u64 limit = 100;
    char most[24];
    if (f->limit && (!str_u64(str_of(f->limit), ALL_MAX, &limit) || limit == 0))
        return cmd_misuse(NAME, "--limit is a number up to %d", ALL_MAX);
    if (!take_states(f, "dead,failed,decide")) return CMD_USAGE;
    snprintf(most, sizeof most, "%llu", (unsigned long long)limit);
    struct db_rows *r = rows_of(db, f, NULL, most);
    if (!r) return CMD_FAILED;
    printf("%-20s %-19s %-16s %-9s %5s %-8s %-16s %s\n", "id", "changed", "channel", "state", "tries",
           "purpose", "event", "last_error");
    for (int i = 0; i < db_rows_count(r); i++)
        printf("%-20s %-19s %-16s %-9s %5s %-8s %-16s %s%s%s\n", z(r, i, OUTBOX_ID), z(r, i, OUTBOX_CHANGED),
               z(r, i, OUTBOX_CHANNEL), yes(r, i, OUTBOX_DECIDE) ? "decide" : z(r, i, OUTBOX_STATE),
               z(r, i, OUTBOX_TRIES), z(r, i, OUTBOX_PURPOSE), z(r, i, OUTBOX_EVENT), z(r, i, OUTBOX_ERROR),
               z(r, i, OUTBOX_CODE)[0] ? " " : "", z(r, i, OUTBOX_CODE));
    printf("messages=%d\n", db_rows_count(r));
    db_rows_free(&r);
    return CMD_OK;
}

static int show(struct db_tool *db, const char *id)
{
    static const char *const names[] = {"id",       "created", "channel",    "first_channel", "state",
                                        "decide",   "purpose", "event",      "urgent",        "tries",
                                        "due",      "changed", "cause",      "last_error",    "error_code",
                                        "redriven", "kept",    "provider_id"};
    struct filter f = {0};
    char below[24];
    u64 n;
    if (!str_u64(str_of(id), INT64_MAX - 1, &n)) return cmd_misuse(NAME, "%s is no number of a message", id);
    snprintf(below, sizeof below, "%llu", (unsigned long long)n + 1);
    struct db_rows *r =
        rows_of(db, &f, below, "1"); /* the newest below the next one: this one, when it is there */
    if (!r) return CMD_FAILED;
    if (db_rows_count(r) == 0 || strcmp(z(r, 0, OUTBOX_ID), id) != 0) {
        db_rows_free(&r);
        return cmd_fail(NAME, "there is no message %s", id);
    }
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (z(r, 0, (int)i)[0]) printf("%s=%s\n", names[i], z(r, 0, (int)i));
    if (advice(r, 0)) printf("advice=%s\n", advice(r, 0));
    db_rows_free(&r);
    return CMD_OK;
}

/* --- sending again, giving up --- */

static const char *why_not(const char *said)
{
    static const struct {
        const char *word, *sentence;
    } words[] = {
        {"gone", "there is no such message"},
        {"unknown", "its outcome is unknown: it may have arrived. With --even-unknown it goes again"},
        {"state", "it is on its way, or settled"},
        {"empty", "its words have been emptied; it cannot go again"},
    };
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strcmp(words[i].word, said) == 0) return words[i].sentence;
    return said;
}

/* One line for each id; fails when one could not be done, after all have been tried. */
static int print_said(struct db_rows *r, const char *good)
{
    int refused = 0;
    for (int i = 0; i < db_rows_count(r); i++) {
        const char *said = z(r, i, 1);
        printf("%s %s\n", z(r, i, 0), said);
        if (strcmp(said, good) == 0) continue;
        refused++;
        (void)cmd_fail(NAME, "%s: %s (%s)", z(r, i, 0), why_not(said), said);
    }
    db_rows_free(&r);
    return refused ? CMD_FAILED : CMD_OK;
}

/* "{1,2,3}" of the words, or of what the filter finds. */
static bool take_ids(struct db_tool *db, struct filter *f, int argc, char **argv, struct text *ids)
{
    u64 n;
    text_addc(ids, '{');
    for (int i = 0; i < argc; i++) {
        if (!str_u64(str_of(argv[i]), INT64_MAX, &n)) {
            (void)cmd_misuse(NAME, "%s is no number of a message", argv[i]);
            return false;
        }
        text_addf(ids, "%s%llu", i ? "," : "", (unsigned long long)n);
    }
    if (argc == 0) {
        if (!f->channel || f->states.n == 0) {
            (void)cmd_misuse(NAME, "say which: numbers, or --channel and --state");
            return false;
        }
        if (!take_states(f, "")) return false;
        struct db_rows *r = rows_of(db, f, NULL, "1000");
        if (!r) return false;
        for (int i = 0; i < db_rows_count(r); i++) text_addf(ids, "%s%s", i ? "," : "", z(r, i, OUTBOX_ID));
        if (db_rows_count(r) == ALL_MAX)
            (void)fprintf(stderr, "mashangdu outbox: these are the newest %d; there may be more\n", ALL_MAX);
        db_rows_free(&r);
    }
    text_addc(ids, '}');
    return !ids->overflow;
}

static int change(struct db_tool *db, struct filter *f, bool drop, bool even_unknown, const char *through,
                  int argc, char **argv)
{
    struct text ids;
    text_init(&ids, 64 * 1024);
    int code = CMD_USAGE;
    if (take_ids(db, f, argc, argv, &ids)) {
        const char *const params[] = {text_z(&ids), even_unknown ? "t" : "f", through};
        struct db_rows *r =
            drop ? cmd_query(NAME, db, "select * from outbox_drop($1::bigint[])", 1, params)
                 : cmd_query(
                       NAME, db,
                       "select * from outbox_redrive($1::bigint[], $2::boolean, (select name from channels "
                       "where name = $3))",
                       3, params);
        code = r ? print_said(r, drop ? "dropped" : "due") : CMD_FAILED;
    }
    text_free(&ids);
    return code;
}

static bool channel_there(struct db_tool *db, const char *name)
{
    if (!name) return true;
    struct db_rows *r = cmd_query(NAME, db, "select 1 from channels where name = $1 and active", 1, &name);
    bool there = r && db_rows_count(r) == 1;
    if (r && !there) (void)cmd_fail(NAME, "there is no active channel %s", name);
    if (r) db_rows_free(&r);
    return there;
}

int cmd_outbox(struct config *cfg, int argc, char **argv)
{
    struct filter f = {0};
    const char *through = NULL;
    bool even_unknown = false;
    int code;
    const struct cmd_option options[] = {
        {.name = "--channel", .value = &f.channel}, {.name = "--state", .many = &f.states},
        {.name = "--older", .value = &f.older},     {.name = "--limit", .value = &f.limit},
        {.name = "--through", .value = &through},   {.name = "--even-unknown", .flag = &even_unknown}};
    if (!cmd_options(NAME, help, options, ARRAY_LEN(options), &argc, argv, &code)) return code;
    if (argc == 0) return cmd_misuse(NAME, "say list, show, redrive or drop");
    const bool redrive = strcmp(argv[0], "redrive") == 0, drop = strcmp(argv[0], "drop") == 0;
    const bool is_list = strcmp(argv[0], "list") == 0, is_show = strcmp(argv[0], "show") == 0;
    if (!redrive && !drop && !is_list && !is_show) return cmd_misuse(NAME, "what is %s?", argv[0]);
    if ((is_list && argc != 1) || (is_show && argc != 2))
        return cmd_misuse(NAME, is_list ? "what is %s?" : "say which message", argc > 1 ? argv[1] : "");
    if (!redrive && (even_unknown || through))
        return cmd_misuse(NAME, "--even-unknown and --through go with redrive");
    if (!take_older(&f)) return CMD_USAGE;
    struct db_tool *db = cmd_database(NAME, cfg);
    if (!db) return CMD_FAILED;
    if (is_list)
        code = list(db, &f);
    else if (is_show)
        code = show(db, argv[1]);
    else
        code = channel_there(db, through) ? change(db, &f, drop, even_unknown, through, argc - 1, argv + 1)
                                          : CMD_FAILED;
    text_free(&f.states_array);
    db_tool_close(&db);
    return code;
}
