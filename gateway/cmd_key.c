/* `mashangdu key`: the master key, from which plaque tags, receipts and sealed texts come. */
#include "cmd.h"
#include <stdio.h>
#include <string.h>

static const char help[] = "usage: mashangdu key create | check\n"
                           "  create   make a new master key in the file of the setting key_file (mode "
                           "0600); refused when it exists\n"
                           "  check    say whether that file holds a usable key\n"
                           "Keep a copy of the key in a safe place: without it printed plaques, receipts and "
                           "sealed telephone numbers are lost.\n";

int cmd_key(struct config *cfg, int argc, char **argv)
{
    const char *why = "the cryptographic library does not start";
    int code;
    if (!cmd_options("key", help, NULL, 0, &argc, argv, &code)) return code;
    if (argc != 1) return cmd_misuse("key", "say create or check");
    if (strcmp(argv[0], "check") == 0) {
        struct keys *k = cmd_keys("key", cfg);
        if (!k) return CMD_FAILED;
        keys_free(&k);
        printf("%s holds a usable key\n", cfg->key_file);
        return CMD_OK;
    }
    if (strcmp(argv[0], "create") != 0) return cmd_misuse("key", "what is %s?", argv[0]);
    if (!crypto_init() || !keys_create(cfg->key_file, &why)) return cmd_fail("key", "%s", why);
    printf("made %s; keep a copy in a safe place\n", cfg->key_file);
    return CMD_OK;
}
