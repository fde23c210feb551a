/* Tables: any bytes end in rows of the header's width or in a sentence, and every field lies in the file or the arena. */
#include "core/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct csv c;
    struct str f[CSV_FIELDS_MAX];
    const char *why = NULL;
    arena_init(&a, 1 << 20);
    if (!csv_open(&c, (struct str){(const char *)data, size}, &a, &why))
        ASSERT(why != NULL);
    else {
        enum csv_result got;
        size_t line = c.line;
        while ((got = csv_next(&c, f, &why)) == CSV_ROW) {
            size_t bytes = 0;
            for (size_t i = 0; i < c.n_columns; i++) bytes += f[i].n;
            ASSERT(bytes <= size && c.line > line);
            line = c.line;
        }
        ASSERT(got == CSV_END || why != NULL);
    }
    arena_free(&a);
    return 0;
}
