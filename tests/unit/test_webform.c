/* Forms of both encodings: what browsers send is read as it was meant, and a body that is not whole or not honest gives nothing. */
#include "base/webform.h"
#include "webform_rows.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static enum webform_end read_form(const char *type, struct str body, struct webform *f)
{
    const struct http_header h = {STR("content-type"), str_of(type)};
    const struct http_in in = {.body = body, .headers = &h, .n_headers = 1};
    return webform_read(&in, f);
}

/* The fields in the order of `want`, asked for by name as the forms do. */
static void fields_say(const struct webform *f, const char *want, struct text *out)
{
    struct arena a;
    struct str rest = str_of(want), one, name, value, last = STR_NONE;
    size_t nth = 0;
    arena_init(&a, 1 << 20);
    while (rest.n) {
        str_cut(rest, ';', &one, &rest);
        str_cut(one, '=', &name, &value);
        nth = last.p && str_eq(name, last) ? nth + 1 : 0;
        last = name;
        struct str z = arena_str(&a, name);
        struct str got = webform_get_nth(f, &a, z.p, nth);
        text_addf(out, "%.*s=%.*s;", STR_ARG(name), STR_ARG(got));
        if (nth == 0) assert_true(str_eq(webform_get(f, &a, z.p), got));
    }
    assert_null(webform_get_nth(f, &a, "nobody wrote this", 0).p);
    arena_free(&a);
}

static void rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(webform_rows); i++) {
        const struct webform_row *r = &webform_rows[i];
        struct webform f;
        struct text fields, files;
        text_init(&fields, 1 << 16);
        text_init(&files, 1 << 16);
        if (read_form(r->type, str_of(r->body), &f) != r->end) fail_msg("%s: another end", r->title);
        fields_say(&f, r->fields, &fields);
        for (size_t k = 0; k < f.n_files; k++)
            text_addf(&files, "%.*s|%.*s|%.*s|%.*s;", STR_ARG(f.files[k].field), STR_ARG(f.files[k].filename),
                      STR_ARG(f.files[k].type), STR_ARG(f.files[k].bytes));
        if (strcmp(text_z(&fields), r->fields) != 0) fail_msg("%s: fields %s", r->title, text_z(&fields));
        if (strcmp(text_z(&files), r->files) != 0) fail_msg("%s: files %s", r->title, text_z(&files));
        if (r->end == WEBFORM_BROKEN) assert_true(f.n_fields == 0 && f.n_files == 0);
        text_free(&fields);
        text_free(&files);
    }
}

/* Cut off at every byte a multipart body is broken until its end mark is whole; read from memory of just that size, so that a byte too
 * far is seen by the sanitizer. */
static void cut_everywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(webform_rows); i++) {
        const struct webform_row *r = &webform_rows[i];
        const char *end = strstr(r->body, B "--");
        if (strcmp(r->type, CT) != 0 || r->end != WEBFORM_READ || !end) continue;
        const size_t whole = (size_t)(end - r->body) + strlen(B "--");
        for (size_t n = 0; n < whole; n++) {
            char *copy = mem_alloc(n ? n : 1);
            struct webform f;
            memcpy(copy, r->body, n);
            if (read_form(CT, (struct str){copy, n}, &f) != WEBFORM_BROKEN)
                fail_msg("%s: read when cut at %zu", r->title, n);
            assert_int_equal(f.n_files + f.n_fields, 0);
            free(copy);
        }
    }
}

static enum webform_end many(size_t n, const char *part, size_t *fields_r, size_t *files_r)
{
    struct text t;
    struct webform f;
    text_init(&t, 1 << 20);
    for (size_t i = 0; i < n; i++) text_addz(&t, part);
    text_addz(&t, END);
    enum webform_end end = read_form(CT, text_str(&t), &f);
    *fields_r = f.n_fields, *files_r = f.n_files;
    text_free(&t);
    return end;
}

static void too_many(void **state)
{
    (void)state;
    size_t fields, files;
    assert_int_equal(many(WEBFORM_FIELDS_MAX, FIELD("a", "1"), &fields, &files), WEBFORM_READ);
    assert_int_equal(fields, WEBFORM_FIELDS_MAX);
    assert_int_equal(many(WEBFORM_FIELDS_MAX + 1, FIELD("a", "1"), &fields, &files), WEBFORM_BROKEN);
    assert_int_equal(many(WEBFORM_FILES_MAX, FILE_PART("f", "a", "b", "c"), &fields, &files), WEBFORM_READ);
    assert_int_equal(files, WEBFORM_FILES_MAX);
    assert_int_equal(many(WEBFORM_FILES_MAX + 1, FILE_PART("f", "a", "b", "c"), &fields, &files),
                     WEBFORM_BROKEN);
    assert_int_equal(fields + files, 0);
    assert_int_equal(many(100, FILE_PART("f", "", "b", ""), &fields, &files),
                     WEBFORM_READ); /* inputs left alone */
    assert_int_equal(files, 0);
}

/* A part's header has a bound: nobody makes us search megabytes for its end. */
static void long_header(void **state)
{
    (void)state;
    struct text t;
    struct webform f;
    text_init(&t, 1 << 20);
    text_addz(&t, "--" B "\r\n" D("a") "\r\nX-Long: ");
    for (int i = 0; i < 5000; i++) text_addc(&t, 'x');
    text_addz(&t, "\r\n\r\n1\r\n" END);
    assert_int_equal(read_form(CT, text_str(&t), &f), WEBFORM_BROKEN);
    text_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rows), cmocka_unit_test(cut_everywhere),
                                       cmocka_unit_test(too_many), cmocka_unit_test(long_header)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
