/* Tables are read as RFC 4180 says, and nothing is guessed. */
#include "core/csv.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* Reads a whole file; the fields joined by '|', rows by '/'; a fault as "!sentence". */
static const char *read_all(struct str file, char *out, size_t max)
{
    struct arena a;
    struct csv c;
    struct text t;
    struct str f[CSV_FIELDS_MAX];
    const char *why = NULL;
    arena_init(&a, 1 << 16);
    text_init(&t, max - 1);
    if (!csv_open(&c, file, &a, &why))
        text_addf(&t, "!%s", why);
    else {
        enum csv_result got;
        while ((got = csv_next(&c, f, &why)) == CSV_ROW) {
            for (size_t i = 0; i < c.n_columns; i++) {
                if (i > 0) text_addc(&t, '|');
                text_add(&t, f[i]);
            }
            text_addf(&t, "@%zu/", c.line);
        }
        if (got == CSV_BAD) text_addf(&t, "!%s", why);
    }
    (void)strcpy(out, text_z(&t));
    text_free(&t);
    arena_free(&a);
    return out;
}

static void rows(void **state)
{
    (void)state;
    static const struct {
        struct str file;
        const char *want;
    } table[] = {
        {STR("a,b\n1,2\n"), "1|2@2/"},
        {STR("\xEF\xBB\xBF"
             "a,b\r\n1,2\r\n3,"),
         "1|2@2/3|@3/"},
        {STR("a,b\n\"x,y\",\"he said \"\"no\"\"\"\n"), "x,y|he said \"no\"@2/"},
        {STR("a,b\n\"two\nlines\",1\n3,4"), "two\nlines|1@2/3|4@4/"},
        {STR("a\n\"\"\n"), "@2/"},
        {STR("单位,名称\nU001,审批局\n"), "U001|审批局@2/"},
        {STR(""), "!the file has no header line"},
        {STR("a,a\n"), "!a column stands twice"},
        {STR("a,\n"), "!a column has no name"},
        {STR("a,b\n1\n"), "!fewer fields than columns"},
        {STR("a,b\n1,2,3\n"), "!more fields than columns"},
        {STR("a,b\n\n"), "!fewer fields than columns"},
        {STR("a\n\"open"), "!a quoted field does not end"},
        {STR("a\nx\"y\n"), "!a quote inside an unquoted field"},
        {STR("a\n\"x\"y\n"), "!text behind a closing quote"},
        {STR("a\nx\ry\n"), "!a carriage return without a line feed"},
        {STR("a\n\xFF\n"), "!the file is not UTF-8"},
    };
    char out[300];
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        assert_string_equal(read_all(table[i].file, out, sizeof out), table[i].want);
}

static void columns_are_found_by_name(void **state)
{
    (void)state;
    struct arena a;
    struct csv c;
    const char *why = NULL;
    arena_init(&a, 1 << 12);
    assert_true(csv_open(&c, STR("kind,word,value\n"), &a, &why));
    assert_int_equal(csv_column(&c, STR("value")), 2);
    assert_true(csv_column(&c, STR("weight")) == SIZE_MAX);
    arena_free(&a);
}

/* An office program runs what looks like a formula; every such beginning is made a text, and nothing else is changed. */
static void formulas_are_defused(void **state)
{
    (void)state;
    static const struct {
        struct str words;
        const char *want;
    } table[] = {
        {STR("=1+1"), "'=1+1"},    {STR("+86"), "'+86"},
        {STR("-1"), "'-1"},        {STR("@SUM(A1)"), "'@SUM(A1)"},
        {STR("\t=1"), "'\t=1"},    {STR("\r=1"), "'=1"},
        {STR(" \n=1"), "' \n=1"},  {STR("＝1"), "'＝1"},
        {STR("－1"), "'－1"},      {STR("\xE3\x80\x80=1"), "'\xE3\x80\x80=1"},
        {STR("1=1"), "1=1"},       {STR("路灯-坏了"), "路灯-坏了"},
        {STR("a\x01\x02z"), "az"}, {STR(""), ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct text t;
        text_init(&t, 100);
        csv_defuse(table[i].words, &t);
        assert_string_equal(text_z(&t), table[i].want);
        text_free(&t);
    }
}

/* What is written is read again as it was. */
static void written_is_read(void **state)
{
    (void)state;
    static const struct str fields[] = {STR("a,b"), STR("she said \"no\""), STR("two\nlines"),
                                        STR(""),    STR(" end "),           STR("a;b"),
                                        STR("路灯")};
    struct text t;
    struct arena a;
    struct csv c;
    struct str got[CSV_FIELDS_MAX];
    const char *why = NULL;
    text_init(&t, 1000);
    arena_init(&a, 1 << 16);
    text_addz(&t, "1,2,3,4,5,6,7\r\n");
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) csv_put(&t, fields[i], i == 0);
    csv_end_row(&t);
    assert_true(csv_open(&c, text_str(&t), &a, &why));
    assert_int_equal(csv_next(&c, got, &why), CSV_ROW);
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) assert_true(str_eq(got[i], fields[i]));
    assert_int_equal(csv_next(&c, got, &why), CSV_END);
    arena_free(&a);
    text_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rows), cmocka_unit_test(formulas_are_defused),
                                       cmocka_unit_test(written_is_read),
                                       cmocka_unit_test(columns_are_found_by_name)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
