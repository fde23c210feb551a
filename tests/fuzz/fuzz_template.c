/* Any bytes as template, catalogue and value: never out of bounds, never past the ceiling, and no value ever
 * brings a sign of markup into the page. The input is cut at its first two NUL bytes. */
#include "pages/template.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool load(void *arg, struct str name, struct str *bytes_r)
{
    *bytes_r = *(const struct str *)arg;
    return str_eq(name, STR("page")) || str_eq(name, STR("part"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str all = {(const char *)data, size}, page, rest, words, value;
    struct words w;
    struct text error, out, before;
    struct arena a;
    str_cut(all, '\0', &page, &rest);
    str_cut(rest, '\0', &words, &value);
    text_init(&error, 500);
    text_init(&out, 20000);
    text_init(&before, 20000);
    arena_init(&a, 100000);
    if (words_parse(STR("words"), words, &w, &error)) {
        struct template *t = template_parse(STR("page"), &w, load, &page, &error);
        struct template_data *d = template_data_new(&a), *row = template_row(d, "l");
        template_put(row, "x", STR("1"));
        template_row(d, "l");
        if (t && template_render(t, &w, d, &before)) {
            size_t marks = 0;
            for (size_t i = 0; i < before.n; i++) marks += before.p[i] == '<' || before.p[i] == '"';
            template_put(d, "v", value);
            template_flag(d, "v", true);
            if (value.n == 0) template_put(d, "v", STR("\"><"));
            (void)!template_render(t, &w, d, &out);
            ASSERT(out.n <= 20000);
            /* {{#v}} may show more of the template, so only pages without sections are counted. */
            if (!out.overflow && str_find(page, STR("{{#")) == SIZE_MAX &&
                str_find(page, STR("{{^")) == SIZE_MAX) {
                for (size_t i = 0; i < out.n; i++) marks -= out.p[i] == '<' || out.p[i] == '"';
                ASSERT(marks == 0);
            }
        } else {
            ASSERT(t || error.n > 0);
        }
        template_free(&t);
        words_free(&w);
    }
    arena_free(&a);
    text_free(&error);
    text_free(&out);
    text_free(&before);
    return 0;
}
