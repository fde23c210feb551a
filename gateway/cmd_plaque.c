/* `mashangdu plaque`: numbers for the walls, their states, and the files for the printer. */
#include "cmd.h"
#include "base/arena.h"
#include "base/code.h"
#include "base/log.h"
#include "qr/code.h"
#include "qr/plaque.h"
#include "qr/sheet.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME        "plaque"
#define KEY_VERSION 0 /* of new plaques; old ones keep the version they were printed with */
#define JSON_MAX    ((size_t)8 << 20)

static const char help[] =
    "usage: mashangdu plaque issue --all | --unit CODE [--window NAME] [--state active|issued]\n"
    "       mashangdu plaque activate NUMBER | --all\n"
    "       mashangdu plaque retire NUMBER [--successor NUMBER]\n"
    "       mashangdu plaque void NUMBER\n"
    "       mashangdu plaque list [--json]\n"
    "       mashangdu plaque print CODE|NUMBER --format svg|png|pdf [--dpi N] [-o FILE]\n"
    "       mashangdu plaque print --all --format pdf [-o FILE]\n"
    "       mashangdu plaque url CODE|NUMBER\n"
    "       mashangdu plaque qr CODE|NUMBER\n"
    "The supervision plaques. A CODE (U003, or U003-02 for a station) means the newest plaque of that unit.\n"
    "  issue      makes a number. --all: one for every unit that has none in use; running it again changes "
    "nothing\n"
    "  --state    active (in use at once, the default) or issued (to be activated when it hangs)\n"
    "  --window   the window or counter inside the unit, printed under its name\n"
    "  retire     out of use; with a successor the page of the old plaque leads on to the new one\n"
    "  void       lost, stolen or misprinted\n"
    "  print      one plaque of 120 x 160 mm, or all on A4 pages; to standard output without -o\n"
    "  --dpi N    of a PNG, 100 to 1200 (600)\n"
    "  url, qr    the signed address, as text and as a code for the terminal\n"
    "print, url and qr need the master key (setting key_file) and take address and names from public_url,\n"
    "district_name, office_name and sms_number.\n";

struct request {
    const char *unit, *window, *state, *successor, *format, *dpi, *output;
    bool all, json;
};

/* --- issuing and states --- */

static const char sql_need_all[] = "select u.id, u.code, nextval('plaque_serial') from (select id, code from "
                                   "units where kind = 'unit' and retired_on is null "
                                   "and not exists (select from plaques p where p.unit_id = units.id and "
                                   "p.state in ('issued', 'active')) order by code "
                                   "collate \"C\") as u";
static const char sql_need_one[] =
    "select id, code, nextval('plaque_serial') from units where code = $1 and retired_on is null";
static const char sql_issue[] = "insert into plaques (number, unit_id, window_name, key_version, state) "
                                "select number, unit_id, $2, $3::smallint, $4 "
                                "from json_to_recordset($1::json) as t (number text, unit_id integer)";

/* Numbers for the rows (unit id, code, serial) as JSON; the serial comes from the database, the check digit from us. */
static bool make_numbers(const struct db_rows *r, struct text *json, bool print)
{
    for (int i = 0; i < db_rows_count(r); i++) {
        char number[PLAQUE_NUMBER_MAX];
        u64 serial;
        if (!str_u64(str_of(db_rows_text(r, i, 2)), PLAQUE_SERIAL_LAST, &serial) ||
            !plaque_number_make((u32)serial, number)) {
            (void)cmd_fail(NAME, "the plaque numbers are used up");
            return false;
        }
        text_addf(json, "%s{\"number\":\"%s\",\"unit_id\":%s}", i ? "," : "[", number, db_rows_text(r, i, 0));
        if (print) printf("%s %s\n", db_rows_text(r, i, 1), number);
    }
    text_addc(json, ']');
    return !json->overflow;
}

static bool issue(struct db_tool *db, const struct request *q)
{
    const char *const unit[] = {q->unit};
    struct text json;
    const char *why;
    text_init(&json, JSON_MAX);
    /* Two issues at once would both find the same units without a plaque. */
    bool good = cmd_execute(NAME, db, "begin", 0, NULL) &&
                cmd_execute(NAME, db, "lock table plaques in share row exclusive mode", 0, NULL);
    struct db_rows *r = !good    ? NULL
                        : q->all ? cmd_query(NAME, db, sql_need_all, 0, NULL)
                                 : cmd_query(NAME, db, sql_need_one, 1, unit);
    good = r != NULL;
    int n = good ? db_rows_count(r) : 0;
    if (good && !q->all && n == 0) {
        (void)cmd_fail(NAME, "there is no unit %s in the register", q->unit);
        good = false;
    }
    if (good && n > 0) {
        good = make_numbers(r, &json, !q->all);
        const char *const params[] = {text_z(&json), q->window, "0", q->state};
        _Static_assert(KEY_VERSION == 0, "the third parameter says so");
        good = good && cmd_execute(NAME, db, sql_issue, 4, params);
    }
    good = good && cmd_execute(NAME, db, "commit", 0, NULL);
    if (good && q->all) printf("%d plaques issued\n", n);
    if (!good && !db_tool_script(db, "rollback", &why)) log_line(LOG_WARNING, LOG_TOOL, "no rollback", NULL);
    if (r) db_rows_free(&r);
    text_free(&json);
    return good;
}

/* Moves one plaque on; `sql` returns its number when that was possible. */
static bool move(struct db_tool *db, const char *sql, int n, const char *const *params, const char *state)
{
    struct db_rows *r = cmd_query(NAME, db, sql, n, params);
    if (!r) return false;
    bool good = db_rows_count(r) > 0;
    if (good)
        printf("%s is %s\n", params[0], state);
    else
        (void)cmd_fail(NAME, "there is no plaque %s that could become %s", params[0], state);
    db_rows_free(&r);
    return good;
}

static bool activate(struct db_tool *db, const struct request *q, const char *number)
{
    if (!q->all)
        return move(db,
                    "update plaques set state = 'active' where number = $1 and state in ('issued', 'active') "
                    "returning number",
                    1, &number, "active");
    struct db_rows *r =
        cmd_query(NAME, db, "update plaques set state = 'active' where state = 'issued'", 0, NULL);
    if (!r) return false;
    printf("%lld plaques activated\n", (long long)db_rows_affected(r));
    db_rows_free(&r);
    return true;
}

static bool retire(struct db_tool *db, const struct request *q, const char *number)
{
    const char *const params[] = {number, q->successor};
    return move(db,
                "update plaques set state = 'retired', successor = s.number from (select $2::text as given) "
                "as q left join plaques s on "
                "s.number = q.given and s.state in ('issued', 'active') where plaques.number = $1 and "
                "plaques.state in ('issued', 'active') "
                "and (q.given is null or s.number is not null) returning plaques.number",
                2, params, "retired");
}

static bool list(struct db_tool *db, bool json)
{
    struct db_rows *r = cmd_query(
        NAME, db,
        "select p.number, p.state, u.code, u.name, coalesce(p.window_name, ''), coalesce(p.successor, ''), "
        "to_char(p.issued_at, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') from plaques p join units u on "
        "u.id = p.unit_id order by u.code collate \"C\", p.number collate \"C\"",
        0, NULL);
    static const char *const keys[] = {"number", "state", "unit", "name", "window", "successor", "issued_at"};
    struct text out;
    if (!r) return false;
    text_init(&out, (size_t)64 << 20);
    if (json) text_addc(&out, '[');
    for (int i = 0; i < db_rows_count(r); i++) {
        for (int c = 0; json && c < (int)ARRAY_LEN(keys); c++) {
            text_addf(&out, "%s\"%s\":", c ? "," : i ? ",\n{" : "\n{", keys[c]);
            json_put(&out, str_of(db_rows_text(r, i, c)));
        }
        if (json)
            text_addc(&out, '}');
        else
            text_addf(&out, "%-9s %-8s %-9s %s%s%s\n", db_rows_text(r, i, 0), db_rows_text(r, i, 1),
                      db_rows_text(r, i, 2), db_rows_text(r, i, 3), db_rows_text(r, i, 4)[0] ? " · " : "",
                      db_rows_text(r, i, 4));
    }
    if (json) text_addz(&out, "\n]\n");
    bool good = cmd_write_file(NAME, NULL, text_str(&out));
    text_free(&out);
    db_rows_free(&r);
    return good;
}

/* --- faces --- */

/* A station's plaque bears its unit's name, and its own where a window's would stand. */
#define SQL_FACE                                                                                             \
    "select p.number, p.key_version, case u.kind when 'station' then s.name else u.name end, "               \
    "concat_ws(' ', case u.kind when 'station' then u.short_name end, p.window_name) from plaques p join "   \
    "units u on u.id = "                                                                                     \
    "p.unit_id left join units s on s.id = u.parent_id "
static const char sql_face_number[] = SQL_FACE "where p.number = $1";
static const char sql_face_code[] =
    SQL_FACE "where u.code = $1 and p.state in ('issued', 'active') order by p.state = 'active' desc, "
             "p.window_name is not null, p.issued_at desc, p.number desc limit 1";
static const char sql_face_all[] =
    SQL_FACE "where p.state in ('issued', 'active') order by u.code collate \"C\", p.number collate \"C\"";

/* What all faces of one run share. */
struct press {
    const struct config *cfg;
    struct keys *keys;
    struct arena arena;
};

static struct str keep(struct press *p, const char *z)
{
    return *z ? arena_str(&p->arena, str_of(z)) : STR("");
}

static bool face_fill(struct press *p, const struct db_rows *r, int row, struct plaque_face *face)
{
    char tag[PLAQUE_TAG_MAX];
    struct text message, url, issuer;
    u8 mac[32];
    u64 version;
    const char *number = db_rows_text(r, row, 0);
    if (!str_u64(str_of(db_rows_text(r, row, 1)), PLAQUE_KEY_VERSIONS - 1, &version)) return false;
    text_init(&message, 64);
    text_init(&url, 2048);
    text_init(&issuer, 512);
    plaque_tag_message(number, (unsigned)version, &message);
    const struct str parts[] = {text_str(&message)};
    crypto_mac(p->keys, KEY_PLAQUE_0 + (unsigned)version, parts, 1, mac);
    plaque_tag_make(mac, (unsigned)version, tag);
    plaque_url(str_of(p->cfg->public_url), number, tag, &url);
    text_addf(&issuer, "%s%s", p->cfg->district_name, p->cfg->office_name);
    *face = (struct plaque_face){.unit = keep(p, db_rows_text(r, row, 2)),
                                 .window = keep(p, db_rows_text(r, row, 3)),
                                 .number = keep(p, number),
                                 .tag = keep(p, tag),
                                 .url = keep(p, text_z(&url)),
                                 .sms_number = keep(p, p->cfg->sms_number),
                                 .issuer = keep(p, text_z(&issuer))};
    text_free(&message);
    text_free(&url);
    text_free(&issuer);
    return face->url.p != NULL && face->issuer.p != NULL && face->unit.p != NULL;
}

/* The plaque that a CODE or a NUMBER means. */
static bool face_find(struct press *p, struct db_tool *db, const char *word, struct plaque_face *face)
{
    char number[PLAQUE_NUMBER_MAX];
    bool by_number = plaque_number_parse(str_of(word), number);
    const char *const params[] = {by_number ? number : word};
    struct db_rows *r = cmd_query(NAME, db, by_number ? sql_face_number : sql_face_code, 1, params);
    if (!r) return false;
    bool good = db_rows_count(r) > 0 && face_fill(p, r, 0, face);
    if (!good && by_number)
        (void)cmd_fail(NAME, "there is no plaque %s", number);
    else if (!good)
        (void)cmd_fail(NAME, "the unit %s has no plaque in use: see `mashangdu plaque issue`", word);
    db_rows_free(&r);
    return good;
}

static bool print_all(struct press *p, struct db_tool *db, const struct request *q)
{
    struct db_rows *r = cmd_query(NAME, db, sql_face_all, 0, NULL);
    if (!r) return false;
    size_t n = (size_t)db_rows_count(r), failed = 0;
    const char *why = NULL;
    struct text out;
    bool good = n > 0 && n <= SHEET_FACES_MAX;
    if (!good)
        (void)cmd_fail(NAME, n ? "there are more plaques than one file may hold"
                               : "there is no plaque in use: see `mashangdu plaque issue`");
    struct plaque_face *faces = mem_alloc((n + 1) * sizeof *faces);
    text_init(&out, SHEET_BYTES_MAX);
    for (size_t i = 0; good && i < n; i++)
        if (!face_fill(p, r, (int)i, &faces[i])) {
            (void)cmd_fail(NAME, "the names of the plaques are too long together");
            good = false;
        }
    if (good && !sheet_print_a4(faces, n, &out, &failed, &why)) {
        if (failed < n)
            (void)cmd_fail(NAME, "plaque %.*s cannot be printed: %s", STR_ARG(faces[failed].number), why);
        else
            (void)cmd_fail(NAME, "%s", why);
        good = false;
    }
    good = good && cmd_write_file(NAME, q->output, text_str(&out));
    text_free(&out);
    free(faces);
    db_rows_free(&r);
    return good;
}

static bool print_one(const struct plaque_face *face, const struct request *q, enum sheet_format format,
                      unsigned dpi)
{
    struct text out;
    const char *why;
    text_init(&out, SHEET_BYTES_MAX);
    bool good = sheet_print(face, format, dpi, &out, &why);
    if (!good) (void)cmd_fail(NAME, "plaque %.*s cannot be printed: %s", STR_ARG(face->number), why);
    good = good && cmd_write_file(NAME, q->output, text_str(&out));
    text_free(&out);
    return good;
}

static int print(struct press *p, struct db_tool *db, const struct request *q, const char *word)
{
    enum sheet_format format;
    struct plaque_face face;
    u64 dpi = 0;
    if (!q->format || !sheet_format_parse(str_of(q->format), &format))
        return cmd_misuse(NAME, "print needs --format svg, png or pdf");
    if (q->dpi && (!str_u64(str_of(q->dpi), SHEET_DPI_MAX, &dpi) || dpi < SHEET_DPI_MIN))
        return cmd_misuse(NAME, "--dpi is a number from %d to %d", SHEET_DPI_MIN, SHEET_DPI_MAX);
    if (q->dpi && format != SHEET_PNG) return cmd_misuse(NAME, "--dpi belongs to --format png");
    if (q->all && format != SHEET_PDF) return cmd_misuse(NAME, "--all prints pages: --format pdf");
    if (!q->output && format != SHEET_SVG && isatty(STDOUT_FILENO))
        return cmd_misuse(NAME, "this would fill the terminal; name a file with -o");
    if (q->all) return print_all(p, db, q) ? CMD_OK : CMD_FAILED;
    return face_find(p, db, word, &face) && print_one(&face, q, format, (unsigned)dpi) ? CMD_OK : CMD_FAILED;
}

static bool show_qr(const struct plaque_face *face)
{
    struct qr_code code;
    struct text out;
    text_init(&out, 1 << 20);
    bool good = qr_code_make(face->url, &code);
    if (!good) (void)cmd_fail(NAME, "the address is too long for a code: shorten public_url");
    if (good) {
        qr_print_terminal(&code, &out);
        good = cmd_write_file(NAME, NULL, text_str(&out));
    }
    text_free(&out);
    return good;
}

/* --- the command --- */

enum verb { ISSUE, ACTIVATE, RETIRE, VOID, LIST, PRINT, URL, QR, VERBS };
static const char *const verbs[VERBS] = {"issue", "activate", "retire", "void", "list", "print", "url", "qr"};

static int with_press(struct db_tool *db, const struct config *cfg, enum verb v, const struct request *q,
                      const char *word)
{
    struct press p = {.cfg = cfg, .keys = cmd_keys(NAME, cfg)};
    struct plaque_face face;
    int code = CMD_FAILED;
    if (!p.keys) return CMD_FAILED;
    arena_init(&p.arena, (size_t)32 << 20);
    if (v == PRINT)
        code = print(&p, db, q, word);
    else if (face_find(&p, db, word, &face))
        code = (v == QR ? show_qr(&face) : printf("%.*s\n", STR_ARG(face.url)) > 0) ? CMD_OK : CMD_FAILED;
    arena_free(&p.arena);
    keys_free(&p.keys);
    return code;
}

int cmd_plaque(struct config *cfg, int argc, char **argv)
{
    struct request q = {.state = "active"};
    int code;
    const struct cmd_option options[] = {
        {.name = "--unit", .value = &q.unit},     {.name = "--window", .value = &q.window},
        {.name = "--state", .value = &q.state},   {.name = "--successor", .value = &q.successor},
        {.name = "--format", .value = &q.format}, {.name = "--dpi", .value = &q.dpi},
        {.name = "-o", .value = &q.output},       {.name = "--all", .flag = &q.all},
        {.name = "--json", .flag = &q.json}};
    if (!cmd_options(NAME, help, options, ARRAY_LEN(options), &argc, argv, &code)) return code;
    size_t v = 0;
    while (v < VERBS && (argc == 0 || strcmp(argv[0], verbs[v]) != 0)) v++;
    if (v == VERBS) return cmd_misuse(NAME, "say issue, activate, retire, void, list, print, url or qr");
    bool wants_word = v != ISSUE && v != LIST && !q.all;
    if (argc != (wants_word ? 2 : 1))
        return cmd_misuse(NAME, wants_word ? "%s needs one unit or plaque" : "%s takes no more words",
                          verbs[v]);
    if (v == ISSUE && q.all == (q.unit != NULL))
        return cmd_misuse(NAME, "issue needs either --all or --unit CODE");
    if (q.all && (q.window || (v != ISSUE && v != ACTIVATE && v != PRINT)))
        return cmd_misuse(NAME, "--all does not go with this");
    if (strcmp(q.state, "active") != 0 && strcmp(q.state, "issued") != 0)
        return cmd_misuse(NAME, "--state is active or issued");
    const char *word = argc > 1 ? argv[1] : NULL;
    char number[PLAQUE_NUMBER_MAX];
    if (word && (v == ACTIVATE || v == RETIRE || v == VOID)) {
        if (!plaque_number_parse(str_of(word), number))
            return cmd_misuse(NAME, "%s is no plaque number", word);
        word = number;
    }
    struct db_tool *db = cmd_database(NAME, cfg);
    if (!db) return CMD_FAILED;
    switch ((enum verb)v) {
    case ISSUE:
        code = issue(db, &q) ? CMD_OK : CMD_FAILED;
        break;
    case ACTIVATE:
        code = activate(db, &q, word) ? CMD_OK : CMD_FAILED;
        break;
    case RETIRE:
        code = retire(db, &q, word) ? CMD_OK : CMD_FAILED;
        break;
    case VOID:
        code =
            move(db, "update plaques set state = 'void', successor = null where number = $1 returning number",
                 1, &word, "void")
                ? CMD_OK
                : CMD_FAILED;
        break;
    case LIST:
        code = list(db, q.json) ? CMD_OK : CMD_FAILED;
        break;
    default:
        code = with_press(db, cfg, (enum verb)v, &q, word);
        break;
    }
    db_tool_close(&db);
    return code;
}
