/* What the administrator does with one channel: switches it, tries it with one message, tells a subscriber again what happened. */
#include "staff_channels_part.h"
#include "staff_body.h"
#include "ids.h"
#include "messages.h"
#include "notices.h"
#include "outbox.h"
#include "register.h"
#include "base/code.h"
#include "core/submission.h"
#include <stdlib.h>
#include <string.h>

#define ARENA_MAX     ((size_t)512 * 1024)
#define ANSWER_MAX    ((size_t)64 * 1024)
#define TEST_DATA_MAX ((size_t)4096)
#define TEST_WORDS    "测试消息，收到即表示通道正常，请勿回复。"

const struct db_stmt stmt_staff_channel_switch = {
    "staff_channel_switch", "select channel_switch($1, $2)", 2, {DB_TEXT, DB_BOOL}};
const struct db_stmt stmt_staff_channel_try = {"staff_channel_try",
                                               "select channel_try($1, $2, $3, $4, $5, $6)",
                                               6,
                                               {DB_INT8, DB_TEXT, DB_BYTEA, DB_BYTEA, DB_BYTEA, DB_TEXT}};
/* notices_replay raises for everybody but administrators: the guard is judged before it is called. */
const struct db_stmt stmt_staff_channel_replay = {
    "staff_channel_replay",
    "select r.id, r.first, r.last from notices_replay($1, null, null, $2, $3) r where i_am('{admin}')",
    3,
    {DB_TEXT, DB_TIMESTAMPTZ, DB_TIMESTAMPTZ}};
const struct db_stmt stmt_staff_channel_replays = {
    "staff_channel_replays",
    "select r.id, r.last, r.upto, r.owed, r.made_at, r.ended_at from notices_replays($1) r where i_am('{admin}')",
    1,
    {DB_TEXT}};

struct acting {
    struct staff_ask ask;
    u64 message;
    enum refusal why; /* told behind the session and the post: others learn nothing of channels */
};

static struct acting *acting_new(const struct staff_ask *a)
{
    struct acting *k = MEM_NEW(struct acting);
    *k = (struct acting){*a, 0, REFUSE_NONE};
    return k;
}

static void refuse(const struct acting *k)
{
    const bool receiver = k->why == REFUSE_CONTACT_BAD;
    staff_refuse(&k->ask, k->why, receiver ? "接收号码或邮箱地址有误；群机器人和订阅方不填。" : NULL,
                 receiver ? "The number or mail address is not readable; groups and subscribers take none."
                          : NULL);
}

/* --- on and off --- */

static void have_switched(void *arg, enum db_end end, const struct db_result *const *results, int n,
                          const struct db_error *error)
{
    struct acting *k = arg;
    (void)n;
    if (channels_entered(&k->ask, end, results, error)) {
        const struct str said = db_get_text(results[CASEWORK_FIRST], 0, 0);
        struct text body;
        if (str_eq(said, STR("gone"))) {
            staff_refuse(&k->ask, REFUSE_CHANNEL_UNKNOWN, NULL, NULL);
        } else {
            text_init(&body, 200);
            text_addz(&body, "{\"channel\":");
            json_put(&body, str_of(k->ask.name));
            text_addf(&body, ",\"changed\":%s}", str_eq(said, STR("same")) ? "false" : "true");
            staff_answer(&k->ask, &body);
        }
    }
    free(k);
}

static void switch_send(const struct staff_ask *a, const struct http_in *in, bool on)
{
    static const char *const known[] = {NULL};
    struct body b;
    if (!body_open(a, in, known, &b)) return;
    body_close(&b);
    struct acting *k = acting_new(a);
    struct db_call *c = staff_call(a, have_switched, k);
    struct db_params *p = db_params_new(&stmt_staff_channel_switch);
    db_put_text(p, str_of(a->name));
    db_put_bool(p, on);
    db_call_add(c, &stmt_staff_channel_switch, p);
    if (!staff_go(a, c)) free(k);
}

void staff_channel_enable(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    (void)id;
    switch_send(a, in, true);
}
void staff_channel_disable(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    (void)id;
    switch_send(a, in, false);
}

/* --- one message to see whether it works --- */

static void have_tried(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct acting *k = arg;
    struct text body;
    (void)n;
    if (channels_entered(&k->ask, end, results, error)) {
        if (k->why != REFUSE_NONE) {
            refuse(k);
        } else {
            outbox_wake(k->ask.g);
            text_init(&body, 200);
            text_addf(&body, "{\"message\":%llu}", (unsigned long long)k->message);
            staff_answer(&k->ask, &body);
        }
    }
    free(k);
}

static bool mail_good(struct str to)
{
    const size_t at = str_find(to, STR("@"));
    for (size_t i = 0; i < to.n; i++)
        if ((u8)to.p[i] <= ' ' || (u8)to.p[i] >= 0x7f) return false;
    return at != SIZE_MAX && at > 0 && at + 1 < to.n;
}

/* Whom it goes to, as the outbox wants it: .p NULL when that is nobody for this kind. */
static struct str receiver(const struct adapter *a, struct str to, char phone[PHONE_MAX])
{
    if (a->use == USE_SMS) return to.n && phone_normalise(to, phone) ? str_of(phone) : STR_NONE;
    if (to.n == 0) return STR("");
    return a->use == USE_MAIL && mail_good(to) ? to : STR_NONE;
}

static bool try_add(const struct staff_ask *a, const struct channel_row *row, struct str to, u64 message,
                    struct db_call *c)
{
    struct arena arena;
    struct owed_row sealed;
    struct text data;
    text_init(&data, TEST_DATA_MAX);
    notices_put_test(&a->g->cfg, &data);
    const enum adapter_use use = row->adapter->use;
    const struct owed o = {.id = message,
                           .channel = row->ch.name,
                           .to = to,
                           .text = STR(TEST_WORDS),
                           .title = use == USE_SMS ? STR_NONE : STR("测试消息"),
                           .kind = STR("test"),
                           .data = text_str(&data),
                           .purpose = use == USE_SMS       ? PURPOSE_ANSWER
                                      : use == USE_WEBHOOK ? PURPOSE_EVENT
                                                           : PURPOSE_STAFF,
                           .urgent = true};
    arena_init(&arena, ARENA_MAX);
    const bool good = messages_seal(a->g, &o, &arena, &sealed);
    if (good) {
        struct db_params *p = db_params_new(&stmt_staff_channel_try);
        db_put_i64(p, (i64)message);
        db_put_text(p, row->ch.name);
        db_put_bytes(p, sealed.recipient);
        db_put_bytes(p, sealed.body);
        db_put_bytes(p, sealed.recipient_hash);
        db_put_text(p, sealed.purpose);
        db_call_add(c, &stmt_staff_channel_try, p);
    }
    arena_free(&arena);
    text_free(&data);
    return good;
}

static void try_send(const struct staff_ask *a, struct str to)
{
    char phone[PHONE_MAX];
    const struct channel_row *row = register_ready(a->g) ? register_channel(a->g, str_of(a->name)) : NULL;
    struct acting *k = acting_new(a);
    struct db_call *c = staff_call(a, have_tried, k);
    if (!row || !channel_sends(row->adapter, &row->ch)) {
        k->why = REFUSE_CHANNEL_OFF;
    } else {
        const struct str who = receiver(row->adapter, to, phone);
        k->message = ids_next(a->g);
        if (!who.p)
            k->why = REFUSE_CONTACT_BAD;
        else if (!k->message || !try_add(a, row, who, k->message, c))
            k->why = REFUSE_UNAVAILABLE;
    }
    if (!staff_go(a, c)) free(k);
}

void staff_channel_test(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const known[] = {"to", NULL};
    struct body b;
    (void)id;
    if (!body_open(a, in, known, &b)) return;
    const struct str to = body_text(&b, "to", 0, MESSAGES_TO_MAX);
    if (!body_good(a, &b)) return;
    try_send(a, to);
    body_close(&b);
}

/* --- telling a subscriber again --- */

static bool subscriber(const struct staff_ask *a)
{
    const struct channel_row *row = register_ready(a->g) ? register_channel(a->g, str_of(a->name)) : NULL;
    return row && row->adapter->use == USE_WEBHOOK && channel_sends(row->adapter, &row->ch);
}

static enum refusal replay_refusal(const struct db_error *e)
{
    static const struct {
        const char *state;
        enum refusal why;
    } all[] = {{"MSD80", REFUSE_CHANNEL_OFF}, {"MSD81", REFUSE_REPLAY_RUNS}, {"MSD82", REFUSE_REPLAY_EMPTY}};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        if (strcmp(e->sqlstate, all[i].state) == 0) return all[i].why;
    return REFUSE_NONE;
}

static void have_replay(void *arg, enum db_end end, const struct db_result *const *results, int n,
                        const struct db_error *error)
{
    struct acting *k = arg;
    struct text body;
    (void)n;
    if (end == DB_FAILED && replay_refusal(error) != REFUSE_NONE) {
        k->why = replay_refusal(error); /* only an administrator's call comes so far */
        refuse(k);
    } else if (channels_entered(&k->ask, end, results, error)) {
        if (k->why != REFUSE_NONE) {
            refuse(k);
        } else {
            const struct db_result *r = results[CASEWORK_FIRST];
            text_init(&body, 300);
            text_addf(&body, "{\"id\":%lld,\"first\":%lld,\"last\":%lld}", (long long)db_get_i64(r, 0, 0),
                      (long long)db_get_i64(r, 0, 1), (long long)db_get_i64(r, 0, 2));
            staff_answer(&k->ask, &body);
        }
    }
    free(k);
}

void staff_channel_replay(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const known[] = {"from", "to", NULL};
    struct body b;
    (void)id;
    if (!body_open(a, in, known, &b)) return;
    const instant from = body_instant(&b, "from"), to = body_instant(&b, "to");
    if (!body_good(a, &b)) return;
    body_close(&b);
    struct acting *k = acting_new(a);
    struct db_call *c = staff_call(a, have_replay, k);
    if (subscriber(a)) {
        struct db_params *p = db_params_new(&stmt_staff_channel_replay);
        db_put_text(p, str_of(a->name));
        db_put_instant(p, from);
        db_put_instant(p, to);
        db_call_add(c, &stmt_staff_channel_replay, p);
    } else {
        k->why = REFUSE_CHANNEL_OFF;
    }
    if (!staff_go(a, c)) free(k);
}

static void have_replays(void *arg, enum db_end end, const struct db_result *const *results, int n,
                         const struct db_error *error)
{
    struct acting *k = arg;
    struct text body;
    (void)n;
    if (channels_entered(&k->ask, end, results, error)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        text_init(&body, ANSWER_MAX);
        text_addz(&body, "{\"replays\":[");
        for (int i = 0; i < db_rows(r); i++) {
            text_addf(&body, "%s{\"id\":%lld,\"last\":%lld,\"upto\":%lld,\"owed\":%lld", i ? "," : "",
                      (long long)db_get_i64(r, i, 0), (long long)db_get_i64(r, i, 1),
                      (long long)db_get_i64(r, i, 2), (long long)db_get_i64(r, i, 3));
            json_put_instant(&body, "made_at", db_get_instant(r, i, 4));
            json_put_instant(&body, "ended_at", db_get_instant(r, i, 5));
            text_addc(&body, '}');
        }
        text_addz(&body, "]}");
        staff_answer(&k->ask, &body);
    }
    free(k);
}

void staff_channel_replays(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    (void)in, (void)id;
    struct acting *k = acting_new(a);
    struct db_call *c = staff_call(a, have_replays, k);
    struct db_params *p = db_params_new(&stmt_staff_channel_replays);
    db_put_text(p, str_of(a->name));
    db_call_add(c, &stmt_staff_channel_replays, p);
    if (!staff_go(a, c)) free(k);
}
