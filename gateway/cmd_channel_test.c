#include "cmd_channel_test.h"
#include "notices.h"
#include "outbox.h"
#include "adapters/adapter.h"
#include "base/code.h"
#include "core/submission.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

#define NAME    "channel"
#define BLOCK   65536u /* ids of a block, as gateway/ids.c counts */
#define LOOK_MS 250
#define MARGIN  SPAN_S(40) /* beyond the time of one sending: the claim, and one more try */

static void seal_hex(const struct keys *k, const char *what, u64 id, struct str plain, struct text *hex)
{
    char context[48];
    struct text sealed;
    snprintf(context, sizeof context, "%s %llu", what, (unsigned long long)id);
    text_init(&sealed, 8192);
    crypto_seal(k, KEY_OUTBOX, str_of(context), plain, &sealed);
    hex_put(hex, (const u8 *)sealed.p, sealed.n);
    text_free(&sealed);
}

/* The number as the outbox wants it. NULL with a sentence printed. */
static const char *recipient(const struct adapter *a, const char *to, char phone[PHONE_MAX])
{
    const bool needs = a->use == USE_SMS || a->use == USE_MAIL;
    if (!a->compose) {
        (void)cmd_fail(NAME, "a channel of the type %s only takes messages in", a->name);
        return NULL;
    }
    if (!to && a->use == USE_SMS) {
        (void)cmd_fail(NAME, "test needs --to NUMBER for this type");
        return NULL;
    }
    if (to && !needs) {
        (void)cmd_fail(NAME, "a channel of the type %s has one receiver: leave --to out", a->name);
        return NULL;
    }
    if (a->use != USE_SMS) return to ? to : "";
    if (!phone_normalise(str_of(to), phone)) {
        (void)cmd_fail(NAME, "%s is no telephone number", to);
        return NULL;
    }
    return phone;
}

static bool owe(const struct config *cfg, struct db_tool *db, const struct keys *k, const char *name,
                const struct adapter *a, const char *to, u64 id)
{
    struct text body, to_hex, body_hex, hash_hex;
    char id_text[24], words[200];
    u8 mac[32];
    snprintf(words, sizeof words, "测试消息，收到即表示通道正常，请勿回复。");
    snprintf(id_text, sizeof id_text, "%llu", (unsigned long long)id);
    text_init(&body, 4096);
    text_init(&to_hex, 16384);
    text_init(&body_hex, 16384);
    text_init(&hash_hex, 100);
    /* The sender puts the signature in front (gateway/messages.h). */
    text_addz(&body, "{\"text\":"), json_put(&body, str_of(words));
    text_addz(&body, ",\"sign\":"), json_put(&body, str_of(cfg->district_name));
    text_addz(&body, ",\"title\":\"测试消息\",\"event\":\"test\",\"lang\":\"zh\",\"params\":[],\"data\":");
    notices_put_test(cfg, &body);
    text_addf(&body, ",\"at\":%lld}", (long long)clock_now().us);
    seal_hex(k, OUTBOX_TO, id, str_of(to), &to_hex);
    seal_hex(k, OUTBOX_BODY, id, text_str(&body), &body_hex);
    const char *purpose = a->use == USE_SMS ? "answer" : a->use == USE_WEBHOOK ? "event" : "staff";
    if (*to) {
        const struct str person = str_of(to);
        crypto_mac(k, KEY_PERSON, &person, 1, mac);
        hex_put(&hash_hex, mac, sizeof mac);
    }
    const char *const params[] = {id_text,           name,    text_z(&to_hex),
                                  text_z(&body_hex), purpose, *to ? text_z(&hash_hex) : NULL};
    const bool good = cmd_execute(
        NAME, db,
        "insert into outbox (id, created_at, channel, recipient, body, body_form, dedupe_key, due_at, "
        "purpose, event, urgent, recipient_hash) values ($1::bigint, now(), $2, decode($3, 'hex'), decode($4, 'hex'), 1, "
        "'test:' || $1, now(), $5, 'test', true, decode($6, 'hex'))",
        6, params);
    text_free(&body);
    text_free(&to_hex);
    text_free(&body_hex);
    text_free(&hash_hex);
    return good;
}

static void pause_ms(long ms)
{
    const struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&t, NULL);
}

/* Waits for the row's fate and prints it. */
static bool watch_row(const struct config *cfg, struct db_tool *db, u64 id)
{
    char id_text[24];
    const char *const params[] = {id_text};
    const instant give_up = instant_add(instant_add(clock_monotonic(), cfg->outbox_deadline), MARGIN);
    snprintf(id_text, sizeof id_text, "%llu", (unsigned long long)id);
    for (;;) {
        struct db_rows *r = cmd_query(
            NAME, db,
            "select state, tries, coalesce(provider_id, ''), coalesce(last_error, ''), channel from outbox "
            "where id = $1::bigint",
            1, params);
        if (!r || db_rows_count(r) == 0) {
            db_rows_free(&r);
            return false;
        }
        const char *state = db_rows_text(r, 0, 0);
        const bool taken = strcmp(state, "sent") == 0 || strcmp(state, "delivered") == 0,
                   open = strcmp(state, "due") == 0 || strcmp(state, "claimed") == 0,
                   late = !instant_before(clock_monotonic(), give_up);
        if (!open || late) {
            printf("message=%s\nstate=%s\ntries=%s\nchannel=%s\n", id_text, state, db_rows_text(r, 0, 1),
                   db_rows_text(r, 0, 4));
            if (*db_rows_text(r, 0, 2)) printf("provider_id=%s\n", db_rows_text(r, 0, 2));
            if (*db_rows_text(r, 0, 3)) printf("reason=%s\n", db_rows_text(r, 0, 3));
            if (open && db_rows_text(r, 0, 1)[0] == '0')
                (void)cmd_fail(NAME, "nobody has taken the message: does a gateway run on this database?");
            db_rows_free(&r);
            return taken;
        }
        db_rows_free(&r);
        pause_ms(LOOK_MS);
    }
}

bool channel_test(const struct config *cfg, struct db_tool *db, const struct keys *k, const char *name,
                  const char *to)
{
    char phone[PHONE_MAX];
    struct db_rows *r = cmd_query(
        NAME, db, "select type, active, nextval('id_blocks') from channels where name = $1", 1, &name);
    if (!r) return false;
    const struct adapter *a = db_rows_count(r) ? adapter_find(str_of(db_rows_text(r, 0, 0))) : NULL;
    const bool active = a && db_rows_text(r, 0, 1)[0] == 't';
    const u64 id = a ? cmd_number(r, 0, 2) * BLOCK : 0;
    db_rows_free(&r);
    if (!a) return cmd_fail(NAME, "there is no channel %s of a type that this program knows", name), false;
    if (!active) return cmd_fail(NAME, "%s is disabled", name), false;
    const char *receiver = recipient(a, to, phone);
    return receiver && owe(cfg, db, k, name, a, receiver, id) && watch_row(cfg, db, id);
}
