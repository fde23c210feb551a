/* The bytes that PostgreSQL's binary receive functions expect, and that a put of the wrong type cannot slip through. */
#include "io/db_params.h"
#include "base/code.h"
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static const struct db_stmt scalars = {
    "scalars",
    "",
    9,
    {DB_INT2, DB_INT4, DB_INT8, DB_FLOAT8, DB_BOOL, DB_TEXT, DB_BYTEA, DB_JSONB, DB_TIMESTAMPTZ}};
static const struct db_stmt one_array = {"one_array", "", 1, {DB_TEXTS}};
static const struct db_stmt numbers = {"numbers", "", 2, {DB_INT4S, DB_JSONBS}};

static void bytes_are(const struct db_params *p, int i, const char *want)
{
    struct text hex;
    text_init(&hex, 1000);
    if (p->length[i] > 0) hex_put(&hex, (const u8 *)p->bytes.p + p->start[i], (size_t)p->length[i]);
    if (p->length[i] < 0) text_addz(&hex, "null");
    assert_string_equal(text_z(&hex), want);
    text_free(&hex);
}

static void scalar_bytes(void **state)
{
    (void)state;
    struct db_params *p = db_params_new(&scalars);
    db_put_i32(p, -2);
    db_put_i32(p, 0x01020304);
    db_put_i64(p, -1);
    db_put_f64(p, 1.0);
    db_put_bool(p, true);
    db_put_text(p, STR("灯"));
    db_put_bytes(p, STR("\0\xff"));
    db_put_json(p, STR("{}"));
    db_put_instant(p, (instant){INT64_C(946684800000001)});
    assert_int_equal(p->n, 9);
    static const char *const want[] = {"fffe",   "01020304", "ffffffffffffffff", "3ff0000000000000", "01",
                                       "e781af", "00ff",     "017b7d",           "0000000000000001"};
    for (int i = 0; i < 9; i++) bytes_are(p, i, want[i]);
    db_params_free(&p);
    assert_null(p);
}

static void nulls_and_empty(void **state)
{
    (void)state;
    struct db_params *p = db_params_new(&scalars);
    for (int i = 0; i < 5; i++) db_put_null(p);
    db_put_text(p, STR_NONE);
    db_put_bytes(p, STR("")); /* empty is not NULL */
    db_put_json(p, STR_NONE);
    db_put_instant(p, (instant){0});
    for (int i = 0; i < 9; i++) bytes_are(p, i, i == 6 ? "" : "null");
    db_params_free(&p);
}

static void array_bytes(void **state)
{
    (void)state;
    struct db_params *p = db_params_new(&one_array);
    db_array_begin(p, DB_TEXT, 3);
    db_put_text(p, STR("ab"));
    db_put_null(p);
    db_put_text(p, STR(""));
    db_array_end(p);
    bytes_are(p, 0,
              "00000001"
              "00000001"
              "00000019"
              "00000003"
              "00000001"
              "000000026162"
              "ffffffff"
              "00000000");
    db_params_free(&p);

    p = db_params_new(&numbers);
    db_array_begin(p, DB_INT4, 1);
    db_put_i32(p, 7);
    db_array_end(p);
    db_array_begin(p, DB_JSONB, 0);
    db_array_end(p);
    bytes_are(p, 0,
              "00000001"
              "00000000"
              "00000017"
              "00000001"
              "00000001"
              "00000004"
              "00000007");
    bytes_are(p, 1,
              "00000000"
              "00000000"
              "00000eda");
    db_params_free(&p);
}

static void over_the_ceiling(void **state)
{
    (void)state;
    size_t n = 20u << 20;
    char *big = calloc(1, n);
    struct db_params *p = db_params_new(&one_array);
    assert_non_null(big);
    db_array_begin(p, DB_TEXT, 3);
    for (int i = 0; i < 2; i++) db_put_text(p, (struct str){big, n});
    db_put_null(p);
    db_array_end(p);
    assert_true(p->bytes.overflow);
    assert_true(p->bytes.n <= DB_PARAMS_BYTES_MAX);
    db_params_free(&p);
    free(big);
}

static void wrong_type(struct db_params *p) { db_put_i64(p, 1); }
static void one_too_many(struct db_params *p)
{
    for (int i = 0; i < 10; i++) db_put_null(p);
}
static void out_of_range(struct db_params *p) { db_put_i32(p, 40000); } /* $1 is int2 */
static void element_missing(struct db_params *p)
{
    (void)p;
    struct db_params *q = db_params_new(&one_array);
    db_array_begin(q, DB_TEXT, 2);
    db_put_null(q);
    db_array_end(q);
}
static void element_type(struct db_params *p)
{
    (void)p;
    struct db_params *q = db_params_new(&one_array);
    db_array_begin(q, DB_TEXT, 2);
    db_put_bytes(q, STR("x"));
}

/* A bug in a caller stops the process before a byte goes to the server. */
static void bugs_stop_the_process(void **state)
{
    (void)state;
    void (*const bugs[])(struct db_params *) = {wrong_type, one_too_many, out_of_range, element_missing,
                                                element_type};
    for (size_t i = 0; i < ARRAY_LEN(bugs); i++) {
        pid_t child = fork();
        if (child == 0) {
            const struct rlimit none = {0, 0};
            setrlimit(RLIMIT_CORE, &none);
            signal(SIGABRT, SIG_DFL);
            if (!freopen("/dev/null", "w", stderr)) _exit(1);
            bugs[i](db_params_new(&scalars));
            _exit(0);
        }
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    }
}

/* --- what may go well in a moment --- */

static void passing_and_not(void **state)
{
    (void)state;
    static const char *const passing[] = {"40001", "40P01", "53100", "53300", "55P03",
                                          "57014", "57P01", "58030", "08006", DB_NEVER_SENT};
    static const char *const staying[] = {"23505", "22P02", "42501", "42P01", "54000", "XX000", "MSD40", ""};
    struct db_error e = {.sqlstate = ""};
    for (size_t i = 0; i < ARRAY_LEN(passing); i++) {
        snprintf(e.sqlstate, sizeof e.sqlstate, "%s", passing[i]);
        assert_true(db_passing(&e));
    }
    for (size_t i = 0; i < ARRAY_LEN(staying); i++) {
        snprintf(e.sqlstate, sizeof e.sqlstate, "%s", staying[i]);
        assert_false(db_passing(&e));
    }
    assert_true(db_passing(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalar_bytes),          cmocka_unit_test(nulls_and_empty),
        cmocka_unit_test(array_bytes),           cmocka_unit_test(over_the_ceiling),
        cmocka_unit_test(bugs_stop_the_process), cmocka_unit_test(passing_and_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
