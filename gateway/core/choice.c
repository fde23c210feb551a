#include "core/choice.h"

int choice_find(const struct choice *words, size_t n, struct str w)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(w, str_of(words[i].word)) || str_eq(w, str_of(words[i].zh))) return (int)i;
    return -1;
}

const char *choice_chinese(const struct choice *words, size_t n, struct str w)
{
    int at = choice_find(words, n, w);
    return at < 0 ? "" : words[at].zh;
}
