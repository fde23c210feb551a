/* A settings file is read whole or refused with the number of the line. */
#include "io/ini.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static struct text seen;

static bool collect(void *arg, const char *key, const char *value, int line)
{
    (void)arg;
    text_addf(&seen, "%d|%s|%s\n", line, key, value);
    return strcmp(key, "refused") != 0;
}

static const char *read_text(struct str text)
{
    const char *error = NULL;
    text_clear(&seen);
    return ini_text(text, collect, NULL, &error) ? NULL : error;
}

static void shapes(void **state)
{
    (void)state;
    assert_null(read_text(STR("# comment\n; comment\n\nlisten = 127.0.0.1:8080\r\n"
                              "name=码上督 ; kept # kept\nempty =\nquoted = \"a b\"\n"
                              "[sms]\nurl = http://127.0.0.1:13013/cgi?a=b&c=d\n last = x")));
    assert_string_equal(text_z(&seen), "4|listen|127.0.0.1:8080\n5|name|码上督 ; kept # kept\n6|empty|\n"
                                       "7|quoted|\"a b\"\n9|sms.url|http://127.0.0.1:13013/cgi?a=b&c=d\n"
                                       "10|sms.last|x\n");
    assert_null(read_text(STR("\xef\xbb\xbfkey = 1\n"))); /* saved by an editor that adds a mark */
    assert_string_equal(text_z(&seen), "1|key|1\n");
    assert_null(read_text(STR_NONE));
    assert_int_equal(seen.n, 0);
}

static void refusals(void **state)
{
    (void)state;
    static const struct {
        struct str text;
        const char *error;
    } rows[] = {
        {STR("a = 1\nno pair here\nb = 2\n"),
         "line 2: this is neither a comment, a [section] nor a key = value"},
        {STR("\n[open\nb = 2\n"), "line 2: the section does not end with ]"},
        {STR("a = 1\n= 2\n"), "line 2: the key is empty or too long"},
        {STR("a = 1\n\nb = \xff\n"), "line 3: the line is not valid UTF-8 text"},
        {STR("a = 1\nb = x\0y\n"), "line 2: the line is not valid UTF-8 text"},
        {STR("a = 1\nrefused = 2\nb = 3\n"), "line 2: the setting is refused"},
        {STR("[a234567890123456789012345678901234567890123]\n"), "line 1: the section name is too long"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *error = read_text(rows[i].text);
        assert_non_null(error);
        assert_string_equal(error, rows[i].error);
        assert_null(strstr(text_z(&seen), "b|")); /* nothing behind the fault is handed out */
    }
}

static void long_lines(void **state)
{
    (void)state;
    struct text t;
    text_init(&t, 10000);
    text_addz(&t, "a = 1\nk = ");
    while (t.n < 6 + 4000) text_addc(&t, 'x');
    assert_null(read_text(text_str(&t)));
    assert_true(seen.n > 3996); /* not cut at inih's own 200 */
    text_addc(&t, 'x');
    assert_string_equal(read_text(text_str(&t)), "line 2: the line is too long");
    text_clear(&t);
    for (int i = 0; i < 101; i++) text_addc(&t, 'k');
    text_addz(&t, " = 1");
    assert_string_equal(read_text(text_str(&t)), "line 1: the key is empty or too long");
    text_free(&t);
}

static void files(void **state)
{
    (void)state;
    char path[] = "/tmp/msd-ini-XXXXXX";
    const char *error = NULL;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "a = 1\n", 6), 6);
    text_clear(&seen);
    assert_true(ini_read(path, collect, NULL, &error));
    assert_string_equal(text_z(&seen), "1|a|1\n");
    assert_int_equal(ftruncate(fd, 256 * 1024 + 1), 0);
    assert_false(ini_read(path, collect, NULL, &error));
    assert_string_equal(error, "the file is too long");
    close(fd);
    unlink(path);
    assert_false(ini_read(path, collect, NULL, &error));
    assert_non_null(strstr(error, "cannot be opened"));
    assert_false(ini_read("/tmp", collect, NULL, &error));
    assert_string_equal(error, "this is not a regular file");
    text_free(&seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(shapes), cmocka_unit_test(refusals),
                                       cmocka_unit_test(long_lines), cmocka_unit_test(files)};
    text_init(&seen, 10000);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
