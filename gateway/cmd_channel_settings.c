#include "cmd_channel_settings.h"
#include "outbox.h"
#include "base/code.h"
#include "base/json.h"
#include "base/utf8.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME         "channel"
#define SECRET_BYTES 24 /* 192 bits, 32 letters of an address */
#define SETTINGS_MAX ((size_t)64 << 10)

/* --- taking options --- */

bool settings_put(struct channel_settings *s, struct str name, struct str value)
{
    size_t i = 0;
    if (value.n > CHANNEL_VALUE_MAX || !utf8_valid(value)) {
        (void)cmd_fail(NAME, "the value of %.*s is not UTF-8 or has more than %d bytes", STR_ARG(name),
                       CHANNEL_VALUE_MAX);
        return false;
    }
    while (i < s->n && !str_eq(str_of(s->items[i].name), name)) i++;
    if (value.n == 0) {
        if (i < s->n) s->items[i] = s->items[--s->n];
        return true;
    }
    if (i == CHANNEL_SETTINGS_MAX || name.n >= sizeof s->items[0].name) {
        (void)cmd_fail(NAME, "the name %.*s is too long, or the channel has %d settings already",
                       STR_ARG(name), CHANNEL_SETTINGS_MAX);
        return false;
    }
    if (i == s->n) s->n++;
    snprintf(s->items[i].name, sizeof s->items[i].name, "%.*s", STR_ARG(name));
    snprintf(s->items[i].value, sizeof s->items[i].value, "%.*s", STR_ARG(value));
    return true;
}

struct str settings_get(const struct channel_settings *s, struct str name)
{
    for (size_t i = 0; i < s->n; i++)
        if (str_eq(str_of(s->items[i].name), name)) return str_of(s->items[i].value);
    return STR_NONE;
}

static bool keep_old(struct channel_settings *s, struct str name)
{
    struct text old, value;
    text_init(&old, 100);
    text_init(&value, CHANNEL_VALUE_MAX);
    text_addf(&old, "%.*s_old", STR_ARG(name));
    text_add(&value, settings_get(s, name)); /* a copy: settings_put moves its rows about */
    const bool good = settings_put(s, text_str(&old), text_str(&value));
    text_free(&old);
    text_free(&value);
    return good;
}

/* What would only be found out when the first message waits. */
static bool value_good(struct str name, struct str value)
{
    const bool address = str_ends(name, STR("url")) || str_eq(name, STR("hook_base"));
    if (value.n == 0) return true;
    if (address) return str_find(value, STR("://")) != SIZE_MAX;
    return outbox_setting_good(name, value);
}

static bool settings_take_one(struct channel_settings *s, const struct adapter *a, struct str name,
                              struct str value, bool rotate)
{
    const int known = channel_setting_known(a, name);
    if (str_eq(name, STR(CHANNEL_HOOK_KEY)))
        (void)cmd_fail(NAME,
                       "the door's secret is made here; `mashangdu channel rotate-key` makes a new one");
    else if (!known)
        (void)cmd_fail(NAME, "the type %s has no setting %.*s", a->name, STR_ARG(name));
    else if (rotate && known != 2)
        (void)cmd_fail(NAME, "%.*s is no secret: `mashangdu channel set` changes it", STR_ARG(name));
    else if (!value_good(name, value))
        (void)cmd_fail(NAME, "%.*s is not written so (docs/channels.md says how)", STR_ARG(name));
    else
        return (!rotate || keep_old(s, name)) && settings_put(s, name, value);
    return false;
}

bool settings_take(struct channel_settings *s, const struct adapter *a, const struct cmd_many *set,
                   const struct cmd_many *files, bool rotate)
{
    struct str name, value, line, rest;
    struct text bytes;
    for (size_t i = 0; i < set->n; i++) {
        if (!str_cut(str_of(set->items[i]), '=', &name, &value)) {
            (void)cmd_fail(NAME, "--set %s is not KEY=VALUE", set->items[i]);
            return false;
        }
        if (!settings_take_one(s, a, name, value, rotate)) return false;
    }
    for (size_t i = 0; i < files->n; i++) {
        if (!str_cut(str_of(files->items[i]), '=', &name, &value)) {
            (void)cmd_fail(NAME, "--set-file %s is not KEY=FILE", files->items[i]);
            return false;
        }
        text_init(&bytes, CHANNEL_VALUE_MAX + 2);
        bool good = cmd_read_file(NAME, value.p, &bytes); /* the rest of a command line's word: terminated */
        str_cut(text_str(&bytes), '\n', &line, &rest);
        good = good && settings_take_one(s, a, name, str_trim(line), rotate);
        text_free(&bytes);
        if (!good) return false;
    }
    return true;
}

/* Sealed under the channel's name, as hexadecimal text for the statement. */
bool settings_seal(const struct channel_settings *s, const struct keys *k, const char *name, struct text *hex)
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
    const bool good = !plain.overflow;
    if (good) {
        crypto_seal(k, KEY_CHANNEL, str_of(name), text_str(&plain), &sealed);
        hex_put(hex, (const u8 *)sealed.p, sealed.n);
    } else {
        (void)cmd_fail(NAME, "the settings of %s have more than %zu bytes together", name, SETTINGS_MAX);
    }
    crypto_wipe(plain.p, plain.n);
    text_free(&plain);
    text_free(&sealed);
    return good;
}

bool settings_open(struct channel_settings *s, const struct keys *k, const char *name, const char *hex)
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

void entrance_make(const struct keys *k, const char *name, struct entrance *d)
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

void entrance_print(const struct config *cfg, const char *name, const struct entrance *d)
{
    struct str base = str_of(cfg->public_url);
    while (base.n && base.p[base.n - 1] == '/') base.n--;
    printf("mo=%.*s/hooks/%s/%s/mo\ndlr=%.*s/hooks/%s/%s/dlr\n", STR_ARG(base), name, d->secret,
           STR_ARG(base), name, d->secret);
    (void)fprintf(
        stderr,
        "These addresses are secret and are not shown again; `mashangdu channel rotate-key %s` makes new ones.\n",
        name);
}

void webhook_secret_make(char out[WEBHOOK_SECRET_MAX])
{
    u8 random[32];
    struct text t;
    crypto_random(random, sizeof random);
    text_init(&t, WEBHOOK_SECRET_MAX - 1);
    text_addz(&t, "whsec_");
    b64_put(&t, random, sizeof random);
    snprintf(out, WEBHOOK_SECRET_MAX, "%s", text_z(&t));
    crypto_wipe(random, sizeof random);
    text_free(&t);
}
