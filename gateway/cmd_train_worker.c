/* The worker of a training that was asked for at the desk: a process of its own, so that neither the loop nor its memory notices. It
 * gets lines "name value" and an empty one over its standard input, says its steps to the database itself, and ends with 0 when the
 * training stands there as done or failed; what killed it is told by the gateway. It ends with the gateway that started it. */
#include "cmd_train.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define ASKED_MAX ((size_t)16 << 10)

struct asked {
    struct text lines; /* the values are views into it */
    const char *run, *database, *examples;
    u64 percent, memory, seconds;
};

static bool read_lines(struct text *t)
{
    char c;
    for (char last = '\n';; last = c) {
        ssize_t n = read(STDIN_FILENO, &c, 1);
        if (n < 0 && errno == EINTR) {
            c = last;
            continue;
        }
        if (n != 1 || t->overflow) return false;
        if (c == '\n' && last == '\n') return true;
        text_addc(t, c == '\n' ? '\0' : c);
    }
}

/* "PGHOST …", "HOME …": how the database is found; the gateway's own environment did not come along. */
static bool take_line(struct asked *a, const char *line)
{
    const char *value = strchr(line, ' ');
    if (!value) return false;
    const struct str name = {line, (size_t)(value++ - line)};
    if (str_eq(name, STR("run"))) return (a->run = value) != NULL;
    if (str_eq(name, STR("database"))) return (a->database = value) != NULL;
    if (str_eq(name, STR("examples"))) return (a->examples = *value ? value : NULL) != NULL || !*value;
    if (str_eq(name, STR("percent"))) return str_u64(str_of(value), 101, &a->percent);
    if (str_eq(name, STR("memory"))) return str_u64(str_of(value), (u64)1 << 40, &a->memory);
    if (str_eq(name, STR("seconds"))) return str_u64(str_of(value), 1000000, &a->seconds);
    if (!str_starts(name, STR("PG")) && !str_eq(name, STR("HOME"))) return false;
    char variable[64];
    snprintf(variable, sizeof variable, "%.*s", STR_ARG(name));
    return setenv(variable, value, 1) == 0;
}

static bool read_asked(struct asked *a)
{
    *a = (struct asked){.run = NULL};
    text_init(&a->lines, ASKED_MAX);
    if (!read_lines(&a->lines)) return false;
    for (size_t at = 0; at < a->lines.n; at += strlen(a->lines.p + at) + 1)
        if (!take_line(a, a->lines.p + at)) return false;
    return a->run && a->database && a->seconds;
}

static bool limit(int what, u64 n)
{
    return setrlimit((__rlimit_resource_t)what, &(struct rlimit){n, n}) == 0;
}

/* Behind everything else on the machine, within its memory and its time of computing, and never longer than the gateway. */
static bool be_small(const struct asked *a)
{
    (void)setpriority(PRIO_PROCESS, 0, 10); /* where that is forbidden it works at the ordinary priority */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() == 1) return false;
#ifndef MSD_SANITIZED
    if (!limit(RLIMIT_DATA, a->memory)) return false;
#endif
    return limit(RLIMIT_CORE, 0) && limit(RLIMIT_CPU, a->seconds);
}

static bool told(struct db_tool *db, const char *sql, int n, const char *const *params)
{
    struct db_rows *r = cmd_query(TRAIN_NAME, db, sql, n, params);
    const char *z = r ? db_rows_text(r, 0, 0) : NULL;
    const bool good = z && strcmp(z, "f") != 0;
    if (r) db_rows_free(&r);
    return good;
}

/* False: it was stopped meanwhile, or the gateway was thought to be gone. */
static bool step(struct db_tool *db, const struct asked *a, const char *name)
{
    const char *const params[] = {a->run, name};
    return told(db, "select route_training_step($1::bigint, $2)", 2, params);
}

static bool fail(struct db_tool *db, const struct asked *a, const struct training *t)
{
    char held[24];
    snprintf(held, sizeof held, "%zu", t->n_held);
    const char *const params[] = {a->run, t->fault, strcmp(t->fault, "too_few") == 0 ? held : NULL};
    return told(db, "select route_training_fail($1::bigint, $2, $3::integer)", 3, params);
}

static bool store(struct db_tool *db, const struct asked *a, struct training *t)
{
    struct training_values v;
    training_values(t, &v);
    const char *const params[] = {a->run,     text_z(&v.bytes),   v.rules,          v.base,
                                  v.examples, text_z(&t->report), text_z(&v.learnt)};
    struct db_rows *r =
        cmd_query(TRAIN_NAME, db,
                  "select route_training_store($1::bigint, $2::bytea, $3::integer, $4::integer, "
                  "$5::jsonb, $6::jsonb, $7::bigint[])",
                  ARRAY_LEN(params), params);
    const bool good = r != NULL; /* no model: it had ended meanwhile, and stands there as what it ended as */
    if (r) db_rows_free(&r);
    training_values_free(&v);
    return good;
}

static bool work(struct db_tool *db, const struct asked *a)
{
    struct training t;
    training_begin(&t, db, (int)a->percent);
    bool runs = step(db, a, "reading"), good = runs && training_read(&t, a->examples);
    if (good) good = (runs = step(db, a, "comparing")) && training_compare(&t);
    if (good) good = (runs = step(db, a, "learning")) && training_learn(&t);
    if (good) good = (runs = step(db, a, "storing"));
    bool ended = !runs || (good ? store(db, a, &t) : fail(db, a, &t));
    training_end(&t);
    return ended;
}

int train_worker(void)
{
    struct asked a;
    const char *why = NULL;
    struct db_tool *db = NULL;
    bool good = read_asked(&a);
    if (!good)
        (void)cmd_misuse(TRAIN_NAME, "--worker is for the gateway alone");
    else if (!be_small(&a))
        good = cmd_fail(TRAIN_NAME, "the limits do not stand") == CMD_OK;
    else if (!(db = db_tool_open(a.database, &why)))
        good = cmd_fail(TRAIN_NAME, "%s", why) == CMD_OK;
    good = good && work(db, &a);
    db_tool_close(&db);
    text_free(&a.lines);
    return good ? CMD_OK : CMD_FAILED;
}
