#include "config.h"
#include "base/log.h"
#include "io/ini.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum kind { KIND_STR, KIND_INT, KIND_SPAN, KIND_SIZE, KIND_BOOL, KIND_TIME };
enum origin { FROM_DEFAULT, FROM_FILE, FROM_ENVIRONMENT, FROM_COMMAND_LINE };
static const char *const origin_words[] = {"default", "file", "environment", "command line"};
static const char *const kind_units[] = {"text", "number", "ms|s|m|h|d", "bytes|k|m", "yes|no", "HH:MM"};

struct setting {
    enum kind kind;
    const char *name, *def, *min, *max;
    unsigned flags;
    const char *sentence;
    size_t offset;
};
static const struct setting settings[] = {
#define X(kind, name, def, min, max, flags, sentence)                                                        \
    {KIND_##kind, #name, def, min, max, flags, sentence, offsetof(struct config, name)},
    SETTINGS(X)
#undef X
};
#define N_SETTINGS ARRAY_LEN(settings)

/* The text of each setting and where it came from, kept beside the typed values. */
struct strings {
    char *value[N_SETTINGS];
    enum origin origin[N_SETTINGS];
    char *file; /* path of the settings file; NULL: none */
    char error[512];
};

static bool parse_number(const char *z, double *number, const char **rest)
{
    char *end;
    if (!isdigit((unsigned char)z[0])) return false;
    *number = strtod(z, &end);
    *rest = end;
    return true;
}

/* Minutes after midnight; "24:00" is the end of the day. */
static bool parse_time(const char *z, i64 *out)
{
    if (strlen(z) != 5 || z[2] != ':') return false;
    for (int i = 0; i < 5; i++)
        if (i != 2 && !isdigit((unsigned char)z[i])) return false;
    const int hour = (z[0] - '0') * 10 + z[1] - '0', minute = (z[3] - '0') * 10 + z[4] - '0';
    *out = hour * 60 + minute;
    return minute < 60 && *out <= 24 * 60;
}

/* In microseconds, bytes, minutes after midnight, or plain. False when the text is not of the kind. */
static bool parse_scalar(enum kind kind, const char *z, i64 *out)
{
    static const struct {
        const char *unit;
        double factor;
    } spans[] = {{"ms", 1e3}, {"s", 1e6}, {"m", 60e6}, {"h", 3600e6}, {"d", 86400e6}},
      sizes[] = {{"", 1}, {"k", 1024}, {"m", 1024 * 1024}};
    double number;
    const char *rest;
    if (kind == KIND_BOOL) {
        *out = strcmp(z, "yes") == 0 || strcmp(z, "true") == 0 || strcmp(z, "on") == 0;
        return *out || strcmp(z, "no") == 0 || strcmp(z, "false") == 0 || strcmp(z, "off") == 0;
    }
    if (kind == KIND_TIME) return parse_time(z, out);
    if (!parse_number(z, &number, &rest) || number > 1e15) return false;
    if (kind == KIND_INT)
        return *rest == '\0' && (*out = (i64)number, (double)*out >= number && (double)*out <= number);
    for (size_t i = 0; i < (kind == KIND_SPAN ? ARRAY_LEN(spans) : ARRAY_LEN(sizes)); i++) {
        if (strcmp(rest, kind == KIND_SPAN ? spans[i].unit : sizes[i].unit) != 0) continue;
        *out = (i64)(number * (kind == KIND_SPAN ? spans[i].factor : sizes[i].factor));
        return true;
    }
    return false;
}

static bool refuse(struct strings *st, const struct setting *s, enum origin from, const char *why)
{
    snprintf(st->error, sizeof st->error, "setting %s (from the %s): %s", s->name, origin_words[from], why);
    return false;
}

/* Takes the text over into config and strings when it is right. */
static bool put(struct config *c, size_t i, const char *z, enum origin from)
{
    const struct setting *s = &settings[i];
    struct strings *st = c->strings;
    void *field = (char *)c + s->offset;
    i64 v = 0, low, high;
    char why[128];
    if (strlen(z) > 2000) return refuse(st, s, from, "longer than 2000 bytes");
    if (s->kind != KIND_STR) {
        if (!parse_scalar(s->kind, z, &v)) {
            snprintf(why, sizeof why, "not a value of the form %s", kind_units[s->kind]);
            return refuse(st, s, from, why);
        }
        if ((s->min[0] && parse_scalar(s->kind, s->min, &low) && v < low) ||
            (s->max[0] && parse_scalar(s->kind, s->max, &high) && v > high)) {
            snprintf(why, sizeof why, "must be between %s and %s", s->min, s->max);
            return refuse(st, s, from, why);
        }
    }
    free(st->value[i]);
    st->value[i] = mem_copy(z, strlen(z));
    st->origin[i] = from;
    switch (s->kind) {
    case KIND_STR:
        *(const char **)field = st->value[i];
        break;
    case KIND_INT:
    case KIND_TIME:
        *(int *)field = (int)v;
        break;
    case KIND_SPAN:
        *(span *)field = SPAN_US(v);
        break;
    case KIND_SIZE:
        *(size_t *)field = (size_t)v;
        break;
    case KIND_BOOL:
        *(bool *)field = v != 0;
        break;
    }
    return true;
}

static size_t find(const char *name, size_t n)
{
    for (size_t i = 0; i < N_SETTINGS; i++)
        if (strlen(settings[i].name) == n && strncmp(settings[i].name, name, n) == 0) return i;
    return N_SETTINGS;
}

struct reading {
    struct config *c;
    bool only_reloadable;
};

static bool file_entry(void *arg, const char *key, const char *value, int line)
{
    struct reading *r = arg;
    struct strings *st = r->c->strings;
    size_t i = find(key, strlen(key));
    if (i == N_SETTINGS) {
        snprintf(st->error, sizeof st->error, "%s line %d: there is no setting %.60s", st->file, line, key);
        return false;
    }
    if (r->only_reloadable && !(settings[i].flags & CFG_RELOAD)) return true;
    if (st->origin[i] > FROM_FILE) return true;
    return put(r->c, i, value, FROM_FILE);
}

static bool read_file(struct config *c, bool only_reloadable)
{
    struct strings *st = c->strings;
    struct reading r = {c, only_reloadable};
    const char *why = NULL;
    st->error[0] = '\0';
    if (!st->file || ini_read(st->file, file_entry, &r, &why)) return true;
    if (!st->error[0]) snprintf(st->error, sizeof st->error, "%s: %s", st->file, why ? why : "unreadable");
    return false;
}

/* A misspelt name must not be silently without effect. */
static bool known_environment(struct strings *st)
{
    static const char prefix[] = "MASHANGDU_";
    const size_t skip = sizeof prefix - 1;
    for (char **e = environ; *e; e++) {
        char name[80];
        size_t n = 0;
        if (strncmp(*e, prefix, skip) != 0) continue;
        for (const char *p = *e + skip; *p && *p != '=' && n < sizeof name - 1; p++)
            name[n++] = (char)tolower((unsigned char)*p);
        if ((n == 6 && strncmp(name, "config", 6) == 0) || find(name, n) < N_SETTINGS) continue;
        snprintf(st->error, sizeof st->error, "the environment has %s%.*s, which is no setting", prefix,
                 (int)n, *e + skip);
        return false;
    }
    return true;
}

static bool read_environment(struct config *c)
{
    struct strings *st = c->strings;
    if (!known_environment(st)) return false;
    for (size_t i = 0; i < N_SETTINGS; i++) {
        if (st->origin[i] == FROM_COMMAND_LINE) continue; /* read before, because it may name the file */
        char name[80] = "MASHANGDU_";
        const char *z;
        size_t n = strlen(name);
        for (const char *p = settings[i].name; *p && n < sizeof name - 1; p++)
            name[n++] = (char)toupper((unsigned char)*p);
        if ((z = getenv(name)) != NULL && !put(c, i, z, FROM_ENVIRONMENT)) return false;
    }
    return true;
}

/* --listen-port and --listen_port are the same. */
static bool read_arguments(struct config *c, int *argc, char **argv)
{
    struct strings *st = c->strings;
    int kept = 0;
    for (int a = 0; a < *argc; a++) {
        char name[80];
        size_t n = 0;
        if (strncmp(argv[a], "--", 2) != 0) {
            argv[kept++] = argv[a];
            continue;
        }
        const char *p = argv[a] + 2;
        for (; *p && *p != '=' && n < sizeof name - 1; p++) name[n++] = *p == '-' ? '_' : *p;
        bool is_file = n == 6 && strncmp(name, "config", 6) == 0;
        size_t i = is_file ? N_SETTINGS : find(name, n);
        if (!is_file && i == N_SETTINGS) {
            argv[kept++] = argv[a]; /* an option of the command itself */
            continue;
        }
        const char *value = *p == '=' ? p + 1 : a + 1 < *argc ? argv[++a] : NULL;
        if (!value) {
            snprintf(st->error, sizeof st->error, "--%.*s needs a value", (int)n, name);
            return false;
        }
        if (is_file) {
            free(st->file);
            st->file = mem_copy(value, strlen(value));
        } else if (!put(c, i, value, FROM_COMMAND_LINE)) {
            return false;
        }
    }
    *argc = kept;
    return true;
}

bool config_load(struct config *c, int *argc, char **argv, const char **error_r)
{
    static struct strings st; /* lives as long as the program: errors point into it */
    memset(c, 0, sizeof *c);
    c->strings = &st;
    for (size_t i = 0; i < N_SETTINGS; i++)
        if (!put(c, i, settings[i].def, FROM_DEFAULT)) goto bad;
    const char *named = getenv("MASHANGDU_CONFIG");
    if (named)
        st.file = mem_copy(named, strlen(named));
    else if (access("mashangdu.conf", R_OK) == 0)
        st.file = mem_copy("mashangdu.conf", 14);
    if (!read_arguments(c, argc, argv) || !read_environment(c) || !read_file(c, false)) goto bad;
    return true;
bad:
    *error_r = st.error;
    return false;
}

/* All or nothing: the file is tried on a copy. A line that is gone from it means the default again. */
bool config_reload(struct config *c, const char **error_r)
{
    struct strings *st = c->strings, trial = {.file = st->file};
    struct config next = *c;
    next.strings = &trial;
    memcpy(trial.origin, st->origin, sizeof trial.origin);
    bool good = true;
    for (size_t i = 0; good && i < N_SETTINGS; i++)
        if ((settings[i].flags & CFG_RELOAD) && st->origin[i] <= FROM_FILE)
            good = put(&next, i, settings[i].def, FROM_DEFAULT);
    good = good && read_file(&next, true);
    for (size_t i = 0; i < N_SETTINGS; i++) {
        if (!trial.value[i]) continue;
        free(good ? st->value[i] : trial.value[i]);
        if (good) st->value[i] = trial.value[i], st->origin[i] = trial.origin[i];
    }
    memcpy(st->error, trial.error, sizeof st->error);
    *error_r = st->error;
    if (!good) return false;
    *c = next;
    c->strings = st;
    return true;
}

void config_free(struct config *c)
{
    struct strings *st = c->strings;
    if (!st) return;
    for (size_t i = 0; i < N_SETTINGS; i++) {
        free(st->value[i]);
        st->value[i] = NULL;
        st->origin[i] = FROM_DEFAULT;
    }
    free(st->file);
    st->file = NULL;
    c->strings = NULL;
}

bool config_fact(const struct config *c, size_t i, struct config_fact *f_r)
{
    const struct strings *st = c->strings;
    if (i >= N_SETTINGS) return false;
    const struct setting *s = &settings[i];
    *f_r = (struct config_fact){.name = s->name,
                                .value = st->value[i] ? st->value[i] : "",
                                .unit = kind_units[s->kind],
                                .origin = origin_words[st->origin[i]],
                                .def = s->flags & CFG_SECRET ? "" : s->def,
                                .min = s->min,
                                .max = s->max,
                                .sentence = s->sentence,
                                .secret = s->flags & CFG_SECRET,
                                .reloads = s->flags & CFG_RELOAD};
    return true;
}

void config_print(const struct config *c, struct text *out)
{
    const struct strings *st = c->strings;
    text_addf(out, "# file: %s\n", st->file ? st->file : "(none)");
    for (size_t i = 0; i < N_SETTINGS; i++) {
        const struct setting *s = &settings[i];
        const char *shown = (s->flags & CFG_SECRET) && st->value[i][0] ? "***" : st->value[i];
        text_addf(out, "%s = %s\n    # %s [%s; default %s%s%s%s%s; from the %s%s]\n", s->name, shown,
                  s->sentence, kind_units[s->kind], s->def[0] ? s->def : "(empty)", s->min[0] ? "; " : "",
                  s->min, s->max[0] ? " to " : "", s->max, origin_words[st->origin[i]],
                  s->flags & CFG_RELOAD ? "; reloads" : "");
    }
}

void config_print_sample(struct text *out)
{
    text_addz(
        out,
        "# mashangdu.conf: key = value. A later origin wins: default < this file < environment MASHANGDU_NAME\n"
        "# < command line. Settings marked (reloads) are taken over on SIGHUP.\n");
    for (size_t i = 0; i < N_SETTINGS; i++)
        text_addf(out, "\n# %s%s\n#%s = %s\n", settings[i].sentence,
                  settings[i].flags & CFG_RELOAD ? " (reloads)" : "", settings[i].name, settings[i].def);
}
