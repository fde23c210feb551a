/* `mashangdu import`: the register, the taxonomy, the routing words and the calendar from CSV files, in one transaction. */
#include "cmd.h"
#include "import_sql.h"
#include "tool_routing.h"
#include "base/code.h"
#include "base/log.h"
#include "base/utf8.h"
#include "core/csv.h"
#include "core/route.h"
#include "core/workdays.h"
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME      "import"
#define FILE_MAX  ((size_t)32 << 20)
#define ROWS_MAX  ((size_t)64 << 20) /* of JSON for one kind of table */
#define FILES_MAX 32
#define NOTE_MAX  400 /* characters */
#define DAYS_MAX  (WORKDAYS_YEARS_MAX * 366)

static const char help[] =
    "usage: mashangdu import [--district DIR] [--check] [--note TEXT] [units FILE] [categories FILE] [words FILE]... "
    "[needs FILE] [calendar FILE]\n"
    "Reads CSV files (UTF-8, with a header line) into the database of owner_database, all in one "
    "transaction: when one row\n"
    "is wrong, it is named with file and line and nothing is stored. Running it again changes nothing.\n"
    "  units       kind,code,uscc,name,short_name,aliases,category,group,parent,phone; aliases with '|' "
    "between;\n"
    "              units that the file does not name stay\n"
    "  categories  code,parent,depth,name,default_nature,default_unit,level,deadline,deadline_unit,access\n"
    "  words       kind,word,value,weight; all word files together replace the words stored before\n"
    "  needs       category,kind,question_zh,question_en,options_zh,options_en; what is asked when the words do "
    "not say it:\n"
    "              kind is place, when or choice; options with '|' between; the file replaces what was stored "
    "before\n"
    "  calendar    date,kind,name; a year with 11 days off or more is taken whole, of another only the days "
    "named;\n"
    "              what differs becomes a new version of the year, the old ones stay\n"
    "  --district DIR  units.csv, categories.csv, words.csv, places.csv and needs.csv (when there are) and "
    "cn-workdays.csv of DIR\n"
    "  --check         read and check everything, store nothing\n"
    "  --note TEXT     why, kept with new versions of the calendar\n";

struct source {
    enum import_kind kind;
    char *path;
};
struct import {
    struct source sources[FILES_MAX];
    size_t n_sources;
    struct text rows[IMPORT_KINDS]; /* JSON arrays, still without the closing bracket */
    struct arena arena;
    struct workday_row *days; /* calendar rows, with their place beside */
    struct {
        int file;
        size_t line;
    } * day_places;
    size_t n_days;
};

static bool add_source(struct import *im, enum import_kind kind, const char *dir, const char *file)
{
    struct text path;
    text_init(&path, 4096);
    text_addf(&path, "%s%s%s", dir ? dir : "", dir ? "/" : "", file);
    bool good = im->n_sources < FILES_MAX && !path.overflow;
    if (good) im->sources[im->n_sources++] = (struct source){kind, mem_copy(path.p, path.n)};
    text_free(&path);
    return good;
}

static bool refuse(const struct import *im, int file, size_t line, const char *reason)
{
    (void)cmd_fail(NAME, "%s line %zu: %s", im->sources[file].path, line, reason);
    return false;
}

/* --- files to JSON rows --- */

static bool date_parse(struct str s, struct civil *c)
{
    u64 y, m, d;
    if (s.n != 10 || s.p[4] != '-' || s.p[7] != '-') return false;
    if (!str_u64((struct str){s.p, 4}, 9999, &y) || !str_u64((struct str){s.p + 5, 2}, 12, &m) ||
        !str_u64((struct str){s.p + 8, 2}, 31, &d))
        return false;
    *c = (struct civil){(int)y, (int)m, (int)d};
    struct civil back = civil_from_days(civil_to_days(*c));
    return back.year == c->year && back.month == c->month && back.day == c->day;
}

static bool take_day(struct import *im, int file, size_t line, struct str date, struct str kind)
{
    struct civil c;
    bool works = str_eq(kind, STR("workday"));
    if (!date_parse(date, &c)) return refuse(im, file, line, "date is a day written YYYY-MM-DD");
    if (!works && !str_eq(kind, STR("holiday"))) return refuse(im, file, line, "kind is holiday or workday");
    if (im->n_days == DAYS_MAX) return refuse(im, file, line, "there are too many days");
    im->days[im->n_days] = (struct workday_row){c, works};
    im->day_places[im->n_days].file = file;
    im->day_places[im->n_days++].line = line;
    return true;
}

/* The Chinese word of the file becomes the code's word; what is none stays and is refused with its line later. */
static struct str nature_of(struct str word)
{
    enum nature n;
    if (word.n == 0 || !nature_parse(word, &n)) return word;
    return str_of(nature_word(n));
}

static void put_row(struct text *rows, int file, size_t line, const struct import_column *columns,
                    const size_t *at, const struct str *fields)
{
    text_addf(rows, "%s{\"file\":%d,\"line\":%zu", rows->n ? "," : "[", file, line);
    for (size_t i = 0; columns[i].csv; i++) {
        if (at[i] == SIZE_MAX) continue;
        struct str v = str_trim(fields[at[i]]);
        text_addf(rows, ",\"%s\":", columns[i].json);
        json_put(rows, strcmp(columns[i].json, "nature") == 0 ? nature_of(v) : v);
    }
    text_addc(rows, '}');
}

static bool read_source(struct import *im, int file)
{
    const struct source *s = &im->sources[file];
    const struct import_column *columns = import_tables[s->kind].columns;
    struct text bytes;
    struct csv csv;
    struct str fields[CSV_FIELDS_MAX];
    size_t at[CSV_FIELDS_MAX] = {0}, n_columns = 0, n_absent = 0;
    const char *why;
    enum csv_result got = CSV_END;
    text_init(&bytes, FILE_MAX);
    bool good = cmd_read_file(NAME, s->path, &bytes);
    if (good && !csv_open(&csv, text_str(&bytes), &im->arena, &why)) good = refuse(im, file, 1, why);
    for (; good && columns[n_columns].csv; n_columns++) {
        const bool may_lack = columns[n_columns].csv[0] == '?';
        const char *name = columns[n_columns].csv + may_lack;
        if ((at[n_columns] = csv_column(&csv, str_of(name))) != SIZE_MAX) continue;
        n_absent++;
        if (may_lack) continue;
        (void)cmd_fail(NAME, "%s line 1: the column %s is missing", s->path, name);
        good = false;
    }
    if (good && csv.n_columns != n_columns - n_absent)
        good = refuse(im, file, 1, "there are columns that this program does not know");
    while (good && (got = csv_next(&csv, fields, &why)) == CSV_ROW) {
        put_row(&im->rows[s->kind], file, csv.line, columns, at, fields);
        if (s->kind == IMPORT_CALENDAR)
            good = take_day(im, file, csv.line, str_trim(fields[at[0]]), str_trim(fields[at[1]]));
        if (im->rows[s->kind].overflow) good = refuse(im, file, csv.line, "the table is too large");
    }
    if (good && got == CSV_BAD) good = refuse(im, file, csv.line, why);
    if (good && im->rows[s->kind].n == 0) good = refuse(im, file, 1, "there is no row under the header");
    text_free(&bytes);
    return good;
}

static bool read_sources(struct import *im)
{
    struct workdays calendar;
    size_t bad;
    for (size_t i = 0; i < im->n_sources; i++)
        if (!read_source(im, (int)i)) return false;
    for (size_t k = 0; k < IMPORT_KINDS; k++)
        if (im->rows[k].n) text_addc(&im->rows[k], ']');
    if (im->n_days == 0 || workdays_build(im->days, im->n_days, &calendar, &bad)) return true;
    return refuse(im, im->day_places[bad].file, im->day_places[bad].line,
                  "the day contradicts another row, makes a working day one again, or lies too many years "
                  "from the first");
}

/* --- into the database --- */

static bool no_faults(const struct import *im, struct db_tool *db, const struct import_table *t)
{
    struct db_rows *r = cmd_query(NAME, db, t->check, 0, NULL);
    if (!r) return false;
    bool good = db_rows_count(r) == 0;
    for (int i = 0; i < db_rows_count(r); i++)
        (void)refuse(im, (int)cmd_number(r, i, 0), (size_t)cmd_number(r, i, 1), db_rows_text(r, i, 2));
    db_rows_free(&r);
    return good;
}

static bool take_table(struct import *im, struct db_tool *db, enum import_kind kind)
{
    const struct import_table *t = &import_tables[kind];
    const char *const params[] = {text_z(&im->rows[kind])};
    if (!cmd_execute(NAME, db, t->create, 0, NULL) || !cmd_execute(NAME, db, t->load, 1, params) ||
        !no_faults(im, db, t))
        return false;
    struct db_rows *r = cmd_query(NAME, db, t->count, 0, NULL);
    if (!r) return false;
    bool good = true;
    for (size_t i = 0; good && i < IMPORT_STEPS_MAX && t->steps[i]; i++)
        good = cmd_execute(NAME, db, t->steps[i], 0, NULL);
    if (good) {
        bool others = strcmp(db_rows_text(r, 0, 3), "0") != 0;
        printf("%-10s  %s inserted, %s changed, %s unchanged", t->word, db_rows_text(r, 0, 0),
               db_rows_text(r, 0, 1), db_rows_text(r, 0, 2));
        if (others) printf(", %s not in the file: %s", db_rows_text(r, 0, 3), t->left);
        printf("\n");
    }
    db_rows_free(&r);
    if (good && t->tell && (r = cmd_query(NAME, db, t->tell, 0, NULL)) != NULL) {
        for (int i = 0; i < db_rows_count(r); i++) printf("%s\n", db_rows_text(r, i, 0));
        db_rows_free(&r);
    }
    return good;
}

/* The gateway keeps its old snapshot when the new tables do not compile; better to say so to the one who imports. */
static bool routing_compiles(struct db_tool *db)
{
    struct routing_rows rows;
    struct arena arena;
    struct text error;
    arena_init(&arena, (size_t)64 << 20);
    text_init(&error, 1000);
    bool good = tool_routing_rows(NAME, db, &arena, &rows);
    if (good && rows.n_categories > 0 && rows.n_words > 0) {
        struct routing *r = routing_build(&rows, &error);
        if (!r) (void)cmd_fail(NAME, "with these tables nothing could be routed: %s", text_z(&error));
        good = r != NULL;
        routing_free(&r);
    }
    text_free(&error);
    arena_free(&arena);
    return good;
}

static bool store(struct import *im, struct db_tool *db, const char *note, bool only_check)
{
    const char *why;
    const struct passwd *who = getpwuid(getuid());
    const char *const noted[] = {who ? who->pw_name : "unknown", note ? note : ""};
    bool good =
        cmd_execute(NAME, db, "begin", 0, NULL) &&
        /* two imports at once would each compare with what the other is about to change */
        cmd_execute(NAME, db, "select pg_advisory_xact_lock(7310022027)", 0, NULL) &&
        cmd_execute(NAME, db, "select set_config('msd.importer', $1, true), set_config('msd.note', $2, true)",
                    2, noted);
    for (size_t k = 0; good && k < IMPORT_KINDS; k++)
        if (im->rows[k].n) good = take_table(im, db, (enum import_kind)k);
    good = good && routing_compiles(db) && cmd_execute(NAME, db, only_check ? "rollback" : "commit", 0, NULL);
    if (!good) {
        if (!db_tool_script(db, "rollback", &why)) log_line(LOG_WARNING, LOG_TOOL, "no rollback", NULL);
        (void)cmd_fail(NAME, "nothing was stored");
    } else if (only_check) {
        printf("everything is right; nothing was stored (--check)\n");
    }
    return good;
}

/* --- the command --- */

/* A table that a district may go without. */
static bool add_source_if_there(struct import *im, enum import_kind kind, const char *dir, const char *file)
{
    struct text path;
    text_init(&path, 4096);
    text_addf(&path, "%s/%s", dir, file);
    bool there = access(text_z(&path), F_OK) == 0;
    text_free(&path);
    return !there || add_source(im, kind, dir, file);
}

static bool add_district(struct import *im, const char *dir)
{
    return add_source(im, IMPORT_UNITS, dir, "units.csv") &&
           add_source(im, IMPORT_CATEGORIES, dir, "categories.csv") &&
           add_source(im, IMPORT_WORDS, dir, "words.csv") &&
           add_source_if_there(im, IMPORT_WORDS, dir, "places.csv") &&
           add_source_if_there(im, IMPORT_NEEDS, dir, "needs.csv") &&
           add_source(im, IMPORT_CALENDAR, dir, "cn-workdays.csv");
}

static void import_free(struct import *im)
{
    for (size_t i = 0; i < im->n_sources; i++) free(im->sources[i].path);
    for (size_t k = 0; k < IMPORT_KINDS; k++) text_free(&im->rows[k]);
    arena_free(&im->arena);
    free(im->days);
    free(im->day_places);
    free(im);
}

static int run(struct import *im, const struct config *cfg, const char *district, const char *note,
               bool only_check, int argc, char **argv)
{
    if (note && (!utf8_valid(str_of(note)) || utf8_count(str_of(note)) > NOTE_MAX))
        return cmd_misuse(NAME, "the note has at most %d characters", NOTE_MAX);
    if (district && !add_district(im, district))
        return cmd_misuse(NAME, "the name of the folder is too long");
    for (int a = 0; a < argc; a += 2) {
        size_t k = 0;
        while (k < IMPORT_KINDS && strcmp(argv[a], import_tables[k].word) != 0) k++;
        if (k == IMPORT_KINDS)
            return cmd_misuse(NAME, "%s is none of units, categories, words, needs, calendar", argv[a]);
        if (a + 1 == argc) return cmd_misuse(NAME, "%s needs a file", argv[a]);
        if (!add_source(im, (enum import_kind)k, NULL, argv[a + 1]))
            return cmd_misuse(NAME, "there are too many files");
    }
    if (im->n_sources == 0) return cmd_misuse(NAME, "name a district's folder or a file");
    if (!read_sources(im)) return cmd_fail(NAME, "nothing was stored");
    struct db_tool *db = cmd_database(NAME, cfg);
    if (!db) return CMD_FAILED;
    bool good = store(im, db, note, only_check);
    db_tool_close(&db);
    return good ? CMD_OK : CMD_FAILED;
}

int cmd_import(struct config *cfg, int argc, char **argv)
{
    const char *district = NULL, *note = NULL;
    bool only_check = false;
    int code;
    const struct cmd_option options[] = {{.name = "--district", .value = &district},
                                         {.name = "--note", .value = &note},
                                         {.name = "--check", .flag = &only_check}};
    if (!cmd_options(NAME, help, options, ARRAY_LEN(options), &argc, argv, &code)) return code;
    struct import *im = MEM_NEW(struct import);
    arena_init(&im->arena, (size_t)64 << 20);
    for (size_t k = 0; k < IMPORT_KINDS; k++) text_init(&im->rows[k], ROWS_MAX);
    im->days = mem_alloc(DAYS_MAX * sizeof *im->days);
    im->day_places = mem_alloc(DAYS_MAX * sizeof *im->day_places);
    code = run(im, cfg, district, note, only_check, argc, argv);
    import_free(im);
    return code;
}
