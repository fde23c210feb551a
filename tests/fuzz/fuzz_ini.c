/* Settings files: any bytes end in pairs in the order of their lines or in a sentence that names the line; no key or
 * value is cut, so each lies in the text as it is. */
#include "io/ini.h"
#include "base/utf8.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    struct str text;
    int line;
};

static bool pair(void *arg, const char *key, const char *value, int line)
{
    struct seen *s = arg;
    struct str k = str_of(key), v = str_of(value), head, last;
    ASSERT(line > s->line && k.n > 0);
    ASSERT(utf8_valid(k) && utf8_valid(v) && strchr(value, '\n') == NULL);
    ASSERT(str_find(s->text, v) != SIZE_MAX);
    if (str_find(s->text, k) == SIZE_MAX) ASSERT(str_cut(k, '.', &head, &last)); /* "section.key" */
    s->line = line;
    return !str_eq(k, STR("stop"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct seen s = {.text = {(const char *)data, size}};
    const char *error = NULL;
    if (!ini_text(s.text, pair, &s, &error)) {
        ASSERT(error != NULL && strncmp(error, "line ", 5) == 0);
        ASSERT(strtol(error + 5, NULL, 10) >= s.line);
    }
    return 0;
}
