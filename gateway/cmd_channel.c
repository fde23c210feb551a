/* `mashangdu channel`: the configured doors to providers. The key of a door is shown once and stored as a keyed hash;
 * the settings (they hold passwords) are sealed with the master key. */
#include "cmd.h"
#include "cmd_channel_check.h"
#include "adapters/adapter.h"
#include "base/arena.h"
#include "base/code.h"
#include "base/utf8.h"
#include "base/json.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME         "channel"
#define SECRET_BYTES 24 /* 192 bits, 32 letters of an address */
#define VALUE_MAX    2000
#define SETTINGS_MAX ((size_t)64 << 10)
#define HEX_MAX      (2 * (SETTINGS_MAX + 64))

static const char help[] =
    "usage: mashangdu channel add NAME --type TYPE [--set KEY=VALUE]... [--set-file KEY=FILE]...\n"
    "       mashangdu channel set NAME [--set KEY=VALUE]... [--set-file KEY=FILE]...\n"
    "       mashangdu channel rotate NAME\n"
    "       mashangdu channel disable NAME | enable NAME\n"
    "       mashangdu channel list\n"
    "       mashangdu channel check DIR\n"
    "Doors to providers, for example an SMS gateway. add and rotate print the secret addresses of the door "
    "once:\n"
    "  mo   where the provider sends what citizens wrote     dlr   where it sends delivery receipts\n"
    "  --type TYPE        the kind of provider; `channel list` names all kinds and their settings\n"
    "  --set KEY=VALUE    a setting of that kind; an empty value takes it away\n"
    "                     hook_base=URL, for every type: where the provider reaches this gateway, if not at "
    "public_url\n"
    "  --set-file KEY=FILE  the same, read from the first line of a file, so that a password stays out of "
    "the history\n"
    "  rotate             a new secret; the old address stops working when the gateways have heard of it (at "
    "once)\n"
    "  check DIR          lets the adapters read recorded requests and compares; needs no database\n"
    "Needs the master key (setting key_file), the same as the gateway's.\n";

struct setting {
    char name[64], value[VALUE_MAX + 1];
};
struct settings {
    struct setting items[CMD_MANY_MAX];
    size_t n;
};

/* --- settings --- */

/* Settings of every kind of channel, read by the outbox: where the provider reaches the gateway when public_url is
 * not the address, and the door's own key, which the addresses of delivery receipts carry. */
#define HOOK_KEY  "hook_key"

static bool settings_put(struct settings *s, struct str name, struct str value)
{
    size_t i = 0;
    if (value.n > VALUE_MAX || !utf8_valid(value)) {
        (void)cmd_fail(NAME, "the value of %.*s is not UTF-8 or has more than %d bytes", STR_ARG(name),
                       VALUE_MAX);
        return false;
    }
    while (i < s->n && !str_eq(str_of(s->items[i].name), name)) i++;
    if (value.n == 0) {
        if (i < s->n) s->items[i] = s->items[--s->n];
        return true;
    }
    if (i == s->n) s->n++;
    ASSERT(s->n <= CMD_MANY_MAX); /* an adapter reads far fewer */
    snprintf(s->items[i].name, sizeof s->items[i].name, "%.*s", STR_ARG(name));
    snprintf(s->items[i].value, sizeof s->items[i].value, "%.*s", STR_ARG(value));
    return true;
}

static bool settings_take_one(struct settings *s, const struct adapter *a, struct str name, struct str value)
{
    if (channel_setting_known(a, name)) return settings_put(s, name, value);
    (void)cmd_fail(NAME, "the type %s has no setting %.*s", a->name, STR_ARG(name));
    return false;
}

static bool settings_take(struct settings *s, const struct adapter *a, const struct cmd_many *set,
                          const struct cmd_many *files)
{
    struct str name, value, line, rest;
    struct text bytes;
    for (size_t i = 0; i < set->n; i++) {
        if (!str_cut(str_of(set->items[i]), '=', &name, &value)) {
            (void)cmd_fail(NAME, "--set %s is not KEY=VALUE", set->items[i]);
            return false;
        }
        if (str_eq(name, STR(HOOK_KEY))) {
            (void)cmd_fail(NAME,
                           "the door's secret is made here; `mashangdu channel rotate` makes a new one");
            return false;
        }
        if (!settings_take_one(s, a, name, value)) return false;
    }
    for (size_t i = 0; i < files->n; i++) {
        if (!str_cut(str_of(files->items[i]), '=', &name, &value)) {
            (void)cmd_fail(NAME, "--set-file %s is not KEY=FILE", files->items[i]);
            return false;
        }
        text_init(&bytes, VALUE_MAX + 2);
        bool good = cmd_read_file(NAME, value.p, &bytes); /* the rest of a command line's word: terminated */
        str_cut(text_str(&bytes), '\n', &line, &rest);
        good = good && settings_take_one(s, a, name, str_trim(line));
        text_free(&bytes);
        if (!good) return false;
    }
    return true;
}

/* Sealed under the channel's name, as hexadecimal text for the statement. */
static void settings_seal(const struct settings *s, const struct keys *k, const char *name, struct text *hex)
{
    struct text plain, sealed;
    text_init(&plain, SETTINGS_MAX);
    text_init(&sealed, SETTINGS_MAX + 64);
    text_addc(&plain, '{');
    for (size_t i = 0; i < s->n; i++) {
        if (i) text_addc(&plain, ',');
        json_put(&plain, str_of(s->items[i].name));
        text_addc(&plain, ':');
        json_put(&plain, str_of(s->items[i].value));
    }
    text_addc(&plain, '}');
    crypto_seal(k, KEY_CHANNEL, str_of(name), text_str(&plain), &sealed);
    hex_put(hex, (const u8 *)sealed.p, sealed.n);
    crypto_wipe(plain.p, plain.n);
    text_free(&plain);
    text_free(&sealed);
}

static bool settings_open(struct settings *s, const struct keys *k, const char *name, const char *hex)
{
    struct text plain;
    const char *why;
    struct json *doc = NULL;
    size_t n = strlen(hex) / 2;
    u8 *bytes = mem_alloc(n + 1);
    text_init(&plain, SETTINGS_MAX);
    bool good = n <= SETTINGS_MAX + 64 && hex_get(str_of(hex), bytes, n) &&
                crypto_open(k, KEY_CHANNEL, str_of(name), (struct str){(const char *)bytes, n}, &plain) &&
                (doc = json_parse(text_str(&plain), SETTINGS_MAX, &why)) != NULL;
    if (!good)
        (void)cmd_fail(NAME, "the settings of %s were sealed with another master key; add the channel anew",
                       name);
    for (const char *key = json_next_key(doc, NULL); good && key; key = json_next_key(doc, key))
        good = settings_put(s, str_of(key), json_str(json_get(doc, key)));
    if (plain.p) crypto_wipe(plain.p, plain.n);
    json_free(&doc);
    text_free(&plain);
    free(bytes);
    return good;
}

/* --- the secret of the door --- */

struct entrance {
    char secret[48], hash[72];
};

static void entrance_make(const struct keys *k, const char *name, struct entrance *d)
{
    u8 random[SECRET_BYTES], mac[32];
    struct text t;
    crypto_random(random, sizeof random);
    text_init(&t, sizeof d->secret);
    b64url_put(&t, random, sizeof random);
    snprintf(d->secret, sizeof d->secret, "%s", text_z(&t));
    text_free(&t);
    const struct str parts[] = {str_of(name), str_of(d->secret)};
    crypto_mac(k, KEY_CHANNEL, parts, 2, mac);
    text_init(&t, sizeof d->hash);
    hex_put(&t, mac, sizeof mac);
    snprintf(d->hash, sizeof d->hash, "%s", text_z(&t));
    text_free(&t);
}

static void entrance_print(const struct config *cfg, const char *name, const struct entrance *d)
{
    struct str base = str_of(cfg->public_url);
    while (base.n && base.p[base.n - 1] == '/') base.n--;
    printf("mo=%.*s/hooks/%s/%s/mo\ndlr=%.*s/hooks/%s/%s/dlr\n", STR_ARG(base), name, d->secret,
           STR_ARG(base), name, d->secret);
    (void)fprintf(
        stderr,
        "These addresses are secret and are not shown again; `mashangdu channel rotate %s` makes new ones.\n",
        name);
}

/* --- verbs --- */

struct request {
    const char *type;
    struct cmd_many set, files;
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

static bool add(struct db_tool *db, const struct config *cfg, const struct keys *k, const char *name,
                const struct request *q)
{
    static struct settings s;
    struct entrance d;
    struct text sealed;
    const struct adapter *a = adapter_find(str_of(q->type));
    if (!a) {
        (void)cmd_fail(NAME, "there is no type %s; `mashangdu channel list` names all", q->type);
        return false;
    }
    s.n = 0;
    if (!settings_take(&s, a, &q->set, &q->files)) return false;
    entrance_make(k, name, &d);
    if (!settings_put(&s, STR(HOOK_KEY), str_of(d.secret))) return false;
    text_init(&sealed, HEX_MAX);
    settings_seal(&s, k, name, &sealed);
    const char *const params[] = {name, a->name, d.hash, text_z(&sealed)};
    bool good = touch(db,
                      "insert into channels (name, type, key_hash, settings) values ($1, $2, decode($3, "
                      "'hex'), decode($4, 'hex')) "
                      "on conflict (name) do nothing",
                      4, params, "exists already");
    if (good) entrance_print(cfg, name, &d);
    text_free(&sealed);
    return good;
}

/* What the channel is set to now. NULL with a sentence printed when it is not there or cannot be opened. */
static const struct adapter *settings_load(struct settings *s, struct db_tool *db, const struct keys *k,
                                           const char *name)
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

static bool change(struct db_tool *db, const struct keys *k, const char *name, const struct request *q)
{
    static struct settings s;
    struct text sealed;
    const struct adapter *a = settings_load(&s, db, k, name);
    if (!a || !settings_take(&s, a, &q->set, &q->files)) return false;
    text_init(&sealed, HEX_MAX);
    settings_seal(&s, k, name, &sealed);
    const char *const params[] = {name, text_z(&sealed)};
    bool good =
        touch(db, "update channels set settings = decode($2, 'hex') where name = $1", 2, params, NULL);
    text_free(&sealed);
    return good;
}

static bool rotate(struct db_tool *db, const struct config *cfg, const struct keys *k, const char *name)
{
    static struct settings s;
    struct entrance d;
    struct text sealed;
    const struct adapter *a = settings_load(&s, db, k, name);
    entrance_make(k, name, &d);
    if (!a || !settings_put(&s, STR(HOOK_KEY), str_of(d.secret))) return false;
    text_init(&sealed, HEX_MAX);
    settings_seal(&s, k, name, &sealed);
    const char *const params[] = {name, d.hash, text_z(&sealed)};
    bool good = touch(
        db, "update channels set key_hash = decode($2, 'hex'), settings = decode($3, 'hex') where name = $1",
        3, params, NULL);
    text_free(&sealed);
    if (good) entrance_print(cfg, name, &d);
    return good;
}

static bool list(struct db_tool *db)
{
    struct db_rows *r = cmd_query(
        NAME, db,
        "select name, type, case when active then 'active' else 'disabled' end, to_char(created_at, "
        "'YYYY-MM-DD') from channels order by name",
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

int cmd_channel(struct config *cfg, int argc, char **argv)
{
    static struct request q;
    int code;
    const struct cmd_option options[] = {{.name = "--type", .value = &q.type},
                                         {.name = "--set", .many = &q.set},
                                         {.name = "--set-file", .many = &q.files}};
    if (!cmd_options(NAME, help, options, ARRAY_LEN(options), &argc, argv, &code)) return code;
    enum { ADD, SET, ROTATE, DISABLE, ENABLE, LIST, CHECK };
    static const char *const verbs[] = {"add", "set", "rotate", "disable", "enable", "list", "check"};
    size_t v = 0;
    while (v < ARRAY_LEN(verbs) && (argc == 0 || strcmp(argv[0], verbs[v]) != 0)) v++;
    if (v == ARRAY_LEN(verbs))
        return cmd_misuse(NAME, "say add, set, rotate, disable, enable, list or check");
    if (argc != (v == LIST ? 1 : 2))
        return cmd_misuse(NAME,
                          v == CHECK  ? "check needs a folder"
                          : v == LIST ? "list takes no more words"
                                      : "%s needs the channel's name",
                          verbs[v]);
    if (v == CHECK) return channel_check(argv[1]);
    if (v == ADD && !q.type) return cmd_misuse(NAME, "add needs --type");
    if (v == ADD && !name_valid(argv[1]))
        return cmd_misuse(NAME, "a channel's name has 2 to 40 small letters, digits and hyphens");
    if (v == SET && q.set.n + q.files.n == 0) return cmd_misuse(NAME, "set needs --set or --set-file");
    if (v != ADD && q.type) return cmd_misuse(NAME, "--type belongs to add");
    if (v != ADD && v != SET && q.set.n + q.files.n > 0)
        return cmd_misuse(NAME, "--set belongs to add and set");
    bool needs_keys = v == ADD || v == SET || v == ROTATE, good = false;
    struct keys *k = needs_keys ? cmd_keys(NAME, cfg) : NULL;
    struct db_tool *db = needs_keys && !k ? NULL : cmd_database(NAME, cfg);
    const char *name = argc > 1 ? argv[1] : NULL;
    if (db) switch (v) {
        case ADD:
            good = add(db, cfg, k, name, &q);
            break;
        case SET:
            good = change(db, k, name, &q);
            break;
        case ROTATE:
            good = rotate(db, cfg, k, name);
            break;
        case DISABLE:
            good = touch(db, "update channels set active = false where name = $1", 1, &name, NULL);
            break;
        case ENABLE:
            good = touch(db, "update channels set active = true where name = $1", 1, &name, NULL);
            break;
        default:
            good = list(db);
            break;
        }
    if (db) db_tool_close(&db);
    keys_free(&k);
    return good ? CMD_OK : CMD_FAILED;
}
