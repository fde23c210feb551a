/* `mashangdu migrate`: the files of schema/, compiled in, applied in the order of their numbers. */
#include "cmd.h"
#include "embedded.h"
#include "base/log.h"
#include <stdio.h>
#include <string.h>

#define NAME "migrate"
/* Any number will do, as long as every gateway that ever migrates takes the same. */
#define LOCK_KEY "7310022026"

static const char help[] =
    "usage: mashangdu migrate [--status]\n"
    "Brings the database (setting owner_database) to the schema of this program. Every step is one "
    "transaction and is\n"
    "recorded with its checksum; a step that was edited afterwards, or a database newer than this program, "
    "is refused.\n"
    "Run `psql -f deploy/roles.sql` once as a superuser before. Two starts at the same time are safe.\n"
    "  --status   list the steps and whether they are applied; change nothing\n";

static const char sql_table[] = "create table if not exists schema_migrations (\n"
                                "  number     integer primary key,\n"
                                "  name       text not null,\n"
                                "  checksum   text not null,\n"
                                "  applied_at timestamptz not null default now(),\n"
                                "  applied_by text not null default session_user)";

struct step {
    int number;
    const struct embedded *file;
    char applied[40]; /* when; empty: not yet */
};

/* 0001_register.sql -> 1; 0 when the file is no migration. */
static int number_of(const char *name)
{
    u64 number;
    struct str s = str_of(name);
    if (s.n < 10 || name[4] != '_' || !str_ends(s, STR(".sql"))) return 0;
    return str_u64((struct str){name, 4}, 9999, &number) ? (int)number : 0;
}

#define STEPS_MAX 1000
struct plan {
    struct step steps[STEPS_MAX];
    size_t n;
};

static void plan_fill(struct plan *p)
{
    p->n = 0;
    for (const struct embedded *e = embedded_files; e->name; e++) {
        int number = number_of(e->name);
        if (!number) continue;
        ASSERT(p->n < STEPS_MAX &&
               (p->n == 0 || p->steps[p->n - 1].number < number)); /* sorted, no number twice */
        p->steps[p->n++] = (struct step){.number = number, .file = e};
    }
    ASSERT(p->n > 0);
}

static bool roles_exist(struct db_tool *db)
{
    struct db_rows *r =
        cmd_query(NAME, db,
                  "select string_agg(want, ', ') from unnest(array['mashangdu_owner', 'mashangdu_gateway', "
                  "'mashangdu_staff']) as want where not exists (select from pg_roles where rolname = want)",
                  0, NULL);
    if (!r) return false;
    const char *missing = db_rows_text(r, 0, 0);
    if (missing)
        (void)cmd_fail(
            NAME,
            "the database cluster lacks the role %s: run `psql -f deploy/roles.sql` as a superuser first",
            missing);
    bool good = !missing;
    db_rows_free(&r);
    return good;
}

/* Marks what is applied; false when a record does not fit the files of this program. */
static bool plan_compare(struct db_tool *db, struct plan *p)
{
    struct db_rows *r =
        cmd_query(NAME, db,
                  "select number, name, checksum, to_char(applied_at, 'YYYY-MM-DD HH24:MI:SS\"Z\"') from "
                  "schema_migrations order by number",
                  0, NULL);
    bool good = r != NULL;
    for (int row = 0; good && row < db_rows_count(r); row++) {
        int number = (int)cmd_number(r, row, 0);
        struct step *s = NULL;
        for (size_t i = 0; i < p->n; i++)
            if (p->steps[i].number == number) s = &p->steps[i];
        if (!s) {
            (void)cmd_fail(
                NAME,
                "the database is newer than this program: it has step %s, which this program does not know",
                db_rows_text(r, row, 1));
            good = false;
            break;
        }
        const char *const params[] = {s->file->bytes.p};
        struct db_rows *sum =
            cmd_query(NAME, db, "select encode(sha256(convert_to($1, 'UTF8')), 'hex')", 1, params);
        good = sum != NULL;
        if (sum && strcmp(db_rows_text(sum, 0, 0), db_rows_text(r, row, 2)) != 0) {
            (void)cmd_fail(NAME,
                           "%s was changed after it had been applied; put the old file back and write a new "
                           "step instead",
                           s->file->name);
            good = false;
        }
        snprintf(s->applied, sizeof s->applied, "%s", db_rows_text(r, row, 3));
        if (sum) db_rows_free(&sum);
    }
    if (r) db_rows_free(&r);
    return good;
}

static bool script(struct db_tool *db, const char *what, const char *sql)
{
    const char *why;
    if (db_tool_script(db, sql, &why)) return true;
    (void)cmd_fail(NAME, "%s: %s", what, why);
    return false;
}

static bool apply(struct db_tool *db, const struct step *s)
{
    char number[12];
    snprintf(number, sizeof number, "%d", s->number);
    const char *const params[] = {number, s->file->name, s->file->bytes.p};
    const char *why;
    bool good = script(db, s->file->name, "begin") && script(db, s->file->name, s->file->bytes.p) &&
                cmd_execute(NAME, db,
                            "insert into schema_migrations (number, name, checksum) values ($1::integer, $2, "
                            "encode(sha256(convert_to($3, 'UTF8')), 'hex'))",
                            3, params) &&
                script(db, s->file->name, "commit");
    if (!good &&
        !db_tool_script(db, "rollback", &why)) /* the connection is gone, and the transaction with it */
        log_line(LOG_WARNING, LOG_TOOL, "no rollback", NULL);
    return good;
}

/* The running gateway must own nothing: an owner could switch row-level security and the history guards off. */
static bool gateway_owns_nothing(struct db_tool *db)
{
    struct db_rows *r = cmd_query(
        NAME, db,
        "select string_agg(thing, ', ') from (select relname::text as thing from pg_class c where "
        "c.relowner = 'mashangdu_gateway'::regrole union all select proname::text from pg_proc p where "
        "p.proowner = 'mashangdu_gateway'::regrole union all select nspname::text from pg_namespace n "
        "where n.nspowner = 'mashangdu_gateway'::regrole union all select datname::text from pg_database d "
        "where d.datdba = 'mashangdu_gateway'::regrole) as t",
        0, NULL);
    if (!r) return false;
    const char *things = db_rows_text(r, 0, 0);
    if (things)
        (void)cmd_fail(NAME, "the role mashangdu_gateway owns %s; give it to mashangdu_owner", things);
    bool good = !things;
    db_rows_free(&r);
    return good;
}

static bool migrate(struct db_tool *db, struct plan *p)
{
    /* The lock lasts as long as the connection: the second of two starts waits here and then finds nothing to do. */
    if (!roles_exist(db) || !cmd_execute(NAME, db, "select pg_advisory_lock(" LOCK_KEY ")", 0, NULL) ||
        !cmd_execute(NAME, db, "set client_min_messages to warning", 0, NULL) ||
        !cmd_execute(NAME, db, sql_table, 0, NULL) || !plan_compare(db, p))
        return false;
    size_t done = 0;
    for (size_t i = 0; i < p->n; i++) {
        if (p->steps[i].applied[0]) continue;
        if (!apply(db, &p->steps[i])) return false;
        printf("applied %s\n", p->steps[i].file->name);
        done++;
    }
    if (!gateway_owns_nothing(db)) return false;
    printf("%zu of %zu steps applied now; the schema is up to date\n", done, p->n);
    return true;
}

static bool status(struct db_tool *db, struct plan *p)
{
    struct db_rows *r = cmd_query(NAME, db, "select to_regclass('schema_migrations') is not null", 0, NULL);
    if (!r) return false;
    bool begun = strcmp(db_rows_text(r, 0, 0), "t") == 0;
    db_rows_free(&r);
    if (begun && !plan_compare(db, p)) return false;
    for (size_t i = 0; i < p->n; i++)
        printf("%-40s %s\n", p->steps[i].file->name,
               p->steps[i].applied[0] ? p->steps[i].applied : "not applied");
    return true;
}

int cmd_migrate(struct config *cfg, int argc, char **argv)
{
    static struct plan p; /* too large for the stack's taste */
    bool only_status = false;
    int code;
    const struct cmd_option options[] = {{.name = "--status", .flag = &only_status}};
    if (!cmd_options(NAME, help, options, ARRAY_LEN(options), &argc, argv, &code)) return code;
    if (argc > 0) return cmd_misuse(NAME, "what is %s?", argv[0]);
    struct db_tool *db = cmd_database(NAME, cfg);
    if (!db) return CMD_FAILED;
    plan_fill(&p);
    bool good = only_status ? status(db, &p) : migrate(db, &p);
    db_tool_close(&db);
    return good ? CMD_OK : CMD_FAILED;
}
