/* `mashangdu show`: what the record holds, as text for whoever runs the system: one case whole, what the clock does next,
 * which letters lie where. Reads only. */
#include "cmd.h"
#include "staff.h"
#include "story.h"
#include "core/caseflow.h"
#include "core/letter.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME "show"

static const char help[] =
    "usage: mashangdu show case NUMBER [--pdf FILE]\n"
    "       mashangdu show clocks [--limit N]\n"
    "       mashangdu show letters [--limit N]\n"
    "       mashangdu show rights [--json]\n"
    "Reads the database (setting owner_database) and prints:\n"
    "  case     everything that happened to one case: words (masked), acts, deadlines, letters, callbacks, looks,\n"
    "           and whether the chain of its acts is unbroken; ends with 1 when it is broken\n"
    "  clocks   what the clock does next, soonest first\n"
    "  letters  the latest letters with their numbers and states\n"
    "  rights   which roles may call which route of the staff's API; needs no database\n"
    "  --json      rights as one JSON document\n"
    "  --pdf FILE  print the case as PDF instead\n"
    "  --limit N   at most N lines (default 50, at most 10000)\n"
    "A look at a confidential case is written into the audit log.\n";

/* The newest version of each year; deadlines are told as counted over it. */
static bool calendar_load(struct db_tool *db, struct workdays *cal)
{
    struct db_rows *r = cmd_query(
        NAME, db,
        "select y.year, y.version, extract(year from d.day), extract(month from d.day), extract(day from d.day), d.kind "
        "from calendar_years y left join calendar_days d on extract(year from d.day) = y.year order by 1, d.day",
        0, NULL);
    if (!r) return false;
    const int n = db_rows_count(r);
    struct workday_row *rows = mem_alloc(((size_t)n + 1) * sizeof *rows);
    size_t n_rows = 0, bad;
    for (int i = 0; i < n; i++) {
        if (!db_rows_text(r, i, 2)) continue;
        rows[n_rows].date =
            (struct civil){(int)cmd_number(r, i, 2), (int)cmd_number(r, i, 3), (int)cmd_number(r, i, 4)};
        rows[n_rows++].works = strcmp(db_rows_text(r, i, 5), "workday") == 0;
    }
    bool good = workdays_build(rows, n_rows, cal, &bad);
    for (int i = 0; good && i < n; i++)
        workdays_set_version(cal, (int)cmd_number(r, i, 0), (int)cmd_number(r, i, 1));
    free(rows);
    db_rows_free(&r);
    if (!good) (void)cmd_fail(NAME, "the calendar in the database has a row that cannot be right");
    return good;
}

static const struct workdays *calendar_at(const void *arg, instant t)
{
    (void)t;
    return arg;
}

static int case_print(const struct story *s, const char *pdf)
{
    struct text out;
    struct paper_fault fault;
    bool good = true;
    text_init(&out, PAPER_BYTES_MAX);
    if (!pdf)
        story_print(s, &out);
    else if (!paper_story_print(&s->paper, &out, &fault)) {
        text_free(&out);
        return cmd_fail(NAME, "%s", fault.english);
    }
    good = cmd_write_file(NAME, pdf, text_str(&out));
    text_free(&out);
    if (!good) return CMD_FAILED;
    if (s->broken)
        return cmd_fail(NAME, "act %lld does not fit the chain; see `mashangdu verify`",
                        (long long)s->broken);
    return CMD_OK;
}

static int show_case(struct config *cfg, struct db_tool *db, const char *number, const char *pdf)
{
    static struct workdays cal;
    const char *const params[] = {number};
    u64 id;
    if (!str_u64(str_of(number), INT64_MAX, &id)) return cmd_misuse(NAME, "%s is no case number", number);
    if (!calendar_load(db, &cal)) return CMD_FAILED;
    if (!cmd_execute(NAME, db,
                     "insert into audit_log (action, case_id, detail) select 'look', c.id, "
                     "jsonb_build_object('reason', 'mashangdu show, by ' || session_user) from cases c "
                     "where c.id = $1::bigint and c.confidential",
                     1, params))
        return CMD_FAILED;
    struct db_rows *r = cmd_query(NAME, db, story_sql, 1, params);
    if (!r) return CMD_FAILED;
    if (db_rows_count(r) == 0) {
        db_rows_free(&r);
        return cmd_fail(NAME, "there is no case %s", number);
    }
    struct story_calendar counted = {.rules = deadline_defaults(), .at = calendar_at, .arg = &cal};
    counted.rules.hours =
        (struct work_hours){.noon = cfg->noon, .close = cfg->office_close, .day_end = cfg->day_end};
    struct story *s = story_new(str_of(db_rows_text(r, 0, 0)), &counted, clock_now());
    db_rows_free(&r);
    if (!s) return cmd_fail(NAME, "the story of case %s is too long to tell", number);
    int code = case_print(s, pdf);
    story_free(&s);
    return code;
}

static int show_clocks(struct db_tool *db, const char *limit)
{
    struct db_rows *r = cmd_query(
        NAME, db,
        "select to_char(c.next_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS'), c.id, c.next_act, c.next_rung, "
        "c.state, coalesce(u.short_name, ''), case when c.claimed_until > now() then ' (claimed)' else '' end "
        "from cases c left join units u on u.id = c.unit_id where c.next_at is not null order by c.next_at, c.id limit $1::integer",
        1, &limit);
    if (!r) return CMD_FAILED;
    for (int i = 0; i < db_rows_count(r); i++) {
        enum case_act act;
        enum case_state state;
        const char *word = db_rows_text(r, i, 2), *rung = "";
        const int step = (int)cmd_number(r, i, 3);
        if (step > 0 && step < RUNGS_N) rung = supervise_rung_chinese(step);
        printf("%s  %s  %s %s  %s  %s%s\n", db_rows_text(r, i, 0), db_rows_text(r, i, 1),
               case_act_parse(str_of(word), &act) ? case_act_chinese(act) : "推算时限", rung,
               case_state_parse(str_of(db_rows_text(r, i, 4)), &state) ? case_state_chinese(state) : "",
               db_rows_text(r, i, 5), db_rows_text(r, i, 6));
    }
    if (db_rows_count(r) == 0) puts("nothing is due by the clock");
    db_rows_free(&r);
    return CMD_OK;
}

static int show_letters(struct db_tool *db, const char *limit)
{
    struct db_rows *r = cmd_query(
        NAME, db,
        "select l.id, coalesce(l.serial, '—'), l.state, case when l.confidential then '（保密）' else x.title end, "
        "(select string_agg(u.short_name, '、' order by u.id) from units u where u.id = any (l.unit_ids)), "
        "(select string_agg(lc.case_id::text, ',' order by lc.ord) from letter_cases lc where lc.letter_id = l.id) "
        "from letters l join letter_texts x on x.letter_id = l.id and x.version = l.text_version "
        "order by l.id desc limit $1::integer",
        1, &limit);
    if (!r) return CMD_FAILED;
    for (int i = 0; i < db_rows_count(r); i++) {
        enum letter_state state;
        const char *units = db_rows_text(r, i, 4), *cases = db_rows_text(r, i, 5);
        printf("%s  %s  %s  %s  %s  %s\n", db_rows_text(r, i, 0), db_rows_text(r, i, 1),
               letter_state_parse(str_of(db_rows_text(r, i, 2)), &state) ? letter_state_chinese(state) : "",
               db_rows_text(r, i, 3), units ? units : "", cases ? cases : "");
    }
    if (db_rows_count(r) == 0) puts("there are no letters");
    db_rows_free(&r);
    return CMD_OK;
}

/* The table of the program itself, for docs/rights.md and for the test that tries every pair. */
static int show_rights(bool json)
{
    for (size_t i = 0; i < staff_routes(); i++) {
        const struct staff_right r = staff_right_of(i);
        const char *between = "";
        if (json)
            printf("%s{\"method\":\"%s\",\"path\":\"%s\",\"session\":%s,\"changes\":%s,\"roles\":[",
                   i ? ",\n" : "[", r.method, r.path, r.session ? "true" : "false",
                   r.changes ? "true" : "false");
        else
            printf("%-6s %-28s ", r.method, r.path);
        for (int role = 0; role < ROLES_N; role++) {
            if (!(r.roles & ROLE_BIT(role))) continue;
            printf(json ? "%s\"%s\"" : "%s%s", between, staff_role_word((enum staff_role)role));
            between = json ? "," : " ";
        }
        puts(json ? "]}" : r.session ? "" : "-");
    }
    if (json) puts("]");
    return CMD_OK;
}

int cmd_show(struct config *cfg, int argc, char **argv)
{
    const char *pdf = NULL, *limit = "50";
    bool json = false;
    const struct cmd_option options[] = {{.name = "--pdf", .value = &pdf},
                                         {.name = "--limit", .value = &limit},
                                         {.name = "--json", .flag = &json}};
    int code;
    u64 n;
    if (!cmd_options(NAME, help, options, ARRAY_LEN(options), &argc, argv, &code)) return code;
    if (argc == 1 && strcmp(argv[0], "rights") == 0) return show_rights(json);
    const bool one = argc == 2 && strcmp(argv[0], "case") == 0;
    const bool list = argc == 1 && (strcmp(argv[0], "clocks") == 0 || strcmp(argv[0], "letters") == 0);
    if (!one && !list) return cmd_misuse(NAME, "say case NUMBER, clocks, letters or rights");
    if (!str_u64(str_of(limit), 10000, &n) || n == 0) return cmd_misuse(NAME, "--limit is 1 to 10000");
    if (json) return cmd_misuse(NAME, "--json is for rights");
    if (pdf && !one) return cmd_misuse(NAME, "--pdf is for one case");
    struct db_tool *db = cmd_database(NAME, cfg);
    if (!db) return CMD_FAILED;
    code = one                              ? show_case(cfg, db, argv[1], pdf)
           : strcmp(argv[0], "clocks") == 0 ? show_clocks(db, limit)
                                            : show_letters(db, limit);
    db_tool_close(&db);
    return code;
}
