/* What passed between us and the providers, newest first: rows of gateway/channel_log.c, whose shapes hold no secret, number or
 * word. */
#include "staff_channels_part.h"
#include "staff_query.h"
#include "base/code.h"
#include <stdlib.h>

#define LIMIT_DEFAULT 30
#define LIMIT_MAX     100
#define ANSWER_MAX    ((size_t)LIMIT_MAX * 32 * 1024)

/* The row policy lets administrators alone see rows. */
const struct db_stmt stmt_staff_channel_log = {
    "staff_channel_log",
    "select id, at, channel, what, outcome, status, took_ms, items, coalesce(outbox_id, 0), reason, request, reply from channel_log "
    "where ($1::text is null or channel = $1) and ($2::text[] is null or what = any ($2)) and ($3::text[] is null or outcome = any ($3)) "
    "and id < coalesce($4, 9223372036854775807) and ($5::bigint is null or outbox_id = $5) order by id desc limit $6",
    6,
    {DB_TEXT, DB_TEXTS, DB_TEXTS, DB_INT8, DB_INT8, DB_INT4}};

struct log_ask {
    struct staff_ask ask;
    int limit;
};

static void put_row(const struct staff_ask *a, const struct db_result *r, int i, struct text *t)
{
    text_addf(t, "%s{\"id\":%lld", i ? "," : "", (long long)db_get_i64(r, i, 0));
    json_put_instant(t, "at", db_get_instant(r, i, 1));
    json_put_text(t, "channel", db_get_text(r, i, 2));
    json_put_text(t, "what", db_get_text(r, i, 3));
    json_put_text(t, "outcome", db_get_text(r, i, 4));
    text_addf(t, ",\"status\":%lld,\"took_ms\":%lld,\"items\":%lld", (long long)db_get_i64(r, i, 5),
              (long long)db_get_i64(r, i, 6), (long long)db_get_i64(r, i, 7));
    if (db_get_i64(r, i, 8))
        text_addf(t, ",\"message\":%lld", (long long)db_get_i64(r, i, 8));
    else
        text_addz(t, ",\"message\":null");
    channels_put_sentence(a, "reason", db_get_text(r, i, 9), t);
    json_put_text(t, "request", db_get_text(r, i, 10));
    json_put_text(t, "reply", db_get_text(r, i, 11));
    text_addc(t, '}');
}

static void have_log(void *arg, enum db_end end, const struct db_result *const *results, int n,
                     const struct db_error *error)
{
    struct log_ask *q = arg;
    struct text body;
    (void)n;
    if (channels_entered(&q->ask, end, results, error)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        const int shown = MIN(db_rows(r), q->limit);
        text_init(&body, ANSWER_MAX);
        text_addz(&body, "{\"exchanges\":[");
        for (int i = 0; i < shown; i++) put_row(&q->ask, r, i, &body);
        channels_put_next(r, q->limit, 0, &body);
        text_addf(&body, ",\"seq\":%llu}", (unsigned long long)q->ask.seq);
        staff_answer(&q->ask, &body);
    }
    free(q);
}

static void put_number(struct db_params *p, i64 v)
{
    if (v)
        db_put_i64(p, v);
    else
        db_put_null(p);
}

void staff_channel_log(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct arena arena;
    const char *bad = NULL;
    (void)id;
    arena_init(&arena, 4096);
    const struct str channel = channels_word(in, "channel", false, &arena, &bad),
                     what = channels_word(in, "what", true, &arena, &bad),
                     outcome = channels_word(in, "outcome", true, &arena, &bad);
    const i64 before = channels_number(in, "before", INT64_MAX, 0, &bad),
              message = channels_number(in, "message", INT64_MAX, 0, &bad),
              limit = channels_number(in, "limit", LIMIT_MAX, LIMIT_DEFAULT, &bad);
    if (limit == 0) bad = "limit";
    if (bad) {
        query_refuse(a, bad);
    } else {
        struct log_ask *q = MEM_NEW(struct log_ask);
        *q = (struct log_ask){*a, (int)limit};
        struct db_call *c = staff_call(a, have_log, q);
        struct db_params *p = db_params_new(&stmt_staff_channel_log);
        db_put_text(p, channel);
        channels_put_words(p, what);
        channels_put_words(p, outcome);
        put_number(p, before);
        put_number(p, message);
        db_put_i32(p, (int)limit + 1); /* one more tells whether there is a next page */
        db_call_add(c, &stmt_staff_channel_log, p);
        if (!staff_go(a, c)) free(q);
    }
    arena_free(&arena);
}
