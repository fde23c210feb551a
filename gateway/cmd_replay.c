/* `mashangdu replay`: the command, its progress and its summary. */
#include "replay.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME         "replay"
#define PARALLEL_MAX 256
#define CODES_MAX    40

static const char help[] =
    "usage: mashangdu replay FILE [--url URL] [--sms-hook URL [--sms-post] [--sms-token TEXT]] [--parallel N]\n"
    "                              [--run NAME] [--spread] [--expect] [--json]\n"
    "Sends the texts of a JSON Lines file (id, channel, plaque, text and labels) through the doors of a running gateway:\n"
    "  qr       the plaque's page, its form, and the form's POST, as a browser does; the form is the one of the label\n"
    "  chat     the web socket /ws/intake\n"
    "  sms      the push of an SMS gateway when --sms-hook is given, else JSON\n"
    "  others   POST /api/v1/feedback\n"
    "then, when a database is set (owner_database or database), compares what was decided and masked with the labels.\n"
    "  --url URL         the gateway; http://127.0.0.1:PORT of listen_port when absent\n"
    "  --sms-hook URL    the mo= address that `mashangdu channel add` printed\n"
    "  --sms-token TEXT  the channel's url_token, when it has one\n"
    "  --sms-post        push as Kannel's post-url does (words in the body), not as its get-url (words in the address)\n"
    "  --parallel N      exchanges at the same time, 1 to 256 (8)\n"
    "  --run NAME        letters and digits in every Idempotency-Key; repeating a run's name makes repeats of all but the\n"
    "                    forms, which get a new token. A random one when absent\n"
    "  --spread          each text from an address of its own (X-Forwarded-For): the gateway must list this host in\n"
    "                    trusted_proxies. Without it the limit of submissions per address and minute makes replay wait\n"
    "  --expect          exit 1 unless every text was accepted, is stored exactly once, and no report is with the unit\n"
    "                    that it complains of\n"
    "  --json            the summary as one JSON object\n";

/* --- progress --- */

struct progress {
    size_t n;
    bool terminal, quiet;
    instant begun, drawn;
    size_t told;
};

static void draw(void *arg, size_t done, size_t refused)
{
    struct progress *p = arg;
    instant now = clock_monotonic();
    double s = (double)instant_sub(now, p->begun).us / 1e6;
    if (p->quiet) return;
    if (p->terminal) {
        if (done < p->n && instant_sub(now, p->drawn).us < 50000) return;
        char bar[41];
        for (size_t i = 0; i < 40; i++) bar[i] = i < done * 40 / p->n ? '#' : '.';
        bar[40] = '\0';
        (void)fprintf(stderr, "\r[%s] %zu of %zu, %zu refused, %.0f/s ", bar, done, p->n, refused,
                      s > 0 ? (double)done / s : 0.0);
        if (done == p->n) (void)fputc('\n', stderr);
    } else if (done * 10 / p->n > p->told || done == p->n) {
        p->told = done * 10 / p->n;
        (void)fprintf(stderr, "%zu of %zu sent, %zu refused, %.1f s\n", done, p->n, refused, s);
    }
    p->drawn = now;
}

/* --- summary --- */

struct tally {
    size_t accepted, repeated, refused, lost;
    size_t by_door[REPLAY_DOORS_N], codes_n;
    struct {
        const char *code;
        size_t n;
    } codes[CODES_MAX];
};

static void tally_fill(const struct replay *r, struct tally *t)
{
    memset(t, 0, sizeof *t);
    for (size_t i = 0; i < r->n; i++) {
        const struct replay_text *x = &r->texts[i];
        size_t c = 0;
        if (x->end == REPLAY_ACCEPTED) {
            t->accepted++;
            t->by_door[x->door]++;
            t->repeated += x->repeated;
            continue;
        }
        if (x->end == REPLAY_REFUSED)
            t->refused++;
        else
            t->lost++;
        while (c < t->codes_n && strcmp(t->codes[c].code, x->code) != 0) c++;
        if (c == CODES_MAX) continue;
        if (c == t->codes_n) t->codes[t->codes_n++].code = x->code;
        t->codes[c].n++;
    }
}

static double rate(struct replay_share s) { return s.all ? (double)s.right / (double)s.all : 0; }

static void print_share(const char *what, struct replay_share s)
{
    if (s.all) printf("%-34s %5zu of %5zu  %5.1f %%\n", what, s.right, s.all, 100 * rate(s));
}

static void print_text(const struct replay *r, const struct tally *t, const struct replay_times *times,
                       const struct replay_score *s)
{
    double seconds = (double)times->all.us / 1e6;
    printf(
        "%zu texts in %.2f s (%.1f/s): %zu accepted, %zu of them repeats, %zu refused, %zu without an answer\n",
        r->n, seconds, seconds > 0 ? (double)r->n / seconds : 0.0, t->accepted, t->repeated, t->refused,
        t->lost);
    for (size_t d = 0; d < REPLAY_DOORS_N; d++)
        if (t->by_door[d])
            printf("  door %-6s %5zu accepted, %.1f ms each\n", replay_door_word((enum replay_door)d),
                   t->by_door[d], (double)times->answered[d].us / 1e3 / (double)times->n[d]);
    for (size_t c = 0; c < t->codes_n; c++) printf("  %-24s %5zu\n", t->codes[c].code, t->codes[c].n);
    if (times->waits || times->tries_again)
        printf("  asked to wait %llu times, tried again without an answer %llu times\n",
               (unsigned long long)times->waits, (unsigned long long)times->tries_again);
    if (!s) return;
    printf("%-34s %5zu found, %zu missing, %zu doubled\n", "stored", s->found, s->missing, s->doubled);
    print_share("unit, best candidate", s->unit_top1);
    print_share("unit, among the candidates", s->unit_in);
    print_share("category", s->category_top1);
    print_share("nature, where no form told it", s->nature);
    print_share("not left to the triage desk", s->sure);
    print_share("of these, unit right", s->sure_right);
    print_share("labelled personal data masked", s->pii_masked);
    print_share("masks that were labelled", s->masks_labelled);
    print_share("other numbers (5 digits +) kept", s->digits_kept);
    printf("%-34s %5zu\n", "reports with the unit complained of", s->walls_broken);
}

static void print_json(const struct replay *r, const struct tally *t, const struct replay_times *times,
                       const struct replay_score *s)
{
    double seconds = (double)times->all.us / 1e6;
    printf(
        "{\"texts\":%zu,\"accepted\":%zu,\"repeated\":%zu,\"refused\":%zu,\"lost\":%zu,\"seconds\":%.3f,\"per_second\":%.1f,\"waits\":%llu,"
        "\"tries_again\":%llu,\"doors\":{",
        r->n, t->accepted, t->repeated, t->refused, t->lost, seconds,
        seconds > 0 ? (double)r->n / seconds : 0.0, (unsigned long long)times->waits,
        (unsigned long long)times->tries_again);
    for (size_t d = 0; d < REPLAY_DOORS_N; d++)
        printf("%s\"%s\":%zu", d ? "," : "", replay_door_word((enum replay_door)d), t->by_door[d]);
    printf("},\"refusals\":{");
    for (size_t c = 0; c < t->codes_n; c++)
        printf("%s\"%s\":%zu", c ? "," : "", t->codes[c].code, t->codes[c].n);
    printf("}");
    if (s)
        printf(
            ",\"found\":%zu,\"missing\":%zu,\"doubled\":%zu,\"unit_top1\":%.4f,\"unit_candidates\":%.4f,\"category_top1\":%.4f,"
            "\"nature_top1\":%.4f,\"triage\":%zu,\"auto_precision\":%.4f,\"mask_recall\":%.4f,\"mask_precision\":%.4f,\"numbers_kept\":%.4f,\"walls_broken\":%zu",
            s->found, s->missing, s->doubled, rate(s->unit_top1), rate(s->unit_in), rate(s->category_top1),
            rate(s->nature), s->triage, rate(s->sure_right), rate(s->pii_masked), rate(s->masks_labelled),
            rate(s->digits_kept), s->walls_broken);
    printf("}\n");
}

/* --- the command --- */

struct request {
    const char *url, *hook, *token, *run, *parallel;
    bool spread, expect, json, sms_post;
};

/* The name of the channel in …/hooks/NAME/KEY/mo; false when the address is none. */
static bool hook_channel(const char *hook, char name[64])
{
    struct str rest = str_of(hook), channel, key;
    size_t at = str_find(rest, STR("/hooks/"));
    if (at == SIZE_MAX || !str_ends(rest, STR("/mo")) || str_find(rest, STR("?")) != SIZE_MAX) return false;
    rest = (struct str){rest.p + at + 7, rest.n - at - 7};
    if (!str_cut(rest, '/', &channel, &key) || channel.n == 0 || channel.n > 63) return false;
    snprintf(name, 64, "%.*s", STR_ARG(channel));
    return true;
}

static bool run_name_good(const char *z)
{
    size_t n = strlen(z);
    for (size_t i = 0; i < n; i++)
        if (!((z[i] >= 'a' && z[i] <= 'z') || (z[i] >= 'A' && z[i] <= 'Z') || (z[i] >= '0' && z[i] <= '9')))
            return false;
    return n > 0 && n <= 32;
}

/* The tools' connection, or else the gateway's own: reading is all that is wanted. NULL: none is set or answers. */
static struct db_tool *open_database(const struct config *cfg)
{
    const char *which = cfg->owner_database[0] ? cfg->owner_database : cfg->database;
    const char *why;
    if (!which[0]) return NULL;
    /* The gateway's setting may list several hosts; the first is asked. */
    char *first = mem_copy(which, strcspn(which, "|"));
    struct db_tool *db = db_tool_open(first, &why);
    free(first);
    if (!db) (void)fprintf(stderr, "mashangdu " NAME ": no comparison with the labels: %s\n", why);
    return db;
}

/* Texts whose own door cannot be used go through the JSON door. */
static void choose_doors(struct replay *r, const char *hook)
{
    size_t no_plaque = 0;
    for (size_t i = 0; i < r->n; i++) {
        struct replay_text *t = &r->texts[i];
        if (t->door == REPLAY_SMS && !hook) t->door = REPLAY_API;
        if (t->door == REPLAY_FORM && !t->tag[0]) t->door = REPLAY_API, no_plaque++;
    }
    if (no_plaque)
        (void)fprintf(stderr,
                      "%zu plaque texts go through the JSON door: no signed plaque is known for them\n",
                      no_plaque);
}

static int run(struct replay *r, const struct request *q, struct config *cfg, struct replay_options *o,
               const char *channel)
{
    struct progress p = {
        .n = r->n, .terminal = isatty(STDERR_FILENO) == 1, .quiet = q->json, .begun = clock_monotonic()};
    struct replay_times times;
    struct replay_score score;
    struct tally tally;
    struct db_tool *db = open_database(cfg);
    struct keys *keys = db ? cmd_keys(NAME, cfg) : NULL;
    int code = CMD_FAILED;
    bool judged = false;
    o->progress = draw;
    o->arg = &p;
    if (db && !replay_plaques(NAME, db, keys, r)) goto out;
    choose_doors(r, q->hook);
    if (!replay_send(NAME, r, o, &times)) goto out;
    tally_fill(r, &tally);
    if (db) judged = replay_judge(NAME, db, keys, r, o->run, channel, &score);
    if (q->json)
        print_json(r, &tally, &times, judged ? &score : NULL);
    else
        print_text(r, &tally, &times, judged ? &score : NULL);
    bool all = tally.accepted == r->n && judged && score.missing == 0 && score.doubled == 0 &&
               score.walls_broken == 0;
    code = tally.lost > 0 || (q->expect && !all) || (db && !judged) ? CMD_FAILED : CMD_OK;
out:
    o->arg = NULL;
    keys_free(&keys);
    if (db) db_tool_close(&db);
    return code;
}

int cmd_replay(struct config *cfg, int argc, char **argv)
{
    struct request q = {0};
    struct replay r = {0};
    char url[64], name[20], channel[64] = "";
    u64 parallel = 8, random;
    int code;
    const struct cmd_option options[] = {
        {.name = "--url", .value = &q.url},           {.name = "--sms-hook", .value = &q.hook},
        {.name = "--sms-token", .value = &q.token},   {.name = "--run", .value = &q.run},
        {.name = "--parallel", .value = &q.parallel}, {.name = "--sms-post", .flag = &q.sms_post},
        {.name = "--spread", .flag = &q.spread},      {.name = "--expect", .flag = &q.expect},
        {.name = "--json", .flag = &q.json}};
    if (!cmd_options(NAME, help, options, ARRAY_LEN(options), &argc, argv, &code)) return code;
    if (argc != 1) return cmd_misuse(NAME, "name one file of texts");
    if (q.parallel && (!str_u64(str_of(q.parallel), PARALLEL_MAX, &parallel) || parallel == 0))
        return cmd_misuse(NAME, "--parallel is a number from 1 to %d", PARALLEL_MAX);
    if (q.hook && !hook_channel(q.hook, channel))
        return cmd_misuse(NAME, "--sms-hook is an address that ends in /hooks/NAME/KEY/mo");
    if ((q.token || q.sms_post) && !q.hook)
        return cmd_misuse(NAME, "--sms-token and --sms-post belong to --sms-hook");
    if (q.run && !run_name_good(q.run))
        return cmd_misuse(NAME, "--run is a name of at most 32 letters and digits");
    if (!crypto_init()) return cmd_fail(NAME, "the cryptographic library does not start");
    crypto_random(&random, sizeof random);
    snprintf(name, sizeof name, "%016llx", (unsigned long long)random);
    snprintf(url, sizeof url, "http://127.0.0.1:%d", cfg->listen_port);
    if (replay_read(NAME, argv[0], &r)) {
        struct replay_options o = {.url = q.url ? q.url : url,
                                   .sms_hook = q.hook,
                                   .run = q.run ? q.run : name,
                                   .token = q.token,
                                   .parallel = (unsigned)parallel,
                                   .spread = q.spread,
                                   .sms_post = q.sms_post};
        code = run(&r, &q, cfg, &o, q.hook ? channel : NULL);
    } else {
        code = CMD_FAILED;
    }
    replay_free(&r);
    return code;
}
