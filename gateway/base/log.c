#include "base/log.h"
#include "base/clock.h"
#include "base/str.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

u32 log_trace_mask;

static const char *const part_words[] = {
#define X(id, word) word,
    LOG_PARTS(X)
#undef X
};
static const char *const level_words[] = {"trace", "info", "warning", "error", "fatal"};

bool log_trace_parse(const char *words, u32 *mask_r)
{
    struct str rest = str_of(words), word;
    u32 mask = 0;
    do {
        bool more = str_cut(rest, ',', &word, &rest);
        word = str_trim(word);
        bool known = word.n == 0 || str_eq(word, STR("none"));
        if (str_eq(word, STR("all"))) mask = ~0u, known = true;
        for (unsigned i = 0; i < LOG_PARTS_N; i++)
            if (str_eq(word, str_of(part_words[i]))) mask |= 1u << i, known = true;
        if (!known) return false;
        if (!more) break;
    } while (true);
    *mask_r = mask;
    return true;
}

void log_line(enum log_level level, enum log_part part, const char *msg, const char *fmt, ...)
{
    char line[2048], ts[INSTANT_TEXT_MAX];
    int n = snprintf(line, sizeof line, "ts=%s level=%s part=%s msg=\"%s\"", instant_text(clock_now(), ts),
                     level_words[level], part_words[part], msg);
    size_t used = (size_t)MIN(n, (int)sizeof line - 2);
    if (fmt && used < sizeof line - 2) {
        va_list ap;
        line[used++] = ' ';
        va_start(ap, fmt);
        int m = vsnprintf(line + used, sizeof line - used - 1, fmt, ap);
        va_end(ap);
        if (m > 0) used = MIN(used + (size_t)m, sizeof line - 2);
    }
    /* One event stays one line, whatever a library put into its message. */
    for (size_t i = 0; i < used; i++)
        if ((unsigned char)line[i] < ' ') line[i] = ' ';
    line[used++] = '\n';
    ssize_t written = write(STDERR_FILENO, line, used);
    (void)written; /* a full pipe loses a log line, never the gateway */
}
