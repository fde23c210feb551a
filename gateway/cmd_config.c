/* `mashangdu config`: what the settings are. */
#include "cmd.h"
#include <stdio.h>
#include <string.h>

static const char config_help[] =
    "usage: mashangdu config [--sample]\n"
    "Prints every setting with its value, where it came from, its unit, default and bounds. Secrets are "
    "shown as ***.\n"
    "  --sample   print a settings file with all settings commented out instead\n";

int cmd_config(struct config *cfg, int argc, char **argv)
{
    bool sample = false;
    int code;
    const struct cmd_option options[] = {{.name = "--sample", .flag = &sample}};
    if (!cmd_options("config", config_help, options, ARRAY_LEN(options), &argc, argv, &code)) return code;
    if (argc > 0) return cmd_misuse("config", "what is %s?", argv[0]);
    struct text out;
    text_init(&out, 1 << 20);
    if (sample)
        config_print_sample(&out);
    else
        config_print(cfg, &out);
    bool good = cmd_write_file("config", NULL, text_str(&out));
    text_free(&out);
    return good ? CMD_OK : CMD_FAILED;
}
