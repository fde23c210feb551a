/* Structured log lines on standard error, one event a line, in key=value form:
 *   ts=2026-03-18T01:59:57.123Z level=info part=intake msg="batch stored" items=31 us=1840
 * Words have fixed meanings: trace = switched on per part; info = a fact; warning = odd, we went on;
 * error = this item failed; fatal = the configuration is unusable. A panic is ASSERT.
 * Never pass words of a citizen, a telephone number, a receipt, a key or an address (promise P11). */
#pragma once
#include "base/base.h"

/* clang-format off */
#define LOG_PARTS(X) \
    X(MAIN, "main") \
    X(WEB, "web") \
    X(DB, "db") \
    X(INTAKE, "intake") X(ROUTE, "route") X(HUB, "hub") X(STAFF, "staff") X(OUTBOX, "outbox") \
    X(HTTPC, "httpc") X(HOOKS, "hooks") X(LEDGER, "ledger") \
    X(CLOCK, "clock") X(TOOL, "tool")
/* clang-format on */
enum log_part {
#define X(id, word) LOG_##id,
    LOG_PARTS(X)
#undef X
        LOG_PARTS_N
};
enum log_level { LOG_TRACE, LOG_INFO, LOG_WARNING, LOG_ERROR, LOG_FATAL };

extern u32 log_trace_mask; /* bit 1 << part: trace lines of that part are written */

/* "web,db", "all" or "none" -> mask; false when a word is no part. */
bool log_trace_parse(const char *words, u32 *mask_r) MUST_CHECK;
/* msg is a fixed sentence; fmt adds " key=value" pairs, NULL for none. Values with blanks need their own quotes. */
void log_line(enum log_level level, enum log_part part, const char *msg, const char *fmt, ...)
    PRINTF_LIKE(4, 5);

#define TRACE(part, msg, ...)                                                                                \
    do {                                                                                                     \
        if (log_trace_mask & (1u << LOG_##part)) log_line(LOG_TRACE, LOG_##part, (msg), __VA_ARGS__);        \
    } while (0)
