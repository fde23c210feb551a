#include "pages/words.h"
#include "base/utf8.h"
#include <stdlib.h>

static bool key_valid(struct str key)
{
    for (size_t i = 0; i < key.n; i++) {
        char c = key.p[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_' && c != '.') return false;
    }
    return key.n > 0 && key.n <= WORDS_KEY_MAX;
}

static int by_key(const void *a, const void *b)
{
    return str_cmp(((const struct word *)a)->key, ((const struct word *)b)->key);
}

static bool fail(struct text *error, struct str file, size_t line, const char *why)
{
    text_addf(error, "%.*s:%zu: %s", STR_ARG(file), line, why);
    return false;
}

bool words_parse(struct str file, struct str bytes, struct words *words_r, struct text *error)
{
    struct words w = {.all = mem_alloc(WORDS_MAX * sizeof *w.all)};
    const char *why = utf8_valid(bytes) ? NULL : "is not UTF-8";
    size_t line_no = 0;
    while (bytes.n && !why) {
        struct str line, key, text;
        str_cut(bytes, '\n', &line, &bytes);
        line_no++;
        line = str_trim(line);
        if (line.n == 0 || line.p[0] == '#') continue;
        bool cut = str_cut(line, '=', &key, &text);
        key = str_trim(key);
        text = str_trim(text);
        if (!cut)
            why = "has no '='";
        else if (!key_valid(key))
            why = "the key may hold a-z, 0-9, '_' and '.' only";
        else if (text.n == 0)
            why = "the sentence is empty";
        else if (w.n == WORDS_MAX)
            why = "too many sentences";
        else
            w.all[w.n++] = (struct word){key, text};
    }
    if (why) {
        words_free(&w);
        return fail(error, file, line_no, why);
    }
    qsort(w.all, w.n, sizeof *w.all, by_key);
    for (size_t i = 1; i < w.n; i++) {
        if (!str_eq(w.all[i - 1].key, w.all[i].key)) continue;
        text_addf(error, "%.*s: \"%.*s\" stands twice", STR_ARG(file), STR_ARG(w.all[i].key));
        words_free(&w);
        return false;
    }
    *words_r = w;
    return true;
}

void words_free(struct words *w)
{
    free(w->all);
    *w = (struct words){0};
}

size_t words_place(const struct words *w, struct str key)
{
    const struct word wanted = {.key = key};
    const struct word *found = w->n ? bsearch(&wanted, w->all, w->n, sizeof *w->all, by_key) : NULL;
    return found ? (size_t)(found - w->all) : SIZE_MAX;
}

struct str words_find(const struct words *w, struct str key)
{
    size_t at = words_place(w, key);
    return at == SIZE_MAX ? STR_NONE : w->all[at].text;
}

bool words_match(const struct words *a, const struct words *b, struct text *error)
{
    for (size_t i = 0; i < a->n || i < b->n; i++) {
        if (i < a->n && i < b->n && str_eq(a->all[i].key, b->all[i].key)) continue;
        /* Both are sorted: the smaller key is the one that the other catalogue lacks. */
        bool in_a = i < a->n && (i >= b->n || str_cmp(a->all[i].key, b->all[i].key) < 0);
        struct str key = in_a ? a->all[i].key : b->all[i].key;
        text_addf(error, "the sentence \"%.*s\" stands in one catalogue only", STR_ARG(key));
        return false;
    }
    return true;
}
