/* `mashangdu user`: the accounts of the staff. Passwords are stored as Argon2id hashes and shown once at most. */
#include "cmd.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME "user"

static const char help[] =
    "usage: mashangdu user add LOGIN --name NAME --unit CODE --role ROLE[,ROLE] [--home CODE] "
    "[--password-stdin]\n"
    "       mashangdu user password LOGIN [--password-stdin]\n"
    "       mashangdu user role LOGIN ROLE[,ROLE]\n"
    "       mashangdu user disable LOGIN | enable LOGIN\n"
    "       mashangdu user list\n"
    "       mashangdu user sample\n"
    "Accounts of the staff. add and password print a one-time password, which must be changed at the first "
    "sign-in;\n"
    "with --password-stdin the password is read from standard input instead (at least 10 characters).\n"
    "  --name NAME   a post or a person's name, as colleagues see it\n"
    "  --unit CODE   the unit the person acts for, e.g. U003\n"
    "  --home CODE   where the person comes from, for recusal; the same unit when absent\n"
    "  --role LIST   coordinator supervisor accountability registry handler unit_leader callback leader "
    "monitor admin auditor\n"
    "  sample        makes the accounts of the sample district that do not exist yet; prints "
    "staff=LOGIN:PASSWORD\n"
    "disable ends the person's sessions at once; nothing is ever deleted, for acts refer to persons.\n";

static const char *const roles[] = {"coordinator", "supervisor",  "accountability", "registry",
                                    "handler",     "unit_leader", "callback",       "leader",
                                    "monitor",     "admin",       "auditor"};

struct account {
    const char *login, *name, *unit, *home, *role;
};

/* Two of each group that signs: what one drafts another person signs. */
static const struct account samples[] = {
    {"coordinator", "统筹协调组值班员", "U000-02", "U000-02", "coordinator"},
    {"coordinator-head", "统筹协调组组长", "U000-02", "U000-02", "coordinator"},
    {"supervisor", "督查督办组督办员", "U000-03", "U000-03", "supervisor"},
    {"supervisor-head", "督查督办组组长", "U000-03", "U000-03", "supervisor"},
    {"accountability", "追责问责组专员", "U000-04", "U000-04", "accountability"},
    {"accountability-head", "追责问责组组长", "U000-04", "U000-04", "accountability"},
    {"registry", "综合办公室登记员", "U000-01", "U000-01", "registry"},
    {"callback", "回访中心回访员", "U000-01", "U000-01", "callback"},
    {"monitor", "营商环境监测员", "U000", "U000", "monitor"},
    {"leader", "区优化办负责人", "U000", "U000", "leader"},
    {"admin", "系统管理员", "U000", "U000", "admin"},
    {"auditor", "审计员", "U000", "U000", "auditor"},
    {"u001", "审批局承办人", "U001", "U001", "handler"},
    {"u001-leader", "审批局负责人", "U001", "U001", "unit_leader"},
    {"u003", "市监局承办人", "U003", "U003", "handler"},
    {"u003-leader", "市监局负责人", "U003", "U003", "unit_leader"},
    {"u010", "公安局承办人", "U010", "U010", "handler"},
    {"u010-leader", "公安局负责人", "U010", "U010", "unit_leader"},
    {"u026", "城管局承办人", "U026", "U026", "handler"},
    {"u026-leader", "城管局负责人", "U026", "U026", "unit_leader"},
    {"u032", "纪委监委承办人", "U032", "U032", "handler"},
    {"u032-leader", "纪委监委负责人", "U032", "U032", "unit_leader"},
};

#define PASSWORD_MIN 10
#define ONE_TIME_MAX 16

/* Three groups of four letters and digits without look-alikes: 59 bits, easily read out on the telephone. */
static void one_time_password(char out[ONE_TIME_MAX])
{
    static const char alphabet[] = "abcdefghjkmnpqrstuvwxyz23456789";
    const unsigned letters = sizeof alphabet - 1;
    size_t n = 0;
    while (n < 14) {
        u8 byte;
        if (n == 4 || n == 9) {
            out[n++] = '-';
            continue;
        }
        crypto_random(&byte, 1);
        if (byte < 256 / letters * letters)
            out[n++] = alphabet[byte % letters]; /* no letter likelier than another */
    }
    out[n] = '\0';
}

/* "a,b" as it stands in a list of the database; false when a word is no role. */
static bool roles_valid(const char *list)
{
    struct str rest = str_of(list), word;
    if (rest.n == 0) return false;
    do {
        size_t i = 0;
        bool more = str_cut(rest, ',', &word, &rest);
        while (i < ARRAY_LEN(roles) && !str_eq(word, str_of(roles[i]))) i++;
        if (i == ARRAY_LEN(roles)) return false;
        if (!more) return true;
    } while (true);
}

static int bad_roles(const char *list)
{
    return cmd_misuse(NAME, "%s is no list of roles; see --help", list);
}

/* The password given or made up; `made` holds a made one, for printing. False with a sentence printed. */
static bool choose_password(bool from_stdin, char made[ONE_TIME_MAX], char hash[PASSWORD_HASH_MAX])
{
    struct text given;
    bool good;
    text_init(&given, 1024);
    made[0] = '\0';
    if (!crypto_init()) {
        (void)cmd_fail(NAME, "the cryptographic library does not start");
        return false;
    }
    if (from_stdin) {
        good = cmd_read_line(NAME, &given);
        if (good && given.n < PASSWORD_MIN) {
            (void)cmd_fail(NAME, "the password is shorter than %d characters", PASSWORD_MIN);
            good = false;
        }
    } else {
        one_time_password(made);
        text_addz(&given, made);
        good = true;
    }
    if (good && !password_hash(text_str(&given), hash)) {
        (void)cmd_fail(NAME, "the password cannot be hashed: is there memory for it (64 MiB)?");
        good = false;
    }
    if (given.p) crypto_wipe(given.p, given.n);
    text_free(&given);
    return good;
}

/* The first column of the first row says what happened; "" for no row. */
static bool answer_is(struct db_tool *db, const char *sql, int n, const char *const *params, char *answer,
                      size_t size)
{
    struct db_rows *r = cmd_query(NAME, db, sql, n, params);
    if (!r) return false;
    const char *z = db_rows_count(r) ? db_rows_text(r, 0, 0) : NULL;
    snprintf(answer, size, "%s", z ? z : "");
    db_rows_free(&r);
    return true;
}

static bool unit_exists(struct db_tool *db, const char *code)
{
    char answer[8];
    const char *const params[] = {code};
    if (!answer_is(db, "select 'yes' from units where code = $1", 1, params, answer, sizeof answer))
        return false;
    if (answer[0]) return true;
    (void)cmd_fail(NAME, "there is no unit %s", code);
    return false;
}

/* One statement, so that no account is ever half made. */
static const char sql_add[] =
    "with person as (insert into staff (login, name, unit_id, home_unit_id, password_hash, must_change) "
    "select $1, $2, u.id, h.id, $5, $7::boolean from units u, units h where u.code = $3 and h.code = $4 "
    "on conflict (login) do nothing returning id, login), "
    "posts as (insert into staff_roles (staff_id, role) select distinct id, role from person, "
    "unnest(string_to_array($6, ',')) as role), "
    "note as (insert into audit_log (action, detail) select 'tool.user_add', jsonb_build_object('login', "
    "login, 'roles', $6::text) "
    "from person) select id from person";

/* made_r tells whether the account is new. */
static bool add(struct db_tool *db, const struct account *a, const char *hash, bool must_change, bool *made_r)
{
    char id[16];
    const char *const params[] = {
        a->login, a->name, a->unit, a->home, hash, a->role, must_change ? "t" : "f"};
    if (!unit_exists(db, a->unit) || !unit_exists(db, a->home) ||
        !answer_is(db, sql_add, 7, params, id, sizeof id))
        return false;
    *made_r = id[0] != '\0';
    return true;
}

static bool user_add(struct db_tool *db, const struct account *a, bool from_stdin)
{
    char made[ONE_TIME_MAX], hash[PASSWORD_HASH_MAX];
    bool is_new;
    if (!choose_password(from_stdin, made, hash) || !add(db, a, hash, !from_stdin, &is_new)) return false;
    if (!is_new) {
        (void)cmd_fail(NAME, "%s exists already", a->login);
        return false;
    }
    if (made[0])
        printf("%s %s\n", a->login, made);
    else
        printf("%s added\n", a->login);
    return true;
}

static bool user_sample(struct db_tool *db)
{
    for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
        const struct account *a = &samples[i];
        const char *const params[] = {a->login};
        char exists[8], made[ONE_TIME_MAX], hash[PASSWORD_HASH_MAX];
        bool is_new;
        if (!answer_is(db, "select 'yes' from staff where login = $1", 1, params, exists, sizeof exists))
            return false;
        if (exists[0]) continue; /* before the slow hash */
        if (!choose_password(false, made, hash) || !add(db, a, hash, true, &is_new)) return false;
        if (is_new) printf("staff=%s:%s\n", a->login, made);
    }
    return true;
}

static const char sql_password[] = "with person as (update staff set password_hash = $2, must_change = "
                                   "$3::boolean, failures = 0, locked_until = null "
                                   "where login = $1 returning id, login), "
                                   "ended as (update staff_sessions set ended_at = now() where staff_id = "
                                   "(select id from person) and ended_at is null), "
                                   "note as (insert into audit_log (staff_id, action, detail) select id, "
                                   "'tool.user_password', jsonb_build_object('login', login) "
                                   "from person) select id from person";
static const char sql_role[] = "with person as (select id, login from staff where login = $1), "
                               "gone as (delete from staff_roles r using person p where r.staff_id = p.id "
                               "and r.role <> all (string_to_array($2, ','))), "
                               "posts as (insert into staff_roles (staff_id, role) select distinct id, role "
                               "from person, unnest(string_to_array($2, ',')) "
                               "as role on conflict do nothing), "
                               "note as (insert into audit_log (staff_id, action, detail) select id, "
                               "'tool.user_role', jsonb_build_object('login', login, "
                               "'roles', $2::text) from person) select id from person";
static const char sql_active[] =
    "with person as (update staff set active = $2::boolean where login = $1 returning id, login), "
    "ended as (update staff_sessions set ended_at = now() where staff_id = (select id from person) and "
    "ended_at is null "
    "and not $2::boolean), "
    "note as (insert into audit_log (staff_id, action, detail) select id, case when $2::boolean then "
    "'tool.user_enable' else "
    "'tool.user_disable' end, jsonb_build_object('login', login) from person) select id from person";

/* A change of the account params[0]; false with a sentence when there is none. */
static bool change(struct db_tool *db, const char *sql, int n, const char *const *params)
{
    char id[16];
    if (!answer_is(db, sql, n, params, id, sizeof id)) return false;
    if (id[0]) return true;
    (void)cmd_fail(NAME, "there is no account %s", params[0]);
    return false;
}

static bool user_password(struct db_tool *db, const char *login, bool from_stdin)
{
    char made[ONE_TIME_MAX], hash[PASSWORD_HASH_MAX];
    if (!choose_password(from_stdin, made, hash)) return false;
    const char *const params[] = {login, hash, from_stdin ? "f" : "t"};
    if (!change(db, sql_password, 3, params)) return false;
    if (made[0])
        printf("%s %s\n", login, made);
    else
        printf("%s has a new password\n", login);
    return true;
}

static bool user_list(struct db_tool *db)
{
    struct db_rows *r = cmd_query(
        NAME, db,
        "select s.login, u.code, h.code, s.active, s.must_change, coalesce((select string_agg(role, ',' "
        "order by role) from staff_roles where staff_id = s.id), '-'), s.name from staff s join units u on "
        "u.id = s.unit_id join units h on h.id = s.home_unit_id order by s.login",
        0, NULL);
    if (!r) return false;
    printf("%-20s %-9s %-9s %-8s %-30s %s\n", "login", "unit", "home", "state", "roles", "name");
    for (int i = 0; i < db_rows_count(r); i++)
        printf("%-20s %-9s %-9s %-8s %-30s %s\n", db_rows_text(r, i, 0), db_rows_text(r, i, 1),
               db_rows_text(r, i, 2),
               db_rows_text(r, i, 3)[0] != 't'   ? "disabled"
               : db_rows_text(r, i, 4)[0] == 't' ? "one-time"
                                                 : "active",
               db_rows_text(r, i, 5), db_rows_text(r, i, 6));
    db_rows_free(&r);
    return true;
}

int cmd_user(struct config *cfg, int argc, char **argv)
{
    struct account a = {0};
    bool from_stdin = false;
    int code;
    const struct cmd_option options[] = {{.name = "--name", .value = &a.name},
                                         {.name = "--unit", .value = &a.unit},
                                         {.name = "--home", .value = &a.home},
                                         {.name = "--role", .value = &a.role},
                                         {.name = "--password-stdin", .flag = &from_stdin}};
    if (!cmd_options(NAME, help, options, ARRAY_LEN(options), &argc, argv, &code)) return code;
    enum { ADD, PASSWORD, ROLE, DISABLE, ENABLE, LIST, SAMPLE };
    static const struct {
        const char *word;
        int words;
    } verbs[] = {{"add", 2},    {"password", 2}, {"role", 3},  {"disable", 2},
                 {"enable", 2}, {"list", 1},     {"sample", 1}};
    size_t v = 0;
    while (v < ARRAY_LEN(verbs) && (argc == 0 || strcmp(argv[0], verbs[v].word) != 0)) v++;
    if (v == ARRAY_LEN(verbs))
        return cmd_misuse(NAME, "say add, password, role, disable, enable, list or sample");
    if (argc != verbs[v].words)
        return cmd_misuse(NAME, "%s takes %d more words", argv[0], verbs[v].words - 1);
    if (v == ADD && (!a.name || !a.unit || !a.role))
        return cmd_misuse(NAME, "add needs --name, --unit and --role");
    if (v == ADD && !roles_valid(a.role)) return bad_roles(a.role);
    if (v == ROLE && !roles_valid(argv[2])) return bad_roles(argv[2]);
    if (v != ADD && (a.name || a.unit || a.home || a.role))
        return cmd_misuse(NAME, "these options belong to add");
    struct db_tool *db = cmd_database(NAME, cfg);
    if (!db) return CMD_FAILED;
    bool good = false;
    a.login = argc > 1 ? argv[1] : NULL;
    if (!a.home) a.home = a.unit;
    switch (v) {
    case ADD:
        good = user_add(db, &a, from_stdin);
        break;
    case PASSWORD:
        good = user_password(db, argv[1], from_stdin);
        break;
    case ROLE:
        good = change(db, sql_role, 2, (const char *const[]){argv[1], argv[2]});
        break;
    case DISABLE:
        good = change(db, sql_active, 2, (const char *const[]){argv[1], "f"});
        break;
    case ENABLE:
        good = change(db, sql_active, 2, (const char *const[]){argv[1], "t"});
        break;
    case LIST:
        good = user_list(db);
        break;
    default:
        good = user_sample(db);
        break;
    }
    db_tool_close(&db);
    return good ? CMD_OK : CMD_FAILED;
}
