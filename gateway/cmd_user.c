/* `mashangdu user`: the accounts of the staff. Passwords are stored as Argon2id hashes and shown once at most. */
#include "cmd.h"
#include "one_time.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME "user"

static const char help[] =
    "usage: mashangdu user add LOGIN --name NAME --unit CODE --role ROLE[,ROLE] [--title TITLE] [--home CODE] "
    "[--password-stdin]\n"
    "       mashangdu user password LOGIN [--password-stdin]\n"
    "       mashangdu user post LOGIN --unit CODE --role ROLE[,ROLE] [--title TITLE]\n"
    "       mashangdu user end LOGIN --post NUMBER\n"
    "       mashangdu user role LOGIN ROLE[,ROLE] [--post NUMBER]\n"
    "       mashangdu user disable LOGIN | enable LOGIN | unlock LOGIN\n"
    "       mashangdu user factor-reset LOGIN\n"
    "       mashangdu user oidc LOGIN SUBJECT | none\n"
    "       mashangdu user list\n"
    "       mashangdu user sample\n"
    "Accounts of the staff: one for each person, who may hold several posts, each in a unit with roles of its own.\nadd and password print a one-time password, which must be changed at the first "
    "sign-in;\n"
    "with --password-stdin the password is read from standard input instead (at least 10 characters).\n"
    "  --name NAME   the person's name, as colleagues see it\n"
    "  --unit CODE   the unit the post acts for, e.g. U003\n"
    "  --title TITLE what the post is called; after its role when absent\n"
    "  --post NUMBER which post, as list prints it; role: may be left out when there is only one\n"
    "  --home CODE   where the person comes from, for recusal; the same unit when absent\n"
    "  --role LIST   coordinator supervisor accountability registry handler unit_leader callback leader "
    "monitor admin security auditor\n"
    "                admin, security and auditor are three persons, and none of them holds another role\n"
    "  sample        makes the accounts of the sample district that do not exist yet; prints "
    "staff=LOGIN:PASSWORD\n"
    "factor-reset takes a second factor away (a lost telephone) and ends the person's sessions; oidc writes down by what "
    "name\n"
    "the identity provider knows the person (setting oidc_claim).\n"
    "post adds a post, end takes one away; disable ends the person's sessions at once; nothing is ever deleted, for acts refer to persons.\n";

static const char *const roles[] = {"coordinator", "supervisor",  "accountability", "registry",
                                    "handler",     "unit_leader", "callback",       "leader",
                                    "monitor",     "admin",       "security",       "auditor"};

struct account {
    const char *login, *name, *unit, *home, *role, *title;
};

/* Two of each group that signs: what one drafts another person signs. */
static const struct account samples[] = {
    {"coordinator", "统筹协调组值班员", "U000-02", "U000-02", "coordinator", NULL},
    {"coordinator-head", "统筹协调组组长", "U000-02", "U000-02", "coordinator", NULL},
    {"supervisor", "督查督办组督办员", "U000-03", "U000-03", "supervisor", NULL},
    {"supervisor-head", "督查督办组组长", "U000-03", "U000-03", "supervisor", NULL},
    {"accountability", "追责问责组专员", "U000-04", "U000-04", "accountability", NULL},
    {"accountability-head", "追责问责组组长", "U000-04", "U000-04", "accountability", NULL},
    {"registry", "综合办公室登记员", "U000-01", "U000-01", "registry", NULL},
    {"callback", "回访中心回访员", "U000-01", "U000-01", "callback", NULL},
    {"monitor", "营商环境监测员", "U000", "U000", "monitor", NULL},
    {"leader", "区优化办负责人", "U000", "U000", "leader", NULL},
    {"admin", "系统管理员", "U000", "U000", "admin", NULL},
    {"security", "安全管理员", "U000", "U000", "security", NULL},
    {"auditor", "审计员", "U000", "U000", "auditor", NULL},
    {"u001", "审批局承办人", "U001", "U001", "handler", NULL},
    {"u001-leader", "审批局负责人", "U001", "U001", "unit_leader", NULL},
    {"u003", "市监局承办人", "U003", "U003", "handler", NULL},
    {"u003-leader", "市监局负责人", "U003", "U003", "unit_leader", NULL},
    {"u010", "公安局承办人", "U010", "U010", "handler", NULL},
    {"u010-leader", "公安局负责人", "U010", "U010", "unit_leader", NULL},
    {"u026", "城管局承办人", "U026", "U026", "handler", NULL},
    {"u026-leader", "城管局负责人", "U026", "U026", "unit_leader", NULL},
    {"u032", "纪委监委承办人", "U032", "U032", "handler", NULL},
    {"u032-leader", "纪委监委负责人", "U032", "U032", "unit_leader", NULL},
};

#define PASSWORD_MIN 10

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

/* One statement, so that no account is ever half made; rights are given by the same functions as on the desk. */
static const char sql_add[] =
    "with person as (select person_add($1, $2, h.id, $5, $7::boolean, u.id, $8, string_to_array($6, ',')) as id "
    "from units u, units h where u.code = $3 and h.code = $4 and not exists (select from staff where login = $1)), "
    "note as (insert into audit_log (action, detail) select 'tool.user_add', jsonb_build_object('login', "
    "$1::text, 'roles', $6::text) from person) select id from person";

/* made_r tells whether the account is new. */
static bool add(struct db_tool *db, const struct account *a, const char *hash, bool must_change, bool *made_r)
{
    char id[16];
    const char *const params[] = {a->login, a->name, a->unit, a->home, hash, a->role, must_change ? "t" : "f",
                                  a->title};
    if (!unit_exists(db, a->unit) || !unit_exists(db, a->home) ||
        !answer_is(db, sql_add, 8, params, id, sizeof id))
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
                                   "from person) select account_by_tool(id, 'password', null) from person";
/* $3: the post; NULL for the only one there is. No row: no such account, post, or not just one. */
static const char sql_role[] =
    "with post as (select p.id, s.login from staff s join posts p on p.staff_id = s.id and post_runs(p) where s.login = $1 "
    "and (p.id = $3::integer or ($3 is null and (select count(*) from posts o where o.staff_id = s.id and post_runs(o)) = 1))), "
    "done as (select post_roles_set(post.id, string_to_array($2, ',')) as id from post), "
    "note as (insert into audit_log (staff_id, action, detail) select done.id, 'tool.user_role', "
    "jsonb_build_object('login', $1::text, 'roles', $2::text) from done) select id from done";
static const char sql_post[] =
    "select post_add(s.id, u.id, $4, string_to_array($3, ','), null, null) from staff s, units u where s.login = $1 and u.code = $2";
static const char sql_end[] =
    "select post_end(p.id, null) from staff s join posts p on p.staff_id = s.id and post_runs(p) where s.login = $1 and p.id = $2::integer";
static const char sql_unlock[] = "select s.id, person_unlock(s.id) from staff s where s.login = $1";
static const char sql_active[] =
    "with person as (update staff set active = $2::boolean where login = $1 returning id, login), "
    "ended as (update staff_sessions set ended_at = now() where staff_id = (select id from person) and "
    "ended_at is null "
    "and not $2::boolean), "
    "note as (insert into audit_log (staff_id, action, detail) select id, case when $2::boolean then "
    "'tool.user_enable' else "
    "'tool.user_disable' end, jsonb_build_object('login', login) from person) select id from person";

static const char sql_factor_reset[] =
    "select coalesce(staff_factor_reset(id)::text, '') from staff where login = $1";
static const char sql_oidc[] =
    "with person as (update staff set oidc_subject = nullif($2, 'none') where login = $1 returning id, login), "
    "note as (insert into audit_log (staff_id, action, detail) select id, 'tool.user_oidc', jsonb_build_object('login', login, "
    "'given', $2 <> 'none') from person), "
    "ended as (update staff_sessions set ended_at = now() where staff_id = (select id from person) and way = 'oidc' and ended_at is null) "
    "select case when $2 = 'none' then id else account_by_tool(id, 'oidc', $2) end from person";

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

static bool user_factor_reset(struct db_tool *db, const char *login)
{
    char had[8];
    const char *const params[] = {login};
    if (!answer_is(db, sql_factor_reset, 1, params, had, sizeof had)) return false;
    if (!had[0]) {
        (void)cmd_fail(NAME, "there is no account %s", login);
        return false;
    }
    printf(had[0] == 't' ? "%s has no second factor any more\n" : "%s had no second factor\n", login);
    return true;
}

static bool user_list(struct db_tool *db)
{
    struct db_rows *r = cmd_query(
        NAME, db,
        "select s.login, coalesce(u.code, '-'), h.code, s.active, s.must_change, coalesce((select string_agg(role, ',' "
        "order by role) from post_roles where post_id = p.id), '-'), coalesce(p.id::text, '-'), s.name || coalesce(' ' || "
        "post_called(p.id, s.name), '') from staff s join units h on h.id = s.home_unit_id "
        "left join posts p on p.staff_id = s.id and post_runs(p) left join units u on u.id = p.unit_id order by s.login, p.id",
        0, NULL);
    if (!r) return false;
    printf("%-20s %-9s %-9s %-8s %-30s %-5s %s\n", "login", "unit", "home", "state", "roles", "post", "name");
    for (int i = 0; i < db_rows_count(r); i++)
        printf("%-20s %-9s %-9s %-8s %-30s %-5s %s\n", db_rows_text(r, i, 0), db_rows_text(r, i, 1),
               db_rows_text(r, i, 2),
               db_rows_text(r, i, 3)[0] != 't'   ? "disabled"
               : db_rows_text(r, i, 4)[0] == 't' ? "one-time"
                                                 : "active",
               db_rows_text(r, i, 5), db_rows_text(r, i, 6), db_rows_text(r, i, 7));
    db_rows_free(&r);
    return true;
}

enum user_verb {
    ADD,
    PASSWORD,
    POST,
    END,
    ROLE,
    DISABLE,
    ENABLE,
    UNLOCK,
    FACTOR_RESET,
    OIDC,
    LIST,
    SAMPLE,
    VERBS
};
/* words: on the command line; takes: the options that belong to the verb. */
enum { O_NAME = 1, O_UNIT = 2, O_HOME = 4, O_ROLE = 8, O_TITLE = 16, O_POST = 32, O_STDIN = 64 };
static const struct {
    const char *word;
    int words;
    unsigned wants, takes;
} verbs[VERBS] = {
    [ADD] = {"add", 2, O_NAME | O_UNIT | O_ROLE, O_NAME | O_UNIT | O_HOME | O_ROLE | O_TITLE | O_STDIN},
    [PASSWORD] = {"password", 2, 0, O_STDIN},
    [POST] = {"post", 2, O_UNIT | O_ROLE, O_UNIT | O_ROLE | O_TITLE},
    [END] = {"end", 2, O_POST, O_POST},
    [ROLE] = {"role", 3, 0, O_POST},
    [DISABLE] = {"disable", 2, 0, 0},
    [ENABLE] = {"enable", 2, 0, 0},
    [UNLOCK] = {"unlock", 2, 0, 0},
    [FACTOR_RESET] = {"factor-reset", 2, 0, 0},
    [OIDC] = {"oidc", 3, 0, 0},
    [LIST] = {"list", 1, 0, 0},
    [SAMPLE] = {"sample", 1, 0, 0},
};

static bool run(struct db_tool *db, enum user_verb v, char **argv, const struct account *a, const char *post,
                bool from_stdin)
{
    switch (v) {
    case ADD:
        return user_add(db, a, from_stdin);
    case PASSWORD:
        return user_password(db, a->login, from_stdin);
    case POST:
        return unit_exists(db, a->unit) &&
               change(db, sql_post, 4, (const char *const[]){a->login, a->unit, a->role, a->title});
    case END:
        return change(db, sql_end, 2, (const char *const[]){a->login, post});
    case ROLE:
        return change(db, sql_role, 3, (const char *const[]){a->login, argv[2], post});
    case DISABLE:
        return change(db, sql_active, 2, (const char *const[]){a->login, "f"});
    case ENABLE:
        return change(db, sql_active, 2, (const char *const[]){a->login, "t"});
    case UNLOCK:
        return change(db, sql_unlock, 1, (const char *const[]){a->login});
    case FACTOR_RESET:
        return user_factor_reset(db, a->login);
    case OIDC:
        return change(db, sql_oidc, 2, (const char *const[]){a->login, argv[2]});
    case LIST:
        return user_list(db);
    default:
        return user_sample(db);
    }
}

int cmd_user(struct config *cfg, int argc, char **argv)
{
    struct account a = {0};
    bool from_stdin = false;
    const char *post = NULL;
    u64 number;
    int code;
    const struct cmd_option options[] = {{.name = "--name", .value = &a.name},
                                         {.name = "--unit", .value = &a.unit},
                                         {.name = "--home", .value = &a.home},
                                         {.name = "--role", .value = &a.role},
                                         {.name = "--title", .value = &a.title},
                                         {.name = "--post", .value = &post},
                                         {.name = "--password-stdin", .flag = &from_stdin}};
    if (!cmd_options(NAME, help, options, ARRAY_LEN(options), &argc, argv, &code)) return code;
    int v = 0;
    while (v < VERBS && (argc == 0 || strcmp(argv[0], verbs[v].word) != 0)) v++;
    if (v == VERBS)
        return cmd_misuse(
            NAME,
            "say add, password, post, end, role, disable, enable, unlock, factor-reset, oidc, list or sample");
    if (argc != verbs[v].words)
        return cmd_misuse(NAME, "%s takes %d more words", argv[0], verbs[v].words - 1);
    const unsigned given = (a.name ? O_NAME : 0u) | (a.unit ? O_UNIT : 0u) | (a.home ? O_HOME : 0u) |
                           (a.role ? O_ROLE : 0u) | (a.title ? O_TITLE : 0u) | (post ? O_POST : 0u) |
                           (from_stdin ? O_STDIN : 0u);
    if (v == ADD && (given & verbs[v].wants) != verbs[v].wants)
        return cmd_misuse(NAME, "add needs --name, --unit and --role");
    if ((given & verbs[v].wants) != verbs[v].wants)
        return cmd_misuse(NAME, v == END ? "end needs --post" : "post needs --unit and --role");
    if (given & ~verbs[v].takes) return cmd_misuse(NAME, "an option does not belong to %s", argv[0]);
    if (a.role && !roles_valid(a.role)) return bad_roles(a.role);
    if (v == ROLE && !roles_valid(argv[2])) return bad_roles(argv[2]);
    if (post && !str_u64(str_of(post), INT32_MAX, &number))
        return cmd_misuse(NAME, "--post is a number, as list prints it");
    struct db_tool *db = cmd_database(NAME, cfg);
    if (!db) return CMD_FAILED;
    a.login = argc > 1 ? argv[1] : NULL;
    if (!a.home) a.home = a.unit;
    bool good = run(db, (enum user_verb)v, argv, &a, post, from_stdin);
    db_tool_close(&db);
    return good ? CMD_OK : CMD_FAILED;
}
