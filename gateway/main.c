/* The program: one command word, settings as --name=value, then the command's own words. */
#include "gateway.h"
#include "cmd.h"
#include "cmd_route.h"
#include <stdio.h>
#include <string.h>

static int cmd_serve(struct config *cfg, int argc, char **argv)
{
    if (argc > 0) {
        fprintf(stderr, strcmp(argv[0], "--help") == 0
                            ? "usage: mashangdu serve [--setting=value …]\nRuns the gateway until SIGTERM. "
                              "`mashangdu config` lists the settings.\n"
                            : "mashangdu serve takes only settings; see `mashangdu config`\n");
        return strcmp(argv[0], "--help") == 0 ? 0 : 2;
    }
    return gateway_serve(cfg);
}

/* `route` reads its own files and no settings; it wants its name in front. */
static int run_route(struct config *cfg, int argc, char **argv)
{
    (void)cfg;
    return cmd_route(argc + 1, argv - 1);
}

static const struct {
    const char *word, *sentence;
    int (*run)(struct config *cfg, int argc, char **argv);
} commands[] = {
    {"serve", "run the gateway", cmd_serve},
    {"migrate", "bring the database to this program's schema", cmd_migrate},
    {"import", "load the register, categories, routing words and calendar", cmd_import},
    {"train", "learn from what the office decided and propose a model for the router", cmd_train},
    {"user", "staff accounts", cmd_user},
    {"plaque", "issue, print and retire plaques", cmd_plaque},
    {"channel", "configure doors to SMS providers; check recorded samples", cmd_channel},
    {"gammu", "hand a modem's SMS to the gateway (gammu-smsd's RunOnReceive)", cmd_gammu},
    {"outbox", "messages owed: list, explain, send again, give up", cmd_outbox},
    {"replay", "send labelled texts through the doors of a running gateway", cmd_replay},
    {"route", "evaluate the router on labelled texts", run_route},
    {"key", "make the master key", cmd_key},
    {"verify", "check the whole record, or a citizen's proof", cmd_verify},
    {"seal", "the escrow key of sealed reports", cmd_seal},
    {"erase", "erase personal data by rule; the record stays provable", cmd_erase},
    {"show", "one case whole, what the clock does next, letters", cmd_show},
    {"config", "print every setting with origin, unit and default", cmd_config},
};

static int usage(FILE *to)
{
    fprintf(to,
            "mashangdu %s: a gateway for citizens' feedback\n\nusage: mashangdu COMMAND [--config FILE] "
            "[--setting=value …] …\n\n",
            MSD_VERSION);
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        fprintf(to, "  %-9s %s\n", commands[i].word, commands[i].sentence);
    fprintf(to, "\nmashangdu COMMAND --help tells more.\n");
    return to == stdout ? 0 : 2;
}

int main(int argc, char **argv)
{
    struct config cfg;
    const char *why;
    if (argc < 2) return usage(stderr);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) return usage(stdout);
    if (strcmp(argv[1], "--version") == 0) return puts("mashangdu " MSD_VERSION) < 0;
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        if (strcmp(argv[1], commands[i].word) != 0) continue;
        int n = argc - 2;
        char **words = argv + 2;
        if (!config_load(&cfg, &n, words, &why)) {
            fprintf(stderr, "mashangdu: %s\n", why);
            return 2;
        }
        int code = commands[i].run(&cfg, n, words);
        config_free(&cfg);
        return code;
    }
    fprintf(stderr, "mashangdu: there is no command %s\n\n", argv[1]);
    return usage(stderr);
}
