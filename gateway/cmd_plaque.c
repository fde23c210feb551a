/* `mashangdu plaque`: numbers for the walls, their states, and the key of their codes. Files for the printer: cmd_plaque_print.c. */
#include "base/code.h"
#include "cmd_plaque.h"
#include "qr/plaque.h"
#include <stdio.h>
#include <string.h>

#define NAME CMD_PLAQUE

static const char help[] =
    "usage: mashangdu plaque issue --all | --unit CODE [--window NAME] [--state active|issued]\n"
    "       mashangdu plaque activate NUMBER | --all\n"
    "       mashangdu plaque retire NUMBER [--successor NUMBER]\n"
    "       mashangdu plaque void NUMBER\n"
    "       mashangdu plaque revoke NUMBER\n"
    "       mashangdu plaque rotate-key [--revoke-version N]\n"
    "       mashangdu plaque list [--json]\n"
    "       mashangdu plaque print CODE|NUMBER --format svg|png|pdf [--dpi N] [-o FILE]\n"
    "       mashangdu plaque print CODE|NUMBER|--all --layout a4-1|a4-2|a4-4|a4-6|a4-9|a5 [--copies N] [-o FILE]\n"
    "       mashangdu plaque print CODE|NUMBER --layout plate [-o FILE]\n"
    "       mashangdu plaque url CODE|NUMBER\n"
    "       mashangdu plaque qr CODE|NUMBER\n"
    "The supervision plaques. A CODE (U003, or U003-02 for a station) means the newest plaque of that unit.\n"
    "  issue      makes a number. --all: one for every unit that has none in use; running it again changes "
    "nothing\n"
    "  --state    active (in use at once, the default) or issued (to be activated when it hangs)\n"
    "  --window   the window or counter inside the unit, printed under its name\n"
    "  retire     out of use; with a successor the page of the old plaque leads on to the new one\n"
    "  void       lost, stolen or misprinted\n"
    "  revoke     the printed code of one plaque no longer counts: it is signed anew and must be printed again;\n"
    "             its number typed by hand goes on. Needs a newer key than the one it was printed with\n"
    "  rotate-key new plaques are signed with a new version of the key; what hangs stays good\n"
    "  --revoke-version N\n"
    "             and nothing signed with version N counts any more; prints the plaques to be printed again\n"
    "  --why      a sentence for the record of the plaque, with any of these\n"
    "  print      one plaque of 120 x 160 mm, pages of so many, or a drawing for metal (SVG of outlines,\n"
    "             180 x 240 mm, two colours); to standard output without -o\n"
    "  --dpi N    of a PNG, 100 to 1200 (600)\n"
    "  --copies N of each plaque, 1 to 100\n"
    "  url, qr    the signed address, as text and as a code for the terminal\n"
    "print, url and qr need the master key (setting key_file) and take address and names from public_url,\n"
    "district_name, office_name and sms_number.\n";

/* --- issuing and states --- */

/* What the record of a plaque says of a step from here, beside that nobody was signed in. */
static bool note(struct db_tool *db, const struct plaque_request *q)
{
    return cmd_execute(NAME, db, "select set_config('msd.plaque_why', coalesce($1, ''), false)", 1, &q->why);
}

static bool issue(struct db_tool *db, const struct plaque_request *q)
{
    const char *const params[] = {q->unit, q->window, q->state, q->why};
    struct db_rows *r =
        q->all
            ? cmd_query(NAME, db, "select code, number from plaques_issue(null, null, $1, $2)", 2, params + 2)
            : cmd_query(
                  NAME, db,
                  "select i.code, i.number from units u, plaques_issue(array[u.id], array[$2::text], $3, $4) "
                  "i where u.code = $1 and u.retired_on is null",
                  4, params);
    if (!r) return false;
    const int n = db_rows_count(r);
    bool good = q->all || n > 0;
    if (!good) (void)cmd_fail(NAME, "there is no unit %s in the register", q->unit);
    for (int i = 0; !q->all && i < n; i++) printf("%s %s\n", db_rows_text(r, i, 0), db_rows_text(r, i, 1));
    if (q->all) printf("%d plaques issued\n", n);
    db_rows_free(&r);
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

static bool activate(struct db_tool *db, const struct plaque_request *q, const char *number)
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

static bool retire(struct db_tool *db, const struct plaque_request *q, const char *number)
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

/* --- the key --- */

static bool revoke(struct db_tool *db, const struct plaque_request *q, const char *number)
{
    const char *const params[] = {number, q->why};
    if (!cmd_execute(NAME, db, "select plaque_step($1, 'revoke', $2, null, null, null, null, null, null)", 2,
                     params))
        return false;
    printf("%s must be printed again\n", number);
    return true;
}

static bool rotate(struct db_tool *db, const struct plaque_request *q)
{
    const char *const params[] = {q->version, q->why ? q->why : "the key of this version is withdrawn"};
    struct db_rows *r = cmd_query(
        NAME, db,
        "select version, coalesce(number, ''), coalesce(code, ''), coalesce(name, '') from plaque_key_rotate($1::smallint, $2)",
        2, params);
    if (!r) return false;
    int n = 0;
    printf("new plaques are signed with key version %s\n", db_rows_text(r, 0, 0));
    for (int i = 0; i < db_rows_count(r); i++) {
        if (!db_rows_text(r, i, 1)[0]) continue;
        printf("%s %s %s\n", db_rows_text(r, i, 1), db_rows_text(r, i, 2), db_rows_text(r, i, 3));
        n++;
    }
    if (q->version) printf("key version %s is withdrawn: %d plaques must be printed again\n", q->version, n);
    db_rows_free(&r);
    return true;
}

/* --- the command --- */

enum verb { ISSUE, ACTIVATE, RETIRE, VOID, REVOKE, ROTATE, LIST, PRINT, URL, QR, VERBS };
static const char *const verbs[VERBS] = {"issue",      "activate", "retire", "void", "revoke",
                                         "rotate-key", "list",     "print",  "url",  "qr"};

int cmd_plaque(struct config *cfg, int argc, char **argv)
{
    struct plaque_request q = {.state = "active"};
    int code;
    const struct cmd_option options[] = {{.name = "--unit", .value = &q.unit},
                                         {.name = "--window", .value = &q.window},
                                         {.name = "--state", .value = &q.state},
                                         {.name = "--successor", .value = &q.successor},
                                         {.name = "--format", .value = &q.format},
                                         {.name = "--dpi", .value = &q.dpi},
                                         {.name = "-o", .value = &q.output},
                                         {.name = "--all", .flag = &q.all},
                                         {.name = "--json", .flag = &q.json},
                                         {.name = "--layout", .value = &q.layout},
                                         {.name = "--why", .value = &q.why},
                                         {.name = "--copies", .value = &q.copies},
                                         {.name = "--revoke-version", .value = &q.version}};
    if (!cmd_options(NAME, help, options, ARRAY_LEN(options), &argc, argv, &code)) return code;
    size_t v = 0;
    while (v < VERBS && (argc == 0 || strcmp(argv[0], verbs[v]) != 0)) v++;
    if (v == VERBS)
        return cmd_misuse(NAME,
                          "say issue, activate, retire, void, revoke, rotate-key, list, print, url or qr");
    bool wants_word = v != ISSUE && v != LIST && v != ROTATE && !q.all;
    if (argc != (wants_word ? 2 : 1))
        return cmd_misuse(NAME, wants_word ? "%s needs one unit or plaque" : "%s takes no more words",
                          verbs[v]);
    if (v == ISSUE && q.all == (q.unit != NULL))
        return cmd_misuse(NAME, "issue needs either --all or --unit CODE");
    if (q.all && (q.window || (v != ISSUE && v != ACTIVATE && v != PRINT)))
        return cmd_misuse(NAME, "--all does not go with this");
    if (strcmp(q.state, "active") != 0 && strcmp(q.state, "issued") != 0)
        return cmd_misuse(NAME, "--state is active or issued");
    u64 version = 0;
    if (q.version && (v != ROTATE || !str_u64(str_of(q.version), PLAQUE_KEY_VERSIONS - 1, &version)))
        return cmd_misuse(NAME, "--revoke-version N belongs to rotate-key, N a version of the key");
    const char *word = argc > 1 ? argv[1] : NULL;
    char number[PLAQUE_NUMBER_MAX];
    if (word && (v == ACTIVATE || v == RETIRE || v == VOID || v == REVOKE)) {
        if (!plaque_number_parse(str_of(word), number))
            return cmd_misuse(NAME, "%s is no plaque number", word);
        word = number;
    }
    struct db_tool *db = cmd_database(NAME, cfg);
    if (!db) return CMD_FAILED;
    if (!note(db, &q)) {
        db_tool_close(&db);
        return CMD_FAILED;
    }
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
    case REVOKE:
        code = revoke(db, &q, word) ? CMD_OK : CMD_FAILED;
        break;
    case ROTATE:
        code = rotate(db, &q) ? CMD_OK : CMD_FAILED;
        break;
    case LIST:
        code = list(db, q.json) ? CMD_OK : CMD_FAILED;
        break;
    default:
        code = cmd_plaque_press(db, cfg, v == PRINT ? PRESS_PRINT : v == QR ? PRESS_QR : PRESS_URL, &q, word);
        break;
    }
    db_tool_close(&db);
    return code;
}
