/* Settings of one channel as the command line changes them: taken from options, sealed with the master key, and the secrets
 * that the program makes itself. Called by cmd_channel*.c; talks to no database. */
#pragma once
#include "cmd.h"
#include "adapters/adapter.h"

#define CHANNEL_VALUE_MAX    2000
#define CHANNEL_SETTINGS_MAX 160
#define CHANNEL_HOOK_KEY     "hook_key"  /* the door's own key, which addresses of delivery receipts carry */
#define CHANNEL_OLD_UNTIL    "old_until" /* epoch second until which <secret>_old counts */

struct channel_settings {
    struct {
        char name[64], value[CHANNEL_VALUE_MAX + 1];
    } items[CHANNEL_SETTINGS_MAX];
    size_t n;
};
/* An empty value takes the setting away. False with a sentence printed: too long, no UTF-8, too many. */
bool settings_put(struct channel_settings *s, struct str name, struct str value) MUST_CHECK;
struct str settings_get(const struct channel_settings *s, struct str name); /* STR_NONE when not set */
/* KEY=VALUE and KEY=FILE options of a type. rotate: only secret settings, and the value before becomes <name>_old. False with a
 * sentence printed, also for what the program makes itself. */
bool settings_take(struct channel_settings *s, const struct adapter *a, const struct cmd_many *set,
                   const struct cmd_many *files, bool rotate) MUST_CHECK;

/* Sealed under the channel's name as hexadecimal text for the database, and back. False with a sentence printed: too much of
 * it; another master key. */
#define CHANNEL_HEX_MAX (2 * ((64 << 10) + 64))
bool settings_seal(const struct channel_settings *s, const struct keys *k, const char *name,
                   struct text *hex) MUST_CHECK;
bool settings_open(struct channel_settings *s, const struct keys *k, const char *name,
                   const char *hex) MUST_CHECK;

/* The secret of a door: 192 random bits as 32 letters of an address, and the keyed hash that the database holds. */
struct entrance {
    char secret[48], hash[72];
};
void entrance_make(const struct keys *k, const char *name, struct entrance *d);
/* The two secret addresses on standard output. */
void entrance_print(const struct config *cfg, const char *name, const struct entrance *d);
/* A subscriber's secret in the form of Standard Webhooks: whsec_ and base64 of 32 random octets. */
#define WEBHOOK_SECRET_MAX 80
void webhook_secret_make(char out[WEBHOOK_SECRET_MAX]);
