/* For tests/bench/twins: lines "case, tab, when, tab, category, tab, words" in; a line for twin_texts and the lines for twin_bands out, as COPY reads them, by the program's
 * own core/twins. bands TEXTS BANDS < words */
#include "core/twins.h"
#include "base/utf8.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    static char line[65536];
    static struct telling t;
    FILE *texts = argc == 3 ? fopen(argv[1], "w") : NULL, *bands = texts ? fopen(argv[2], "w") : NULL;
    if (!bands) return 2;
    while (fgets(line, sizeof line, stdin)) {
        i64 band[TWINS_KEYS];
        struct str id, at, category, words, rest, more;
        line[strcspn(line, "\n")] = '\0';
        if (!str_cut(str_of(line), '\t', &id, &rest) || !str_cut(rest, '\t', &at, &more) ||
            !str_cut(more, '\t', &category, &words))
            return 1;
        words.n = utf8_prefix(words, SHINGLES_POINTS);
        telling_of(words, &t);
        const u64 matter = telling_code(category);
        const size_t n = twins_keys(&t, &matter, 1, band);
        (void)fprintf(texts, "%.*s\t%d\t%.*s\t{", STR_ARG(id), MINHASH_MAKE, STR_ARG(words));
        for (size_t i = 0; i < n; i++) {
            (void)fprintf(texts, "%s%lld", i ? "," : "", (long long)band[i]);
            (void)fprintf(bands, "%lld\t%.*s\n", (long long)band[i], STR_ARG(id));
        }
        (void)fprintf(texts, "}\t%.*s\t{%.*s}\n", STR_ARG(at), STR_ARG(category));
    }
    return fclose(texts) || fclose(bands);
}
