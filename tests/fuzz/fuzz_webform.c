/* Forms: whatever a body is, its fields and files are views into it, of its own size, and a broken one gives nothing. The first line is
 * the content type. */
#include "base/webform.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(struct str s, struct str body)
{
    ASSERT(s.n == 0 || (s.p >= body.p && s.p + s.n <= body.p + body.n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str type, body;
    struct webform f;
    struct arena a;
    str_cut((struct str){(const char *)data, size}, '\n', &type, &body);
    const struct http_header h = {STR("content-type"), type};
    const struct http_in in = {.body = body, .headers = &h, .n_headers = 1};
    enum webform_end end = webform_read(&in, &f);
    ASSERT(f.n_fields <= WEBFORM_FIELDS_MAX && f.n_files <= WEBFORM_FILES_MAX);
    if (end == WEBFORM_BROKEN) ASSERT(f.n_fields == 0 && f.n_files == 0 && f.urlencoded.n == 0);
    for (size_t i = 0; i < f.n_fields; i++) {
        inside(f.fields[i].name, body);
        inside(f.fields[i].value, body);
    }
    for (size_t i = 0; i < f.n_files; i++) {
        inside(f.files[i].field, body);
        inside(f.files[i].filename, body);
        inside(f.files[i].bytes, body);
        ASSERT(f.files[i].bytes.n > 0);
    }
    arena_init(&a, 2 * size + 256);
    ASSERT(webform_get(&f, &a, "text").n <= size);
    ASSERT(webform_get_nth(&f, &a, "text", 1).n <= size);
    arena_free(&a);
    return 0;
}
