/* What is common to all judges: how long a provider asks to wait, in every form that HTTP has for it. */
#include "adapters/outcome.h"
#include "adapters/reading.h"
#include "rows.h"

#define NOW SPAN_S(1773799200) /* 2026-03-18T02:00:00Z */

static void waits_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *said;
        i64 wait_s;
    } rows[] = {
        {"", 0},
        {"0", 0},
        {" 30 ", 30},
        {"86400", 86400},
        {"86401", 0}, /* over a day: the outbox decides */
        {"-1", 0},
        {"1.5", 0},
        {"soon", 0},
        {"Wed, 18 Mar 2026 02:00:30 GMT", 30},
        {"Wed, 18 Mar 2026 02:00:00 GMT", 0},
        {"Wed, 18 Mar 2026 01:59:59 GMT", 0}, /* behind us */
        {"Thu, 19 Mar 2026 02:00:00 GMT", 86400},
        {"Thu, 19 Mar 2026 02:00:01 GMT", 0},
        {"Wednesday, 18-Mar-26 02:02:00 GMT", 120},
        {"Wednesday, 18-Mar-77 02:02:00 GMT", 0}, /* 1977, not 2077 */
        {"Wed Mar 18 02:00:07 2026", 7},
        {"Wed, 18 Mar 2026 02:00:30 +0000", 0},
        {"Wed, 18 mar 2026 02:00:30 GMT", 0},
        {"Wed, 32 Mar 2026 02:00:30 GMT", 0},
        {"Wed, 18 Mar 2026 25:00:30 GMT", 0},
        {"Wed, 18 Mar 2026 02:00:30", 0},
        {",", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct http_reply reply = {
            .status = 503, .sent = true, .retry_after = s(rows[i].said), .at = {NOW.us}};
        const span got = outcome_retry_after(&reply);
        if (got.us != SPAN_S(rows[i].wait_s).us) fail_msg("\"%s\": %lld us", rows[i].said, (long long)got.us);
    }
    /* The first days of a month in the oldest form have a blank for their zero. */
    struct http_reply early = {.status = 503, .retry_after = STR("Fri Mar  6 02:00:09 2026")};
    early.at = read_time(STR("2026-03-06 02:00:00"), SPAN_S(0));
    assert_int_equal(outcome_retry_after(&early).us, SPAN_S(9).us);
    /* Without an instant of the answer a date says nothing, a number does. */
    early.at = (instant){0};
    assert_int_equal(outcome_retry_after(&early).us, 0);
    early.retry_after = STR("9");
    assert_int_equal(outcome_retry_after(&early).us, SPAN_S(9).us);
}

/* Every judge takes it over where the message goes again. */
static void every_judge_reads_it(void **state)
{
    (void)state;
    struct arena arena;
    const struct channel ch = {.name = STR("sms")};
    const struct http_reply slower = {
        .status = 429, .sent = true, .retry_after = STR("Wed, 18 Mar 2026 02:00:30 GMT"), .at = {NOW.us}};
    arena_init(&arena, 4096);
    for (const struct adapter *const *a = adapters; *a; a++) {
        struct sent_outcome got;
        if (!(*a)->judge || (*a)->use == USE_MAIL) continue; /* SMTP has no such word */
        (*a)->judge(&ch, &slower, &arena, &got);
        if (got.sent != SENT_RETRY || got.cause != CAUSE_RATE || got.retry_after.us != SPAN_S(30).us)
            fail_msg("%s: %d, %d, %lld us", (*a)->name, (int)got.sent, (int)got.cause,
                     (long long)got.retry_after.us);
    }
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_are_read),
        cmocka_unit_test(every_judge_reads_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
