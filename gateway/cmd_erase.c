/* `mashangdu erase`: personal data goes when the law or the archive's rule says so; the record that something happened, when
 * and by whom stays provable (core/proof.h). Every erased row has its ground in `erasures`, written before the row changes:
 * the database lets nothing else through. */
#include "cmd.h"
#include "base/utf8.h"
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NAME "erase"

static const char help[] =
    "usage: mashangdu erase --feedback ID --basis TEXT [--dry-run]\n"
    "       mashangdu erase --closed-before YYYY-MM-DD --basis TEXT [--dry-run]\n"
    "Erases for good what citizens wrote and left, and the texts of the acts of their cases. States, times and "
    "posts stay;\n"
    "`mashangdu verify` still passes. There is no way back, except from a backup: keep backups no longer than "
    "the rule says.\n"
    "  --feedback ID       one feedback, with its case when it opened one; the case must have ended\n"
    "  --closed-before DAY every case that ended (closed, declined, transferred) before that day in China, with those "
    "merged into it,\n"
    "                      and every plain rating received before it\n"
    "  --basis TEXT        the ground: rule, request, decision; 2 to 500 characters, kept for ever\n"
    "  --dry-run           only count\n";

/* Ended cases; words that were split go when every part has ended; a merged case has ended when the one it was merged into has. */
#define ENDED                                                                                                \
    "with recursive root (id, main) as (select id, merged_into from cases where state = 'merged' union "     \
    "  select r.id, c.merged_into from root r join cases c on c.id = r.main where c.state = 'merged'), "     \
    "ended as (select c.id, (select max(a.at) from acts a where a.case_id = c.id) as at from cases c "       \
    "  where c.state in ('closed', 'declined')), "                                                           \
    "over as (select id, at from ended union select r.id, e.at from root r join ended e on e.id = r.main) "

static const char sql_table[] =
    "create temporary table going (case_id bigint, feedback_id bigint, act_id bigint) on commit drop";
static const char sql_one[] = ENDED
    "insert into going (case_id, feedback_id) select f.case_id, f.id from feedback f "
    "where f.id = $1::bigint and length(f.salt) > 0 and (f.case_id is null or f.case_id in (select id from over)) "
    "and not exists (select from case_parts p where p.feedback_id = f.id and p.case_id not in (select id from over))";
static const char sql_old[] =
    ENDED ", day as (select $1::date::timestamp at time zone 'Asia/Shanghai' as start) "
          "insert into going (case_id, feedback_id) "
          "select f.case_id, f.id from feedback f, day where length(f.salt) > 0 "
          "and case when f.case_id is null then f.received_at < day.start "
          "    else f.case_id in (select id from over where at < day.start) end "
          "and not exists (select from case_parts p where p.feedback_id = f.id "
          "  and p.case_id not in (select id from over where at < day.start)) "
          "union all select o.id, null from over o, day where o.at < day.start";
/* Acts whose texts say nothing have nothing to lose. */
static const char sql_acts[] =
    "insert into going (act_id) select a.id from acts a where a.case_id in (select case_id from going "
    "union select p.case_id from case_parts p join going g on g.feedback_id = p.feedback_id) "
    "and a.act <> 'receive' and length(a.salt) = 32 "
    "and (a.reason is not null or a.words is not null or a.data <> '{}')";
/* Messages that were sent or given up keep nothing that a citizen could be known by. */
static const char sql_messages[] =
    "update outbox o set recipient = '', body = null, recipient_hash = null where o.state not in ('due', 'claimed') "
    "and (o.recipient <> '' or o.body is not null or o.recipient_hash is not null) "
    "and (o.feedback_id in (select feedback_id from going) or o.case_id in (select case_id from going))";
static const char sql_grounds[] =
    "insert into erasures (feedback_id, act_id, basis, by) select feedback_id, act_id, $1, $2 from going "
    "where feedback_id is not null or act_id is not null order by feedback_id, act_id";
static const char sql_feedback[] =
    "update feedback set words = '', clean = '', masked = '', contact = null, salt = '', "
    "decision = decision - 'proposal' || '{\"because\": [], \"words\": [], \"candidates\": []}' "
    "where id in (select feedback_id from going)";
static const char sql_texts[] =
    "update acts set reason = null, words = null, data = '{}', salt = substr(salt, 1, 16) "
    "where id in (select act_id from going)";

/* Runs a statement and says how many rows it touched. */
static bool run(struct db_tool *db, const char *sql, int n, const char *const *params, u64 *rows_r)
{
    struct db_rows *r = cmd_query(NAME, db, sql, n, params);
    if (!r) return false;
    if (rows_r) *rows_r = (u64)db_rows_affected(r);
    db_rows_free(&r);
    return true;
}

/* Why one feedback cannot go: a sentence, once nothing was found to erase. */
static int why_not(struct db_tool *db, const char *id)
{
    struct db_rows *r =
        cmd_query(NAME, db, "select length(salt) from feedback where id = $1::bigint", 1, &id);
    if (!r) return CMD_FAILED;
    bool there = db_rows_count(r) > 0, erased = there && strcmp(db_rows_text(r, 0, 0), "0") == 0;
    db_rows_free(&r);
    if (!there) return cmd_fail(NAME, "there is no feedback %s", id);
    if (erased) return cmd_fail(NAME, "feedback %s is erased already", id);
    return cmd_fail(NAME, "the case of feedback %s has not ended: whoever handles it needs the words", id);
}

static int erase(struct db_tool *db, const char *feedback, const char *day, const char *basis, bool dry)
{
    const struct passwd *user = getpwuid(geteuid());
    const char *const grounds[] = {basis, user ? user->pw_name : "unknown"};
    const char *const one[] = {feedback ? feedback : day};
    u64 found, texts, messages, feedbacks = 0;
    if (!run(db, "begin", 0, NULL, NULL) || !run(db, sql_table, 0, NULL, NULL) ||
        !run(db, feedback ? sql_one : sql_old, 1, one, &found))
        return CMD_FAILED;
    if (feedback && found == 0) return why_not(db, feedback);
    if (!run(db, sql_acts, 0, NULL, NULL) || !run(db, sql_messages, 0, NULL, &messages) ||
        !run(db, sql_grounds, 2, grounds, NULL) || !run(db, sql_feedback, 0, NULL, &feedbacks) ||
        !run(db, sql_texts, 0, NULL, &texts) || !run(db, dry ? "rollback" : "commit", 0, NULL, NULL))
        return CMD_FAILED;
    printf("%s feedback=%llu acts=%llu messages=%llu\n", dry ? "would_erase" : "erased",
           (unsigned long long)feedbacks, (unsigned long long)texts, (unsigned long long)messages);
    return CMD_OK;
}

/* "2026-03-18", and not after today in China: a rule about the past. */
static bool day_good(struct db_tool *db, const char *day)
{
    struct db_rows *r = cmd_query(NAME, db,
                                  "select $1 ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' and "
                                  "$1::date <= (now() at time zone 'Asia/Shanghai')::date",
                                  1, &day);
    bool good = r && strcmp(db_rows_text(r, 0, 0), "t") == 0;
    if (r && !good) (void)cmd_fail(NAME, "%s is not a day up to today, written YYYY-MM-DD", day);
    if (r) db_rows_free(&r);
    return good;
}

int cmd_erase(struct config *cfg, int argc, char **argv)
{
    const char *feedback = NULL, *day = NULL, *basis = NULL;
    bool dry = false;
    u64 id;
    int code;
    const struct cmd_option options[] = {{.name = "--feedback", .value = &feedback},
                                         {.name = "--closed-before", .value = &day},
                                         {.name = "--basis", .value = &basis},
                                         {.name = "--dry-run", .flag = &dry}};
    if (!cmd_options(NAME, help, options, ARRAY_LEN(options), &argc, argv, &code)) return code;
    if (argc > 0) return cmd_misuse(NAME, "what is %s?", argv[0]);
    if (!feedback == !day) return cmd_misuse(NAME, "say either --feedback or --closed-before");
    if (feedback && !str_u64(str_of(feedback), INT64_MAX, &id))
        return cmd_misuse(NAME, "%s is no number of a feedback", feedback);
    if (!basis || !utf8_valid(str_of(basis)) || utf8_count(str_of(basis)) < 2 ||
        utf8_count(str_of(basis)) > 500)
        return cmd_misuse(NAME, "say with --basis on which ground, in 2 to 500 characters");
    struct db_tool *db = cmd_database(NAME, cfg);
    if (!db) return CMD_FAILED;
    code = day && !day_good(db, day) ? CMD_FAILED : erase(db, feedback, day, basis, dry);
    db_tool_close(&db);
    return code;
}
