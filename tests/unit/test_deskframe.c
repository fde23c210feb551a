/* What dashboards may say: each frame, and what is none. */
#include "core/deskframe.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void rows_of_frames(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool good;
        struct deskframe f;
    } rows[] = {
        {"{\"type\":\"subscribe\",\"since\":0}", true, {DESKFRAME_SUBSCRIBE, 0, 0, false}},
        {"{\"type\":\"subscribe\",\"since\":41}", true, {DESKFRAME_SUBSCRIBE, 41, 0, false}},
        /* Answered by reload, not by a closed door. */
        {"{\"type\":\"subscribe\"}", true, {DESKFRAME_SUBSCRIBE, -1, 0, false}},
        {"{\"type\":\"subscribe\",\"since\":-5}", true, {DESKFRAME_SUBSCRIBE, -1, 0, false}},
        {"{\"type\":\"subscribe\",\"since\":\"41\"}", true, {DESKFRAME_SUBSCRIBE, -1, 0, false}},
        {"{\"type\":\"subscribe\",\"since\":1.5}", true, {DESKFRAME_SUBSCRIBE, -1, 0, false}},
        {"{\"type\":\"presence\",\"case\":7,\"doing\":\"look\"}", true, {DESKFRAME_PRESENCE, -1, 7, false}},
        {"{\"type\":\"presence\",\"case\":7,\"doing\":\"write\",\"since\":3}",
         true,
         {DESKFRAME_PRESENCE, -1, 7, true}},
        {"{\"type\":\"presence\",\"case\":9007199254740991,\"doing\":\"look\"}",
         true,
         {DESKFRAME_PRESENCE, -1, UINT64_C(9007199254740991), false}},
        {"{\"type\":\"presence\",\"case\":9007199254740993,\"doing\":\"look\"}", false, {0}},
        {"{\"type\":\"presence\",\"case\":0,\"doing\":\"look\"}", false, {0}},
        {"{\"type\":\"presence\",\"case\":-7,\"doing\":\"look\"}", false, {0}},
        {"{\"type\":\"presence\",\"case\":\"7\",\"doing\":\"look\"}", false, {0}},
        {"{\"type\":\"presence\",\"case\":[7],\"doing\":\"look\"}", false, {0}},
        {"{\"type\":\"presence\",\"case\":null,\"doing\":\"look\"}", false, {0}},
        {"{\"type\":\"presence\",\"doing\":\"look\"}", false, {0}},
        {"{\"type\":\"presence\",\"case\":7}", false, {0}},
        {"{\"type\":\"presence\",\"case\":7,\"doing\":\"\"}", false, {0}},
        {"{\"type\":\"presence\",\"case\":7,\"doing\":\"Write\"}", false, {0}},
        {"{\"type\":\"presence\",\"case\":7,\"doing\":\"writes\"}", false, {0}},
        {"{\"type\":\"presence\",\"case\":7,\"case\":8,\"doing\":\"look\"}", false, {0}},
        {"{\"type\":\"leave\"}", true, {DESKFRAME_LEAVE, -1, 0, false}},
        {"{\"type\":\"pong\"}", true, {DESKFRAME_PONG, -1, 0, false}},
        {"{\"type\":\"Pong\"}", false, {0}},
        {"{\"type\":\"hello\"}", false, {0}},
        {"{\"type\":null}", false, {0}},
        {"{}", false, {0}},
        {"[]", false, {0}},
        {"[\"pong\"]", false, {0}},
        {"\"pong\"", false, {0}},
        {"", false, {0}},
        {"{\"type\":\"pong\"", false, {0}},
        {"{\"type\":\"pong\"}{}", false, {0}},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct deskframe f;
        bool good = deskframe_read(str_of(rows[i].text), &f);
        if (good != rows[i].good) fail_msg("row %zu: %s", i, rows[i].text);
        if (!good) continue;
        assert_int_equal(f.kind, rows[i].f.kind);
        assert_int_equal(f.since, rows[i].f.since);
        assert_int_equal(f.case_id, rows[i].f.case_id);
        assert_int_equal(f.writes, rows[i].f.writes);
    }
}

static void nothing_over_the_limit(void **state)
{
    (void)state;
    char text[DESKFRAME_MAX + 2];
    struct deskframe f;
    memset(text, ' ', sizeof text);
    memcpy(text, "{\"type\":\"pong\"}", 15);
    assert_true(deskframe_read((struct str){text, DESKFRAME_MAX}, &f));
    assert_false(deskframe_read((struct str){text, DESKFRAME_MAX + 1}, &f));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_frames),
        cmocka_unit_test(nothing_over_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
