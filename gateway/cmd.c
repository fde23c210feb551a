#include "cmd.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void PRINTF_LIKE(2, 0) say(const char *command, const char *fmt, va_list ap)
{
    struct text t;
    text_init(&t, 4096);
    text_addf(&t, "mashangdu %s: ", command);
    text_addfv(&t, fmt, ap);
    (void)fprintf(stderr, "%s\n", text_z(&t));
    text_free(&t);
}

int cmd_fail(const char *command, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    say(command, fmt, ap);
    va_end(ap);
    return CMD_FAILED;
}

int cmd_misuse(const char *command, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    say(command, fmt, ap);
    va_end(ap);
    (void)fprintf(stderr, "Try: mashangdu %s --help\n", command);
    return CMD_USAGE;
}

/* The option that `word` names; *value_r is what stands behind '=', or NULL. */
static const struct cmd_option *find(const struct cmd_option *options, size_t n, const char *word,
                                     const char **value_r)
{
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(options[i].name);
        if (strncmp(word, options[i].name, len) != 0) continue;
        if (word[len] != '\0' && (word[len] != '=' || options[i].flag)) continue;
        *value_r = word[len] == '=' ? word + len + 1 : NULL;
        return &options[i];
    }
    return NULL;
}

bool cmd_options(const char *command, const char *help, const struct cmd_option *options, size_t n, int *argc,
                 char **argv, int *exit_r)
{
    int kept = 0;
    bool only_words = false;
    for (int a = 0; a < *argc; a++) {
        const char *value;
        if (only_words || argv[a][0] != '-' || strcmp(argv[a], "-") == 0) {
            argv[kept++] = argv[a];
            continue;
        }
        if (strcmp(argv[a], "--") == 0) {
            only_words = true;
            continue;
        }
        if (strcmp(argv[a], "--help") == 0 || strcmp(argv[a], "-h") == 0) {
            (void)fputs(help, stdout);
            *exit_r = CMD_OK;
            return false;
        }
        const struct cmd_option *o = find(options, n, argv[a], &value);
        if (!o) {
            *exit_r = cmd_misuse(command, "there is no option %s", argv[a]);
            return false;
        }
        if (o->flag) {
            *o->flag = true;
            continue;
        }
        if (!value && a + 1 == *argc) {
            *exit_r = cmd_misuse(command, "%s needs a value", o->name);
            return false;
        }
        if (!value) value = argv[++a];
        if (o->many && o->many->n == CMD_MANY_MAX) {
            *exit_r = cmd_misuse(command, "%s is given more than %d times", o->name, CMD_MANY_MAX);
            return false;
        }
        if (o->many)
            o->many->items[o->many->n++] = value;
        else
            *o->value = value;
    }
    *argc = kept;
    return true;
}

/* --- files --- */

bool cmd_read_file(const char *command, const char *path, struct text *into)
{
    FILE *f = fopen(path, "rbe");
    if (!f) {
        (void)cmd_fail(command, "%s cannot be opened: %s", path, strerror(errno));
        return false;
    }
    char part[8192];
    size_t n;
    while ((n = fread(part, 1, sizeof part, f)) > 0 && !into->overflow) text_add(into, (struct str){part, n});
    bool good = !ferror(f) && !into->overflow;
    if (!good && into->overflow)
        (void)cmd_fail(command, "%s is larger than %zu bytes", path, into->max);
    else if (!good)
        (void)cmd_fail(command, "%s cannot be read: %s", path, strerror(errno));
    (void)fclose(f);
    return good;
}

static bool write_all(int fd, struct str bytes)
{
    while (bytes.n > 0) {
        ssize_t n = write(fd, bytes.p, bytes.n);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        bytes.p += n, bytes.n -= (size_t)n;
    }
    return true;
}

/* A folder cannot be replaced by renaming, and a device must not be: both are written as they stand. */
static bool is_special(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

bool cmd_write_file(const char *command, const char *path, struct str bytes)
{
    if (!path || strcmp(path, "-") == 0) {
        if (fflush(stdout) == 0 && write_all(STDOUT_FILENO, bytes)) return true;
        (void)cmd_fail(command, "standard output cannot be written: %s", strerror(errno));
        return false;
    }
    struct text temporary;
    text_init(&temporary, 4200);
    text_addf(&temporary, "%s%s", path, is_special(path) ? "" : ".part");
    bool special = is_special(path);
    FILE *f = temporary.overflow ? NULL : fopen(text_z(&temporary), "wbe");
    bool good = f && write_all(fileno(f), bytes);
    if (f && fclose(f) != 0) good = false;
    if (good && !special) good = rename(text_z(&temporary), path) == 0;
    if (!good) {
        (void)cmd_fail(command, "%s cannot be written: %s", path, strerror(errno));
        if (f && !special) (void)unlink(text_z(&temporary));
    }
    text_free(&temporary);
    return good;
}

bool cmd_read_line(const char *command, struct text *into)
{
    int c;
    while ((c = getchar()) != EOF && c != '\n') text_addc(into, (char)c);
    if (into->n && into->p[into->n - 1] == '\r') into->n--;
    if (into->n && !into->overflow) return true;
    (void)cmd_fail(command,
                   into->overflow ? "the line on standard input is too long" : "standard input is empty");
    return false;
}

/* --- database and key --- */

struct db_tool *cmd_database(const char *command, const struct config *cfg)
{
    const char *why;
    if (!cfg->owner_database[0]) {
        (void)cmd_fail(command, "no database is set: give owner_database (mashangdu.conf, "
                                "MASHANGDU_OWNER_DATABASE or --owner-database)");
        return NULL;
    }
    struct db_tool *db = db_tool_open(cfg->owner_database, &why);
    if (!db) (void)cmd_fail(command, "%s", why);
    return db;
}

struct db_rows *cmd_query(const char *command, struct db_tool *db, const char *sql, int n,
                          const char *const *params)
{
    const char *why;
    struct db_rows *r = db_tool_query(db, sql, n, params, &why);
    if (!r) {
        bool empty = strcmp(db_tool_sqlstate(db), "42P01") == 0; /* undefined_table */
        (void)cmd_fail(command, "%s%s", why, empty ? " (has `mashangdu migrate` been run?)" : "");
    }
    return r;
}

bool cmd_execute(const char *command, struct db_tool *db, const char *sql, int n, const char *const *params)
{
    struct db_rows *r = cmd_query(command, db, sql, n, params);
    bool good = r != NULL;
    if (r) db_rows_free(&r);
    return good;
}

u64 cmd_number(const struct db_rows *r, int row, int col)
{
    u64 n = 0;
    bool good = str_u64(str_of(db_rows_text(r, row, col)), INT64_MAX, &n);
    ASSERT(good);
    return n;
}

struct keys *cmd_keys(const char *command, const struct config *cfg)
{
    const char *why = "the cryptographic library does not start";
    struct keys *k = crypto_init() ? keys_load(cfg->key_file, &why) : NULL;
    if (!k) (void)cmd_fail(command, "%s", why);
    return k;
}
