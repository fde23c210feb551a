/* Reading of `key = value` files over inih, for config and the sample settings. Sections become prefixes
 * ("section.key"); comments start a line with # or ;. A value is the rest of its line, trimmed, with any '#', ';'
 * or quote kept as it is: no inline comments, no continuation lines, so nothing is cut off silently. */
#pragma once
#include "base/str.h"

/* Calls entry for every pair in the order of the file; key and value are valid only during the call. entry may
 * return false to refuse the pair, which ends the reading.
 * False with a sentence that names the line (valid until the thread's next call): a file that cannot be read or
 * passes 256 KiB, a line over 4000 bytes, bad UTF-8 or U+0000, a line that is no pair, a refused pair. */
bool ini_read(const char *path, bool (*entry)(void *arg, const char *key, const char *value, int line),
              void *arg, const char **error_r) MUST_CHECK;
/* The same over a text in memory. */
bool ini_text(struct str text, bool (*entry)(void *arg, const char *key, const char *value, int line),
              void *arg, const char **error_r) MUST_CHECK;
