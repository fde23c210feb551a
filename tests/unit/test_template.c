/* The renderer of the citizen pages: nothing a citizen typed gets out unescaped, bad templates are named at start,
 * and the catalogues say the same things in both languages. */
#include "core/caseflow.h"
#include "embedded.h"
#include "pages/template.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct file {
    const char *name, *bytes;
};
static bool load(void *arg, struct str name, struct str *bytes_r)
{
    for (const struct file *f = arg; f->name; f++) {
        if (!str_eq(name, str_of(f->name))) continue;
        *bytes_r = str_of(f->bytes);
        return true;
    }
    return false;
}

static struct words catalogue(const char *bytes)
{
    struct words w;
    struct text error;
    text_init(&error, 200);
    assert_true(words_parse(STR("words"), str_of(bytes), &w, &error));
    return w;
}

/* Renders `page` (with `part` beside it) over data and compares. */
static void expect(const char *page, const char *part, const struct template_data *data, const char *wanted)
{
    struct file files[] = {{"page", page}, {"part", part}, {NULL, NULL}};
    struct words w = catalogue("hello = 您好，{name}！\nplain = a < b\n");
    struct text error, out;
    text_init(&error, 200);
    text_init(&out, 100000);
    struct template *t = template_parse(STR("page"), &w, load, files, &error);
    if (!t) fail_msg("%s", text_z(&error));
    assert_true(template_render(t, &w, data, &out));
    assert_string_equal(text_z(&out), wanted);
    template_free(&t);
    text_free(&out);
    text_free(&error);
    words_free(&w);
}

static void values_are_always_escaped(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 100000);
    struct template_data *d = template_data_new(&a);
    template_put(d, "name", STR("\"><script>alert('x')</script>&amp;"));
    template_put(d, "bad", STR("a\xff\xc0\xaf z"));
    template_put(d, "long", STR("码上督"));
    const char *safe = "&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;amp;";
    char wanted[400];
    snprintf(wanted, sizeof wanted, "<a title=\"%s\">%s</a>", safe, safe);
    expect("<a title=\"{{name}}\">{{ name }}</a>", "", d, wanted);
    snprintf(wanted, sizeof wanted, "<p>您好，%s！", safe);
    expect("<p>{{t.hello}}", "", d, wanted);
    expect("{{t.plain}}", "", d, "a &lt; b");
    expect("{{bad}}", "", d, "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd z");
    expect("{{long}}{{missing}}", "", d, "码上督");
    struct text t;
    text_init(&t, 100);
    template_fill(STR("x {name} {missing} y {open"), d, &t);
    assert_string_equal(text_z(&t), "x \"><script>alert('x')</script>&amp;  y ");
    text_free(&t);
    arena_free(&a);
}

static void sections_follow_lists_flags_and_texts(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 100000);
    struct template_data *d = template_data_new(&a);
    template_put(d, "name", STR("外"));
    template_flag(d, "yes", true);
    template_flag(d, "no", false);
    template_put(d, "empty", STR(""));
    for (int i = 0; i < 3; i++) {
        struct template_data *row = template_row(d, "rows");
        template_put(row, "n", i == 0 ? STR("1") : i == 1 ? STR("2") : STR("3"));
        if (i == 1) template_put(row, "name", STR("内"));
        template_put(template_row(row, "inner"), "x", STR("a"));
        if (i == 2) template_put(template_row(row, "inner"), "x", STR("b"));
    }
    expect("{{#yes}}y{{/yes}}{{#no}}n{{/no}}{{^no}}N{{/no}}{{^yes}}Y{{/yes}}", "", d, "yN");
    expect("{{#empty}}e{{/empty}}{{^empty}}E{{/empty}}{{#name}}{{name}}{{/name}}", "", d, "E外");
    expect("{{#rows}}{{n}}{{name}};{{/rows}}", "", d, "1外;2内;3外;");
    expect("{{#rows}}{{#inner}}{{n}}{{x}} {{/inner}}{{/rows}}", "", d, "1a 2a 3a 3b ");
    expect("{{^rows}}none{{/rows}}{{^missing}}m{{/missing}}", "", d, "m");
    expect("[{{>part}}{{! remark }}]", "{{#yes}}{{name}}{{/yes}}", d, "[外]");
    expect("  a\n\n    {{#yes}}\n  b\n  {{/yes}}\n\n<textarea>\n{{name}}</textarea>", "", d,
           "a\nb\n<textarea>\n外</textarea>");
    arena_free(&a);
}

static void bad_templates_are_named_with_their_line(void **state)
{
    (void)state;
    static const struct {
        const char *page, *part, *error;
    } rows[] = {
        {"\n\n{{#a}}", "", "page.html:3: a section is not closed"},
        {"a\n{{/a}}", "", "page.html:2: nothing is open here: a"},
        {"{{#a}}{{#b}}{{/a}}", "", "page.html:1: closes another section: a"},
        {"\n{{name", "", "page.html:2: a tag is not closed"},
        {"{{na me}}", "", "page.html:1: is no name: na me"},
        {"{{}}", "", "page.html:1: is no name"},
        {"{{{raw}}}", "", "page.html:1: is no name: {raw"},
        {"{{&raw}}", "", "page.html:1: is no name: &raw"},
        {"<a href={{name}}>", "", "page.html:1: stands in a tag, but not between quotes: name"},
        {"<a title=\"x\" {{name}}>", "", "page.html:1: stands in a tag, but not between quotes: name"},
        {"<a title=\"{{name}}\"><{{t.hello}}>", "",
         "page.html:1: stands in a tag, but not between quotes: t.hello"},
        {"\n{{t.nothing}}", "", "page.html:2: is no sentence of the catalogue: nothing"},
        {"{{>nobody}}", "", "page.html:1: there is no such file: nobody"},
        {"{{>part}}", "\n{{>page}}", "part.html:2: takes in itself: page"},
        {"{{#a}}{{>part}}{{/a}}", "{{/a}}", "part.html:1: nothing is open here: a"},
        {"{{>part}}{{/a}}", "{{#a}}", "part.html:1: a section is not closed"},
        {"{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}", "",
         "page.html:1: sections are nested too deep: a"},
    };
    struct words w = catalogue("hello = x");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct file files[] = {{"page", rows[i].page}, {"part", rows[i].part}, {NULL, NULL}};
        struct text error;
        text_init(&error, 300);
        assert_null(template_parse(STR("page"), &w, load, files, &error));
        assert_string_equal(text_z(&error), rows[i].error);
        text_free(&error);
    }
    words_free(&w);
}

static void the_ceiling_of_the_output_holds(void **state)
{
    (void)state;
    struct file files[] = {{"page", "{{#rows}}{{name}}{{/rows}}"}, {NULL, NULL}};
    struct words w = catalogue("hello = x");
    struct text error, out;
    struct arena a;
    arena_init(&a, 1000000);
    text_init(&error, 300);
    text_init(&out, 1000);
    struct template_data *d = template_data_new(&a);
    template_put(d, "name", STR("''''''''''"));
    for (int i = 0; i < 1000; i++) (void)template_row(d, "rows");
    struct template *t = template_parse(STR("page"), &w, load, files, &error);
    assert_non_null(t);
    assert_false(template_render(t, &w, d, &out));
    assert_true(out.n <= 1000);
    text_free(&out);
    /* What does not fit the arena is told as well. */
    struct arena small;
    arena_init(&small, 600);
    d = template_data_new(&small);
    assert_non_null(d);
    for (int i = 0; i < 100; i++) template_put(template_row(d, "rows"), "name", STR("x"));
    text_init(&out, 100000);
    assert_false(template_render(t, &w, d, &out));
    text_free(&out);
    template_free(&t);
    arena_free(&small);
    arena_free(&a);
    words_free(&w);
    text_free(&error);
}

static void bad_catalogues_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *error;
    } rows[] = {
        {"# ok\na = 1\nno sign\n", "words:3: has no '='"},
        {"A = 1\n", "words:1: the key may hold a-z, 0-9, '_' and '.' only"},
        {"a =\n", "words:1: the sentence is empty"},
        {"a = 1\nb = 2\na = 3\n", "words: \"a\" stands twice"},
        {"a = \xff\n", "words:0: is not UTF-8"},
    };
    struct words w, x;
    struct text error;
    text_init(&error, 300);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        text_clear(&error);
        assert_false(words_parse(STR("words"), str_of(rows[i].bytes), &w, &error));
        assert_string_equal(text_z(&error), rows[i].error);
    }
    w = catalogue("a = 1\nb = 2\n");
    x = catalogue("a = 1\nc = 2\n");
    text_clear(&error);
    assert_true(words_match(&w, &w, &error));
    assert_false(words_match(&w, &x, &error));
    assert_string_equal(text_z(&error), "the sentence \"b\" stands in one catalogue only");
    assert_true(str_eq(words_find(&x, STR("c")), STR("2")));
    assert_null(words_find(&x, STR("b")).p);
    words_free(&w);
    words_free(&x);
    text_free(&error);
}

static bool load_built_in(void *arg, struct str name, struct str *bytes_r)
{
    char file[100];
    (void)arg;
    snprintf(file, sizeof file, "%.*s%s", STR_ARG(name), str_ends(name, STR(".css")) ? "" : ".html");
    const struct embedded *e = embedded_find(file);
    if (e) *bytes_r = e->bytes;
    return e != NULL;
}

static struct words built_in(const char *name)
{
    struct words w;
    struct text error;
    text_init(&error, 300);
    const struct embedded *e = embedded_find(name);
    assert_non_null(e);
    if (!words_parse(str_of(name), e->bytes, &w, &error)) fail_msg("%s", text_z(&error));
    text_free(&error);
    return w;
}

static void the_pages_that_are_built_in_can_be_read(void **state)
{
    (void)state;
    struct words zh = built_in("words.zh.txt"), en = built_in("words.en.txt");
    struct text error;
    size_t n = 0;
    text_init(&error, 300);
    if (!words_match(&zh, &en, &error)) fail_msg("%s", text_z(&error));
    for (const struct embedded *e = embedded_files; e->name; e++) {
        struct str name = str_of(e->name), stem = name;
        if (!str_ends(name, STR(".html"))) continue;
        stem.n -= 5;
        struct template *t = template_parse(stem, &zh, load_built_in, NULL, &error);
        if (!t) fail_msg("%s", text_z(&error));
        template_free(&t);
        n++;
    }
    assert_true(n >= 8);
    words_free(&zh);
    words_free(&en);
    text_free(&error);
}

/* Every step that the table shows to citizens has its sentence, in Chinese the very one of the table. */
static void the_catalogue_says_what_the_table_of_acts_says(void **state)
{
    (void)state;
    struct words zh = built_in("words.zh.txt");
    size_t n;
    const struct caseflow_row *rows = caseflow_acts(&n);
    for (size_t i = 0; i < n; i++) {
        char key[80];
        if (!rows[i].citizen) continue;
        struct str said = STR_NONE;
        if (rows[i].to >= 0) {
            snprintf(key, sizeof key, "act_%s_%s", case_act_word(rows[i].act),
                     case_state_word((enum case_state)rows[i].to));
            said = words_find(&zh, str_of(key));
        }
        snprintf(key, sizeof key, "act_%s", case_act_word(rows[i].act));
        if (!said.p) said = words_find(&zh, str_of(key));
        /* While other reporters are still to be asked, the sentence is another one. */
        if (rows[i].require & CASE_FLAG_MORE_TO_ASK) {
            snprintf(key, sizeof key, "act_%s_more", case_act_word(rows[i].act));
            said = words_find(&zh, str_of(key));
        }
        if (!said.p || !str_eq(said, str_of(rows[i].citizen)))
            fail_msg("%s: \"%s\" is not in the catalogue", key, rows[i].citizen);
    }
    for (int s = CASE_DISCOVERED; s < CASE_STATES_N; s++) {
        char key[80];
        snprintf(key, sizeof key, "stage_%s", case_state_word((enum case_state)s));
        assert_non_null(words_find(&zh, str_of(key)).p);
        snprintf(key, sizeof key, "next_%s", case_state_word((enum case_state)s));
        assert_non_null(words_find(&zh, str_of(key)).p);
    }
    words_free(&zh);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_always_escaped),
        cmocka_unit_test(sections_follow_lists_flags_and_texts),
        cmocka_unit_test(bad_templates_are_named_with_their_line),
        cmocka_unit_test(the_ceiling_of_the_output_holds),
        cmocka_unit_test(bad_catalogues_are_named),
        cmocka_unit_test(the_pages_that_are_built_in_can_be_read),
        cmocka_unit_test(the_catalogue_says_what_the_table_of_acts_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
