/* `mashangdu channel`: the configured doors to providers. The key of a door is shown once and stored as a keyed hash;
 * the settings (they hold passwords) are sealed with the master key. */
#include "cmd_channel_check.h"
#include "cmd_channel_replay.h"
#include "cmd_channel_settings.h"
#include "cmd_channel_test.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME      "channel"
#define KEEP_MAX  720 /* hours */
#define KEEP_ELSE "24"
#define LOG_ELSE  "20"

static const char help[] =
    "usage: mashangdu channel add NAME --type TYPE [--set KEY=VALUE]... [--set-file KEY=FILE]...\n"
    "       mashangdu channel set NAME [--set KEY=VALUE]... [--set-file KEY=FILE]...\n"
    "       mashangdu channel rotate-key NAME [--set KEY=VALUE]... [--set-file KEY=FILE]... [--keep HOURS]\n"
    "       mashangdu channel test NAME [--to NUMBER]\n"
    "       mashangdu channel replay NAME --from NUMBER|TIME [--to NUMBER|TIME]\n"
    "       mashangdu channel disable NAME | enable NAME\n"
    "       mashangdu channel list\n"
    "       mashangdu channel log NAME [--last N]\n"
    "       mashangdu channel check DIR\n"
    "Doors to providers: SMS gateways, messengers, group robots, mailboxes, subscribers. add and rotate-key print the "
    "secret addresses of the door once:\n"
    "  mo   where the provider sends what citizens wrote     dlr   where it sends delivery receipts\n"
    "  --type TYPE        the kind of provider; `channel list` names all kinds and their settings\n"
    "  --set KEY=VALUE    a setting of that kind; an empty value takes it away\n"
    "  --set-file KEY=FILE  the same, read from the first line of a file, so that a password stays out of "
    "the history\n"
    "  rotate-key         without --set: a new secret address (of a webhook: a new signing secret); with --set: a new value of "
    "a provider's secret\n"
    "  --keep HOURS       how long the key before stays good, 0 to 720; otherwise " KEEP_ELSE "\n"
    "  test               sends one message through the running gateway and waits for what becomes of it\n"
    "  replay             tells a subscriber again what happened: events by number, or by time in China from --from up to\n"
    "                     --to (\"2026-03-18 10:00\"; otherwise until now); the same ids, so that a receiver knows them\n"
    "  log                the last exchanges, without secrets, numbers and words\n"
    "  check DIR          lets the adapters read recorded requests and compares; needs no database\n"
    "Needs the master key (setting key_file), the same as the gateway's.\n";

struct request {
    const char *type, *keep, *from, *to, *last;
    struct cmd_many set, files;
    int hours;
};

/* Names stand in addresses; the table checks the same. */
static bool name_valid(const char *z)
{
    size_t n = strlen(z);
    if (n < 2 || n > 40 || z[0] < 'a' || z[0] > 'z') return false;
    for (size_t i = 0; i < n; i++)
        if (!((z[i] >= 'a' && z[i] <= 'z') || (z[i] >= '0' && z[i] <= '9') || z[i] == '-')) return false;
    return true;
}

/* True when the statement touched the channel; the sentence is printed when not. */
static bool touch(struct db_tool *db, const char *sql, int n, const char *const *params, const char *why_not)
{
    struct db_rows *r = cmd_query(NAME, db, sql, n, params);
    if (!r) return false;
    bool good = db_rows_affected(r) > 0;
    if (!good && why_not)
        (void)cmd_fail(NAME, "%s %s", params[0], why_not);
    else if (!good)
        (void)cmd_fail(NAME, "there is no channel %s", params[0]);
    db_rows_free(&r);
    return good;
}

/* A subscriber needs a secret to check us by; who brings none gets one. */
static bool webhook_secret(struct channel_settings *s, const struct adapter *a)
{
    char secret[WEBHOOK_SECRET_MAX];
    if (a->use != USE_WEBHOOK || settings_get(s, STR("secret")).n) return true;
    webhook_secret_make(secret);
    const bool good = settings_put(s, STR("secret"), str_of(secret));
    if (good) printf("secret=%s\n", secret);
    crypto_wipe(secret, sizeof secret);
    return good;
}

/* Said, not refused: a door may be made before the account is there. */
static void tell_unfinished(const struct channel_settings *s, const struct adapter *a, const char *name)
{
    if (!a->compose || !a->send_setting || settings_get(s, str_of(a->send_setting)).n) return;
    fprintf(stderr, "Nothing is sent through %s before `mashangdu channel set %s` has given %s.\n", name,
            name, a->send_setting);
}

static bool add(struct db_tool *db, const struct config *cfg, const struct keys *k, const char *name,
                const struct request *q)
{
    static struct channel_settings s;
    struct entrance d;
    struct text sealed;
    const struct adapter *a = adapter_find(str_of(q->type));
    if (!a) {
        (void)cmd_fail(NAME, "there is no type %s; `mashangdu channel list` names all", q->type);
        return false;
    }
    s.n = 0;
    entrance_make(k, name, &d);
    text_init(&sealed, CHANNEL_HEX_MAX);
    bool good = settings_take(&s, a, &q->set, &q->files, false) &&
                settings_put(&s, STR(CHANNEL_HOOK_KEY), str_of(d.secret)) && webhook_secret(&s, a) &&
                settings_seal(&s, k, name, &sealed);
    const char *const params[] = {name, a->name, d.hash, text_z(&sealed)};
    good = good && touch(db,
                         "insert into channels (name, type, key_hash, settings) values ($1, $2, decode($3, "
                         "'hex'), decode($4, 'hex')) "
                         "on conflict (name) do nothing",
                         4, params, "exists already");
    if (good && a->use == USE_SMS) entrance_print(cfg, name, &d); /* the others only send */
    if (good) tell_unfinished(&s, a, name);
    text_free(&sealed);
    return good;
}

/* What the channel is set to now. NULL with a sentence printed when it is not there or cannot be opened. */
static const struct adapter *settings_load(struct channel_settings *s, struct db_tool *db,
                                           const struct keys *k, const char *name)
{
    struct db_rows *r =
        cmd_query(NAME, db, "select type, encode(settings, 'hex') from channels where name = $1", 1, &name);
    if (!r) return NULL;
    const struct adapter *a = db_rows_count(r) ? adapter_find(str_of(db_rows_text(r, 0, 0))) : NULL;
    s->n = 0;
    if (!a) (void)cmd_fail(NAME, "there is no channel %s of a type that this program knows", name);
    if (a && !settings_open(s, k, name, db_rows_text(r, 0, 1))) a = NULL;
    db_rows_free(&r);
    return a;
}

static bool settings_store(struct db_tool *db, const struct keys *k, const char *name,
                           const struct channel_settings *s)
{
    struct text sealed;
    text_init(&sealed, CHANNEL_HEX_MAX);
    bool good = settings_seal(s, k, name, &sealed);
    const char *const params[] = {name, text_z(&sealed)};
    good = good &&
           touch(db, "update channels set settings = decode($2, 'hex') where name = $1", 2, params, NULL);
    text_free(&sealed);
    return good;
}

static bool change(struct db_tool *db, const struct keys *k, const char *name, const struct request *q)
{
    static struct channel_settings s;
    const struct adapter *a = settings_load(&s, db, k, name);
    return a && settings_take(&s, a, &q->set, &q->files, false) && settings_store(db, k, name, &s);
}

/* Until when <secret>_old counts: one instant for all secrets of the channel, the latest rotation's. */
static bool keep_until(struct channel_settings *s, int hours)
{
    struct text t;
    text_init(&t, 24);
    const i64 until = clock_now().us / 1000000 + (i64)hours * 3600;
    text_addf(&t, "%lld", (long long)until);
    const bool good = settings_put(s, STR(CHANNEL_OLD_UNTIL), text_str(&t));
    text_free(&t);
    return good;
}

static bool rotate_secret(struct db_tool *db, const struct keys *k, const char *name,
                          struct channel_settings *s, const struct adapter *a, const struct request *q)
{
    char secret[WEBHOOK_SECRET_MAX] = "";
    char line[WEBHOOK_SECRET_MAX + 16];
    struct cmd_many made = {.n = 0};
    if (q->set.n + q->files.n == 0) {
        webhook_secret_make(secret);
        snprintf(line, sizeof line, "secret=%s", secret);
        made.items[made.n++] = line;
    }
    const bool good = settings_take(s, a, made.n ? &made : &q->set, &q->files, true) &&
                      keep_until(s, q->hours) && settings_store(db, k, name, s);
    if (good && made.n) printf("%s\n", line);
    crypto_wipe(secret, sizeof secret);
    crypto_wipe(line, sizeof line);
    return good;
}

static bool rotate_door(struct db_tool *db, const struct config *cfg, const struct keys *k, const char *name,
                        struct channel_settings *s, int hours)
{
    struct entrance d;
    struct text sealed;
    char keep[8];
    entrance_make(k, name, &d);
    text_init(&sealed, CHANNEL_HEX_MAX);
    snprintf(keep, sizeof keep, "%d", hours);
    bool good =
        settings_put(s, STR(CHANNEL_HOOK_KEY), str_of(d.secret)) && settings_seal(s, k, name, &sealed);
    const char *const params[] = {name, d.hash, text_z(&sealed), keep};
    good =
        good &&
        touch(
            db,
            "update channels set old_key_hash = case when $4::integer > 0 then key_hash end, old_key_until = case when "
            "$4::integer > 0 then now() + make_interval(hours => $4::integer) end, key_hash = decode($2, 'hex'), "
            "settings = decode($3, 'hex') where name = $1",
            4, params, NULL);
    text_free(&sealed);
    if (good) entrance_print(cfg, name, &d);
    return good;
}

static bool rotate(struct db_tool *db, const struct config *cfg, const struct keys *k, const char *name,
                   const struct request *q)
{
    static struct channel_settings s;
    const struct adapter *a = settings_load(&s, db, k, name);
    if (!a) return false;
    if (q->set.n + q->files.n > 0 || a->use == USE_WEBHOOK) return rotate_secret(db, k, name, &s, a, q);
    return rotate_door(db, cfg, k, name, &s, q->hours);
}

static bool list(struct db_tool *db)
{
    struct db_rows *r = cmd_query(
        NAME, db,
        "select name, type, case when not active then 'disabled' when old_key_until > now() then 'two keys' else 'active' end, "
        "to_char(created_at, 'YYYY-MM-DD') from channels order by name",
        0, NULL);
    if (!r) return false;
    for (int i = 0; i < db_rows_count(r); i++)
        printf("%-24s %-12s %-9s since %s\n", db_rows_text(r, i, 0), db_rows_text(r, i, 1),
               db_rows_text(r, i, 2), db_rows_text(r, i, 3));
    if (db_rows_count(r) == 0) printf("no channel is configured\n");
    db_rows_free(&r);
    printf("types:\n");
    for (const struct adapter *const *a = adapters; *a; a++) {
        printf("  %s:", (*a)->name);
        for (const char *const *z = (*a)->setting_names; z && *z; z++)
            printf(" %s", **z == '!' ? *z + 1 : *z);
        printf("\n");
    }
    printf("of every type:");
    for (const char *const *z = channel_common_settings; *z; z++) printf(" %s", *z);
    printf("\n");
    return true;
}

static bool show_log(struct db_tool *db, const char *name, const char *last)
{
    const char *const params[] = {name, last};
    struct db_rows *r = cmd_query(
        NAME, db,
        "select to_char(at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS'), what, outcome, status, took_ms, "
        "coalesce(outbox_id::text, '-'), coalesce(reason, ''), request, reply from (select * from channel_log where channel = $1 "
        "order by id desc limit $2::integer) l order by id",
        2, params);
    if (!r) return false;
    for (int i = 0; i < db_rows_count(r); i++) {
        printf("%s %s %s status=%s %s ms message=%s %s\n%s\n", db_rows_text(r, i, 0), db_rows_text(r, i, 1),
               db_rows_text(r, i, 2), db_rows_text(r, i, 3), db_rows_text(r, i, 4), db_rows_text(r, i, 5),
               db_rows_text(r, i, 6), db_rows_text(r, i, 7));
        if (*db_rows_text(r, i, 8)) printf("-> %s\n", db_rows_text(r, i, 8));
        printf("\n");
    }
    if (db_rows_count(r) == 0) printf("nothing has passed through %s\n", name);
    db_rows_free(&r);
    return true;
}

enum verb { ADD, SET, ROTATE, TEST, REPLAY, DISABLE, ENABLE, LIST, LOG, CHECK, VERBS_N };
static const char *const verbs[VERBS_N] = {"add",     "set",    "rotate-key", "test", "replay",
                                           "disable", "enable", "list",       "log",  "check"};

/* NULL when the words and options fit the verb. */
static const char *misfit(enum verb v, int argc, char **argv, struct request *q)
{
    u64 n = 0;
    if (argc != (v == LIST ? 1 : 2))
        return v == CHECK  ? "check needs a folder"
               : v == LIST ? "list takes no more words"
                           : "it needs the channel's name";
    if (v == ADD && !q->type) return "add needs --type";
    if (v == ADD && !name_valid(argv[1]))
        return "a channel's name has 2 to 40 small letters, digits and hyphens";
    if (v == SET && q->set.n + q->files.n == 0) return "set needs --set or --set-file";
    if (v != ADD && q->type) return "--type belongs to add";
    if (v != ADD && v != SET && v != ROTATE && q->set.n + q->files.n > 0)
        return "--set belongs to add, set and rotate-key";
    if (v != ROTATE && q->keep) return "--keep belongs to rotate-key";
    if (v != TEST && v != REPLAY && q->to) return "--to belongs to test and replay";
    if ((v == REPLAY) != (q->from != NULL)) return "--from belongs to replay, which needs it";
    if (v != LOG && q->last) return "--last belongs to log";
    if (!str_u64(str_of(q->keep ? q->keep : KEEP_ELSE), KEEP_MAX, &n)) return "--keep takes 0 to 720 hours";
    q->hours = (int)n;
    if (!q->last) q->last = LOG_ELSE;
    if (!str_u64(str_of(q->last), 1000, &n)) return "--last takes 0 to 1000";
    return NULL;
}

static bool perform(enum verb v, struct db_tool *db, const struct config *cfg, const struct keys *k,
                    const char *name, const struct request *q)
{
    switch (v) {
    case ADD:
        return add(db, cfg, k, name, q);
    case SET:
        return change(db, k, name, q);
    case ROTATE:
        return rotate(db, cfg, k, name, q);
    case TEST:
        return channel_test(cfg, db, k, name, q->to);
    case REPLAY:
        return channel_replay(db, name, q->from, q->to);
    case DISABLE:
        return touch(db, "update channels set active = false where name = $1", 1, &name, NULL);
    case ENABLE:
        return touch(db, "update channels set active = true where name = $1", 1, &name, NULL);
    case LOG:
        return show_log(db, name, q->last);
    default:
        return list(db);
    }
}

int cmd_channel(struct config *cfg, int argc, char **argv)
{
    static struct request q;
    int code;
    const struct cmd_option options[] = {
        {.name = "--type", .value = &q.type},     {.name = "--set", .many = &q.set},
        {.name = "--set-file", .many = &q.files}, {.name = "--keep", .value = &q.keep},
        {.name = "--from", .value = &q.from},     {.name = "--to", .value = &q.to},
        {.name = "--last", .value = &q.last}};
    if (!cmd_options(NAME, help, options, ARRAY_LEN(options), &argc, argv, &code)) return code;
    enum verb v = 0;
    while (v < VERBS_N && (argc == 0 || strcmp(argv[0], verbs[v]) != 0)) v++;
    if (v == VERBS_N)
        return cmd_misuse(NAME,
                          "say add, set, rotate-key, test, replay, disable, enable, list, log or check");
    const char *why = misfit(v, argc, argv, &q);
    if (why) return cmd_misuse(NAME, "%s: %s", verbs[v], why);
    if (v == CHECK) return channel_check(argv[1]);
    const bool needs_keys = v == ADD || v == SET || v == ROTATE || v == TEST;
    struct keys *k = needs_keys ? cmd_keys(NAME, cfg) : NULL;
    struct db_tool *db = needs_keys && !k ? NULL : cmd_database(NAME, cfg);
    const bool good = db && perform(v, db, cfg, k, argc > 1 ? argv[1] : NULL, &q);
    if (db) db_tool_close(&db);
    keys_free(&k);
    return good ? CMD_OK : CMD_FAILED;
}
