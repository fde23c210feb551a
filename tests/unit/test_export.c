/* Lists as files: answers become rows as the table of exports says, the table says nothing that the API does not, and what
 * strangers wrote cannot become a formula. */
#include "export.h"
#include "core/csv.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const struct export_column columns[] = {
    {"id", "编号", "Id", EXPORT_NUMBER, NULL},
    {"state", "状态", "State", EXPORT_WORD, export_states},
    {"unit.short_name", "单位", "Unit", EXPORT_TEXT, NULL},
    {"at", "时间", "At", EXPORT_TIME, NULL},
    {"day", "日期", "Day", EXPORT_DAY, NULL},
    {"held", "暂缓", "Held", EXPORT_YES, NULL},
    {"rate", "比率", "Rate", EXPORT_PERCENT, NULL},
    {"level", "等级", "Level", EXPORT_LEVEL, NULL},
    {"words", "文字", "Words", EXPORT_TEXT, NULL},
    {"units[].short_name", "单位们", "Units", EXPORT_TEXT, NULL},
    {"list", "列", "List", EXPORT_TEXT, NULL},
    {"^^all.n", "总数", "All", EXPORT_NUMBER, NULL},
    {NULL, NULL, NULL, EXPORT_TEXT, NULL},
};
static const struct export_column inner[] = {{"^name", "组", "Group", EXPORT_TEXT, NULL},
                                             {"v", "值", "Value", EXPORT_NUMBER, NULL},
                                             {NULL, NULL, NULL, EXPORT_TEXT, NULL}};
static const struct export_spec spec = {
    "sample",    "样",
    "Sample",    "/x",
    "before",    "next",
    "limit=100", {{"行", "Rows", "rows", columns}, {"组", "Groups", "groups[].items", inner}}};

static const char *cells(const struct export_rows *r, size_t part, struct text *t)
{
    text_clear(t);
    for (size_t i = 0; i < r->parts[part].n_rows * r->parts[part].n_columns; i++)
        text_addf(t, "%s%.*s", i ? "|" : "", STR_ARG(r->parts[part].cells[i].text));
    return text_z(t);
}

static void rows(void **state)
{
    struct export_rows r;
    struct text t;
    (void)state;
    text_init(&t, 10000);
    export_rows_init(&r, &spec, LANG_ZH, 10);
    assert_int_equal(
        export_rows_add(
            &r,
            STR("{\"rows\":[{\"id\":7,\"state\":\"closed\",\"unit\":{\"short_name\":\"住建局\"},\"at\":\"2026-03-18T16:30:00.000Z\",\"day\":"
                "\"2026-03-18\",\"held\":true,\"rate\":0.125,\"level\":2,\"words\":\"=1+1\",\"units\":[{\"short_name\":\"甲\"},{\"short_name\":"
                "\"乙\"}],\"list\":[\"a\",3]},{\"id\":-8,\"state\":\"strange\",\"unit\":null,\"at\":null,\"day\":null,\"held\":false,\"rate\":"
                "null,\"level\":null,\"words\":\"第一行\\n第二行\",\"units\":[],\"list\":[]}],\"groups\":[{\"name\":\"一\",\"items\":[{\"v\":1},"
                "{\"v\":2.5}]},{\"name\":\"二\",\"items\":[]},{\"name\":\"三\",\"items\":[{\"v\":3}]}],\"all\":{\"n\":5},\"next\":\"abc\"}")),
        EXPORT_OK);
    assert_string_equal(cells(&r, 0, &t),
                        "7|销号|住建局|2026-03-19 00:30|2026-03-18|是|12.5%|L2|'=1+1|甲、乙|a、3|5|"
                        "-8|strange|||||||第一行\n第二行|||5");
    assert_string_equal(cells(&r, 1, &t), "一|1|一|2.5|三|3");
    assert_string_equal(r.next, "abc");
    assert_int_equal(r.parts[0].cells[3].kind, TABLE_TIME);
    assert_int_equal(r.parts[0].cells[0].kind, TABLE_NUMBER);
    assert_int_equal(r.parts[0].cells[14].kind, TABLE_EMPTY);
    /* The second page goes behind the first, and says that it is the last. */
    assert_int_equal(export_rows_add(&r, STR("{\"rows\":[{\"id\":9}],\"groups\":[],\"next\":null}")),
                     EXPORT_OK);
    assert_int_equal(r.parts[0].n_rows, 3);
    assert_string_equal(r.next, "");
    /* Over the bound it is no file with rows missing, but a refusal. */
    assert_int_equal(export_rows_add(&r, STR("{\"rows\":[{},{},{},{},{},{}],\"next\":null}")),
                     EXPORT_TOO_MANY);
    assert_int_equal(export_rows_add(&r, STR("{\"rows\":")), EXPORT_UNREADABLE);
    export_rows_free(&r);
    text_free(&t);
}

static void a_list_that_was_cut_is_refused(void **state)
{
    static const struct export_spec whole = {"s",  "s",  "s",  "/x",
                                             NULL, NULL, NULL, {{"行", "Rows", "rows", inner}}};
    static const struct export_spec paged = {"s",     "s",  "s",  "/x",
                                             "after", "^v", NULL, {{"行", "Rows", "rows", inner}}};
    struct export_rows r;
    (void)state;
    export_rows_init(&r, &whole, LANG_EN, 10);
    assert_int_equal(export_rows_add(&r, STR("{\"rows\":[{\"v\":1}],\"more\":true}")), EXPORT_TOO_MANY);
    export_rows_free(&r);
    export_rows_init(&r, &paged, LANG_EN, 10);
    assert_int_equal(export_rows_add(&r, STR("{\"rows\":[{\"v\":1},{\"v\":12}],\"more\":true}")), EXPORT_OK);
    assert_string_equal(r.next, "12");
    assert_int_equal(export_rows_add(&r, STR("{\"rows\":[{\"v\":13}],\"more\":false}")), EXPORT_OK);
    assert_string_equal(r.next, "");
    export_rows_free(&r);
}

/* --- the table of exports against the description of the API --- */

static struct json *api;

static const struct json *schema_of(const struct json *s)
{
    for (int depth = 0; depth < 8; depth++) {
        const struct str ref = json_str(json_get(s, "$ref"));
        const struct json *any = json_get(s, "oneOf") ? json_get(s, "oneOf") : json_get(s, "anyOf");
        if (ref.n) {
            char name[100];
            snprintf(name, sizeof name, "%.*s", (int)(ref.n - 21), ref.p + 21); /* #/components/schemas/ */
            s = json_get(json_get(json_get(api, "components"), "schemas"), name);
        } else if (any && json_count(any) == 2 && json_str(json_get(json_at(any, 1), "type")).n == 4) {
            s = json_at(any, 0); /* …or null */
        } else {
            break;
        }
    }
    return s;
}

static bool described(const struct json *s, struct str path);

static bool member_described(const struct json *s, struct str name, struct str rest)
{
    char key[100];
    s = schema_of(s);
    const struct json *any = json_get(s, "oneOf") ? json_get(s, "oneOf") : json_get(s, "anyOf");
    for (size_t i = 0; i < json_count(any); i++)
        if (member_described(json_at(any, i), name, rest)) return true;
    if (str_ends(name, STR("[]"))) name.n -= 2;
    snprintf(key, sizeof key, "%.*s", STR_ARG(name));
    const struct json *next = json_get(json_get(s, "properties"), key);
    return next && described(next, rest);
}

static bool described(const struct json *s, struct str path)
{
    struct str name, rest;
    u64 at;
    if (path.n == 0) return s != NULL;
    s = schema_of(s);
    str_cut(path, '.', &name, &rest);
    if (json_get(s, "items") && str_u64(name, 100, &at)) return described(json_get(s, "items"), rest);
    if (json_get(s, "items")) return described(json_get(s, "items"), path);
    return member_described(s, name, rest);
}

/* Of GET path, in which '#' stands for whatever the description calls it. */
static const struct json *answer_of(const struct json *paths, const char *path)
{
    static const char *const names[] = {"{record}", "{year}"};
    const char *hash = strchr(path, '#');
    const struct json *found = NULL;
    for (size_t i = 0; !found && i < ARRAY_LEN(names); i++) {
        char full[100];
        snprintf(full, sizeof full, "%.*s%s", hash ? (int)(hash - path) : (int)strlen(path), path,
                 hash ? names[i] : "");
        found = json_get(json_get(json_get(paths, full), "get"), "responses");
    }
    found = json_get(json_get(json_get(found, "200"), "content"), "application/json");
    return json_get(found, "schema");
}

static void every_column_is_in_the_description(void **state)
{
    const char *why;
    FILE *f = fopen(TREE "/gateway/staff_openapi.json", "r");
    static char file[1 << 20];
    (void)state;
    assert_non_null(f);
    const size_t n = fread(file, 1, sizeof file, f);
    (void)fclose(f);
    api = json_parse((struct str){file, n}, sizeof file, &why);
    assert_non_null(api);
    const struct json *paths = json_get(api, "paths");
    const struct json *names = json_get(
        json_get(json_at(json_get(json_get(json_get(paths, "/exports/{list}"), "post"), "parameters"), 0),
                 "schema"),
        "enum");
    assert_int_equal(json_count(names), n_export_specs);
    for (size_t i = 0; i < n_export_specs; i++) {
        const struct export_spec *e = &export_specs[i];
        assert_true(str_eq(json_str(json_at(names, i)), str_of(e->name)));
        const struct json *answer = answer_of(paths, e->path);
        if (!answer) fail_msg("%s: no description of %s", e->name, e->path);
        for (size_t k = 0; k < EXPORT_TABLES_MAX && e->parts[k].columns; k++) {
            const struct export_part *p = &e->parts[k];
            const struct str array = str_of(p->array);
            const size_t each = str_find(array, STR("[]."));
            if (!described(answer, array)) fail_msg("%s: %s", e->name, p->array);
            for (const struct export_column *c = p->columns; c->path; c++) {
                char full[200];
                if (strncmp(c->path, "^^", 2) == 0 || (c->path[0] == '^' && each == SIZE_MAX))
                    snprintf(full, sizeof full, "%s", c->path + (c->path[1] == '^' ? 2 : 1));
                else if (c->path[0] == '^')
                    snprintf(full, sizeof full, "%.*s.%s", (int)each, p->array, c->path + 1);
                else
                    snprintf(full, sizeof full, "%s%s%s", p->array, array.n ? "." : "", c->path);
                if (!described(answer, str_of(full))) fail_msg("%s: %s is not described", e->name, full);
            }
        }
    }
    json_free(&api);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows),
        cmocka_unit_test(a_list_that_was_cut_is_refused),
        cmocka_unit_test(every_column_is_in_the_description),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
