#include "io/ini.h"
#include "base/utf8.h"
#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX     (256u * 1024)
#define LINE_LONGEST 4000 /* bytes without the line end */
#define SECTION_MAX  40   /* inih cuts names at 49 bytes without a word */
#define KEY_MAX      100

struct reading {
    struct str rest; /* what inih has not asked for yet */
    int line;        /* number of the line it got last */
    bool (*entry)(void *arg, const char *key, const char *value, int line);
    void *arg;
    const char *fault; /* what is wrong with `line`; then no more is handed out */
};

static _Thread_local char sentence[200];

/* inih's reader: one line into dst, with its newline. Every shape that inih would cut, join or misread without
 * saying so is stopped here, where the line number is known. */
static char *next_line(char *dst, int room, void *stream)
{
    struct reading *r = stream;
    struct str line;
    if (r->rest.n == 0 || r->fault) return NULL;
    str_cut(r->rest, '\n', &line, &r->rest);
    r->line++;
    struct str words = str_trim(line);
    if (line.n > LINE_LONGEST || line.n + 3 > (size_t)room)
        r->fault = "the line is too long";
    else if (!utf8_valid(line))
        r->fault = "the line is not valid UTF-8 text";
    else if (words.n > SECTION_MAX && words.p[0] == '[')
        r->fault = "the section name is too long";
    else if (words.n && words.p[0] == '[' && words.p[words.n - 1] != ']')
        r->fault = "the section does not end with ]";
    if (r->fault) return NULL;
    if (line.n) memcpy(dst, line.p, line.n);
    memcpy(dst + line.n, "\n", 2);
    return dst;
}

/* inih's handler: 0 is a refusal. */
static int take_pair(void *user, const char *section, const char *name, const char *value)
{
    struct reading *r = user;
    char key[KEY_MAX + 1];
    int n = section[0] ? snprintf(key, sizeof key, "%s.%s", section, name)
                       : snprintf(key, sizeof key, "%s", name);
    if (n <= 0 || n > KEY_MAX)
        r->fault = "the key is empty or too long";
    else if (!r->entry(r->arg, key, value ? value : "", r->line))
        r->fault = "the setting is refused";
    return r->fault == NULL;
}

bool ini_text(struct str text, bool (*entry)(void *arg, const char *key, const char *value, int line),
              void *arg, const char **error_r)
{
    struct reading r = {.rest = text, .entry = entry, .arg = arg};
    /* inih keeps its switches in globals; nothing else in the process uses it. */
    ini_allow_multiline = false;
    ini_allow_inline_comments = false;
    ini_allow_no_value = false;
    ini_stop_on_first_error = true;
    ini_use_stack = false;
    ini_allow_realloc = false;
    ini_max_line = ini_initial_alloc = LINE_LONGEST + 8;
    int bad = ini_parse_stream(next_line, &r, take_pair, &r);
    if (bad == 0 && !r.fault) return true;
    snprintf(sentence, sizeof sentence, "line %d: %s", r.line,
             r.fault ? r.fault : "this is neither a comment, a [section] nor a key = value");
    *error_r = sentence;
    return false;
}

static bool refuse(const char **error_r, const char *what, int number)
{
    char why[96];
    snprintf(sentence, sizeof sentence, "%s%s%s", what, number ? ": " : "",
             number ? strerror_r(number, why, sizeof why) : "");
    *error_r = sentence;
    return false;
}

bool ini_read(const char *path, bool (*entry)(void *arg, const char *key, const char *value, int line),
              void *arg, const char **error_r)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) return refuse(error_r, "the file cannot be opened", errno);
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        return refuse(error_r, "this is not a regular file", 0);
    }

    /* One byte more than allowed: a file that grows meanwhile is noticed as well. */
    char *bytes = mem_alloc(FILE_MAX + 1);
    size_t n = 0;
    ssize_t got = 1;
    while (n <= FILE_MAX && (got = read(fd, bytes + n, FILE_MAX + 1 - n)) > 0) n += (size_t)got;
    int number = errno;
    bool ok;
    if (got < 0)
        ok = refuse(error_r, "the file cannot be read", number);
    else if (n > FILE_MAX)
        ok = refuse(error_r, "the file is too long", 0);
    else
        ok = ini_text((struct str){bytes, n}, entry, arg, error_r);
    close(fd);
    free(bytes);
    return ok;
}
